"""The Wasserstein distance on the line, where it needs no optimisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.divergences import gaussian
from tfgan_losses.divergences.density import Density
from tfgan_losses.divergences.gaussian import Gaussian


def wasserstein_1d(
    p: Density | Gaussian | ArrayLike, q: Density | Gaussian | ArrayLike, *, order: float = 1.0
) -> float:
    """W_order(p, q), the least cost of moving p onto q: in units of the line, not in nats.

    On the line the best plan moves each quantile of p to the same quantile of q, so the distance is
    (integral over u of |P^-1(u) - Q^-1(u)|^order)^(1/order). For samples and densities, whose
    quantiles are steps, the integral is a finite sum: the result is exact.

    Args:
        p: `Density` on a grid [n], samples [n] of equal weight, or a `Gaussian`.
        q: The same kind. Neither the grids nor the numbers of samples need be equal.
        order: 1 for what WGAN's critic estimates; at least 1. For Gaussians 1 or 2.

    Returns:
        At least 0; 0 if and only if p = q.

    Raises:
        TypeError: If one is a Gaussian and the other is not.
        ValueError: If the order is below 1, there are no samples, or points are not on the line.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.divergences import wasserstein_1d
        >>> wasserstein_1d(np.array([0.0, 1.0]), np.array([5.0, 6.0]))
        5.0

    References:
        Villani, 2009, Optimal Transport: Old and New, remark 6.4 (the order-1 distance and its
        dual, the Kantorovich-Rubinstein formula of the WGAN paper, arXiv:1701.07875, equation 2).
    """
    if not order >= 1:
        raise ValueError(f"Expected order >= 1. Received: order={order}")
    if isinstance(p, Gaussian) and isinstance(q, Gaussian):
        return gaussian.wasserstein_1d(p, q, order)
    if isinstance(p, Gaussian) or isinstance(q, Gaussian):
        raise TypeError(
            "Expected two Gaussians or none; .on(grid) puts one on a grid. "
            f"Received: {type(p).__name__} and {type(q).__name__}"
        )
    (p_points, p_levels), (q_points, q_levels) = _quantiles(p), _quantiles(q)
    levels = np.union1d(p_levels, q_levels)
    widths = np.diff(levels, prepend=0.0)
    # The quantile functions are constant between two levels. Rounding can leave the last level of
    # one just below that of the other.
    p_index = np.minimum(np.searchsorted(p_levels, levels), len(p_points) - 1)
    q_index = np.minimum(np.searchsorted(q_levels, levels), len(q_points) - 1)
    distances = np.abs(p_points[p_index] - q_points[q_index])
    return float(np.sum(widths * distances**order) ** (1 / order))


def _quantiles(distribution: Density | ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The points in increasing order, and the probability up to and with each."""
    if isinstance(distribution, Density):
        points, probabilities = distribution.grid, distribution.probabilities
    else:
        points = np.asarray(distribution, np.float64)
        probabilities = np.full(points.shape, 1 / max(1, points.size))
    if points.ndim != 1 or points.size == 0 or not np.isfinite(points).all():
        raise ValueError(
            "Expected finite points on the line, [n] with n >= 1. "
            f"Received: shape {points.shape}, finite: {bool(np.isfinite(points).all())}"
        )
    some = probabilities > 0
    return np.sort(points[some]), np.cumsum(probabilities[some])
