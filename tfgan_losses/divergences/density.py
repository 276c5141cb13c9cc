"""A distribution on the points of a grid."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

# How far a sum of probabilities may be from 1; rounding of 10^6 terms is a thousand times less.
_SUM_TOLERANCE = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class Density:
    """Probabilities on the points of a grid.

    Attributes:
        grid: The points, float64 [n], strictly increasing, or [n, dimension], in any order.
        probabilities: Their probabilities, float64 [n], at least 0, with the sum 1.

    Raises:
        ValueError: If the shapes do not fit, a value is not finite, a probability is negative,
            the probabilities do not sum to one, or a grid [n] does not increase.

    Examples:
        >>> from tfgan_losses.divergences import Density
        >>> Density([0.0, 1.0], [0.25, 0.75]).expectation([0.0, 1.0])
        0.75
    """

    grid: np.ndarray
    probabilities: np.ndarray

    def __post_init__(self) -> None:
        grid = np.array(self.grid, np.float64)
        probabilities = np.array(self.probabilities, np.float64)
        _check_grid(grid)
        _check_weights("probabilities", probabilities, grid)
        if abs(probabilities.sum() - 1) > _SUM_TOLERANCE:
            raise ValueError(
                "Expected probabilities that sum to one; Density.from_values(grid, values) divides "
                f"the values of a density by their integral. Received: sum {probabilities.sum()}"
            )
        object.__setattr__(self, "grid", grid)
        object.__setattr__(self, "probabilities", probabilities)

    @classmethod
    def from_values(cls, grid: ArrayLike, values: ArrayLike) -> Density:
        """The distribution whose probability density has these values, up to a factor.

        Args:
            grid: Points [n], strictly increasing, equally spaced or not.
            values: Values of the density there, [n], at least 0. They need not be normalised: what
                lies outside the grid is lost.

        Raises:
            ValueError: If the shapes do not fit, a value is negative or not finite, or all are 0.
        """
        grid, values = np.asarray(grid, np.float64), np.asarray(values, np.float64)
        _check_grid(grid)
        if grid.ndim != 1 or len(grid) < 2:
            raise ValueError(f"Expected a grid [n] of 2 points or more. Received: {grid.shape}")
        _check_weights("values", values, grid)
        weights = values * np.gradient(grid)
        if not weights.sum() > 0:
            raise ValueError("Expected a value above 0 on the grid. Received: none")
        return cls(grid, weights / weights.sum())

    def expectation(self, values: ArrayLike) -> float:
        """The mean of a function with these values on the grid, [n]; infinity times 0 is 0.

        Raises:
            ValueError: If there is not one value for each point.
        """
        values = np.asarray(values, np.float64)
        if values.shape != self.probabilities.shape:
            raise ValueError(
                f"Expected one value for each of the {len(self.probabilities)} points. "
                f"Received: shape {values.shape}"
            )
        some = self.probabilities > 0
        return float(np.sum(self.probabilities[some] * values[some]))


def mixture(p: Density, q: Density, weight: float = 0.5) -> Density:
    """The distribution `weight` p + (1 - `weight`) q, on the grid of both.

    Args:
        p: A distribution.
        q: Another one on the same grid.
        weight: Of p, in [0, 1].

    Raises:
        ValueError: If the grids differ or the weight is not in [0, 1].
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"Expected weight in [0, 1]. Received: weight={weight}")
    p_values, q_values = probabilities_on_one_grid(p, q)
    return Density(p.grid, weight * p_values + (1 - weight) * q_values)


def probabilities_on_one_grid(p: object, q: object) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities of two densities that have one grid.

    Raises:
        TypeError: If one is no `Density`.
        ValueError: If the grids differ.
    """
    if not (isinstance(p, Density) and isinstance(q, Density)):
        raise TypeError(
            "Expected two densities on a grid; a Gaussian is put on one by .on(grid). "
            f"Received: {type(p).__name__} and {type(q).__name__}"
        )
    if not np.array_equal(p.grid, q.grid):
        raise ValueError(
            f"Expected two densities on the same grid. Received: {_describe(p.grid)} and "
            f"{_describe(q.grid)}"
        )
    return p.probabilities, q.probabilities


def _describe(grid: np.ndarray) -> str:
    lowest, highest = grid.min(axis=0).tolist(), grid.max(axis=0).tolist()
    return f"{len(grid)} points from {lowest} to {highest}"


def _check_grid(grid: np.ndarray) -> None:
    if grid.ndim not in (1, 2) or grid.size == 0 or not np.isfinite(grid).all():
        raise ValueError(
            "Expected a grid of finite points, [n] or [n, dimension]. "
            f"Received: shape {grid.shape}, finite: {bool(np.isfinite(grid).all())}"
        )
    if grid.ndim == 1 and not (np.diff(grid) > 0).all():
        raise ValueError(f"Expected a strictly increasing grid. Received: {grid}")


def _check_weights(name: str, weights: np.ndarray, grid: np.ndarray) -> None:
    if weights.shape != (len(grid),):
        raise ValueError(
            f"Expected {name} of shape {(len(grid),)}, one for each point of the grid. "
            f"Received: shape {weights.shape}"
        )
    if not (weights >= 0).all() or not np.isfinite(weights).all():
        raise ValueError(
            f"Expected finite {name} of at least 0. Received: values from {weights.min()} to "
            f"{weights.max()}"
        )
