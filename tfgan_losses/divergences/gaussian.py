"""Gaussians on the line, and what is known of two of them in closed form.

Derivations: D. Pardo, 2006, Statistical Inference Based on Divergence Measures, chapter 1, and the
Gaussian integrals behind it. With m and s for mean and standard deviation.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.divergences.density import Density


@dataclasses.dataclass(frozen=True)
class Gaussian:
    """A normal distribution on the line.

    Attributes:
        mean: Any finite number.
        std: Standard deviation, above 0.

    Raises:
        ValueError: If one is out of range.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.divergences import Gaussian
        >>> float(Gaussian(0.0, 1.0).on(np.linspace(-9, 9, 401)).probabilities.sum().round(6))
        1.0
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.mean):
            raise ValueError(f"Expected a finite mean. Received: mean={self.mean}")
        if not (math.isfinite(self.std) and self.std > 0):
            raise ValueError(f"Expected std > 0. Received: std={self.std}")

    def on(self, grid: ArrayLike) -> Density:
        """Its density on a grid [n] that holds all but a negligible part of it.

        Raises:
            ValueError: If more than 1e-9 of it lies outside the grid.
        """
        grid = np.asarray(grid, np.float64)
        outside = 1 - self.probability_below(grid[-1]) + self.probability_below(grid[0])
        if outside > 1e-9:
            raise ValueError(
                f"Expected a grid that holds all but 1e-9 of the distribution {self}. "
                f"Received: {grid[0]} to {grid[-1]}, {outside:.2g} lies outside"
            )
        values = np.exp(-np.square((grid - self.mean) / self.std) / 2)
        # It is nowhere 0: rounding to 0 would make Kullback-Leibler divergences infinite.
        return Density.from_values(grid, np.maximum(values, np.finfo(np.float64).tiny))

    def probability_below(self, x: float) -> float:
        """The cumulative distribution function at x."""
        return math.erfc((self.mean - x) / (self.std * math.sqrt(2))) / 2


def kl(p: Gaussian, q: Gaussian) -> float:
    """log(s_q / s_p) + (s_p^2 + (m_p - m_q)^2) / (2 s_q^2) - 1/2."""
    difference = p.mean - q.mean
    return math.log(q.std / p.std) + (p.std**2 + difference**2) / (2 * q.std**2) - 0.5


def hellinger(p: Gaussian, q: Gaussian) -> float:
    """sqrt(1 - sqrt(2 s_p s_q / v) exp(-(m_p - m_q)^2 / (4 v))), v = s_p^2 + s_q^2."""
    total = p.std**2 + q.std**2
    exponent = -((p.mean - q.mean) ** 2) / (4 * total)
    affinity = math.sqrt(2 * p.std * q.std / total) * math.exp(exponent)
    return math.sqrt(max(0.0, 1 - affinity))


def pearson_chi2(p: Gaussian, q: Gaussian) -> float:
    """s_q^2 / (s_p sqrt(v)) exp((m_p - m_q)^2 / v) - 1 with v = 2 s_q^2 - s_p^2; inf if v <= 0."""
    v = 2 * q.std**2 - p.std**2
    exponent = (p.mean - q.mean) ** 2 / v if v > 0 else math.inf
    if exponent > 700:  # exp overflows
        return math.inf
    return q.std**2 / (p.std * math.sqrt(v)) * math.exp(exponent) - 1


def total_variation(p: Gaussian, q: Gaussian) -> float:
    """The difference of the cumulative distribution functions, added up between the crossings."""
    crossings = _crossings(p, q)
    differences = [p.probability_below(x) - q.probability_below(x) for x in crossings]
    return (
        sum(abs(b - a) for a, b in zip([0.0, *differences], [*differences, 0.0], strict=True)) / 2
    )


def wasserstein_1d(p: Gaussian, q: Gaussian, order: float) -> float:
    """(E |d_m + d_s Z|^order)^(1/order) with the differences d of m and s, and Z ~ N(0, 1)."""
    shift, stretch = abs(p.mean - q.mean), abs(p.std - q.std)
    if order == 2 or stretch == 0:
        return math.hypot(shift, stretch)
    if order != 1:
        raise ValueError(f"Expected order 1 or 2 for two Gaussians. Received: order={order}")
    # The mean of a folded normal distribution.
    ratio = shift / stretch
    tail = shift * math.erf(ratio / math.sqrt(2))
    return stretch * math.sqrt(2 / math.pi) * math.exp(-(ratio**2) / 2) + tail


def _crossings(p: Gaussian, q: Gaussian) -> list[float]:
    """Where the two densities are equal: the roots of the difference of their logarithms."""
    a = 1 / q.std**2 - 1 / p.std**2
    b = 2 * (p.mean / p.std**2 - q.mean / q.std**2)
    c = q.mean**2 / q.std**2 - p.mean**2 / p.std**2 - 2 * math.log(p.std / q.std)
    if a == 0:
        return [] if b == 0 else [-c / b]
    root = math.sqrt(max(0.0, b**2 - 4 * a * c))
    # Without cancellation: the larger root first, the other from their product c / a.
    large = -(b + math.copysign(root, b)) / 2
    return sorted([large / a, c / large] if large else [0.0, 0.0])
