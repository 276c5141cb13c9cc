"""Wasserstein distances on lines through the features: what the sliced distances have in common."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from tfgan_losses.metrics.base import GeneratorMetric
from tfgan_losses.random import derived_seed

_ENTRIES = 2**21  # Projections of one set that are held at once, 16 MB.


def unit_directions(count: int, width: int, seed: int) -> np.ndarray:
    """Returns random unit vectors, uniform on the sphere, float64 [count, width].

    Args:
        count: At least 2.
        width: Features.
        seed: The same directions again for the same seed.

    Raises:
        ValueError: If `count` is no such integer.
    """
    check_projections(count)
    # Features drawn from `default_rng(seed)` by a user are not these directions.
    rng = np.random.default_rng(derived_seed(seed, "directions of slices"))
    directions = rng.normal(size=[count, width])
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def check_projections(projections: int) -> None:
    """Raises ValueError unless it is a number of directions, of which errors can be estimated."""
    whole = isinstance(projections, int | np.integer) and not isinstance(projections, bool)
    if not whole or projections < 2:
        raise ValueError(f"Expected projections to be an integer >= 2. Received: {projections=}")


def squared_distance(
    real: np.ndarray, generated: np.ndarray, directions: np.ndarray
) -> tuple[float, float]:
    """The mean over directions of the squared Wasserstein-2 distance of projections, and its error.

    On a line, the best transport keeps the order: it is the mean squared difference of the quantile
    functions, which are steps of width 1/n and 1/m.

    The standard error is that over repeated draws of directions and of both sets. What examples
    contribute comes from how much each of them moves the distance (delta method), which is its
    Kantorovich potential, of slope 2 (x - T(x)), T being the transport.

    Args:
        real: float64 [n, features].
        generated: float64 [m, features].
        directions: Unit vectors, float64 [directions, features].
    """
    transport = _Transport.between(len(real), len(generated))
    distances: list[np.ndarray] = []
    real_moves, generated_moves = np.zeros(len(real)), np.zeros(len(generated))
    parts = math.ceil(len(directions) * max(len(real), len(generated)) / _ENTRIES)
    for some in np.array_split(directions, min(parts, len(directions))):
        (x, x_order), (y, y_order) = _sorted(some @ real.T), _sorted(some @ generated.T)
        apart = x[:, transport.real] - y[:, transport.generated]
        distances.append(np.square(apart) @ transport.mass)
        apart *= transport.mass
        real_moves += _potentials(x, x_order, _by_example(apart, transport.real))
        generated_moves += _potentials(y, y_order, _by_example(-apart, transport.generated))
    of_all = np.concatenate(distances)
    variance = np.var(of_all, ddof=1) / len(of_all)
    for moves in (real_moves, generated_moves):
        variance += np.var(moves / len(of_all), ddof=1) / len(moves)
    return float(of_all.mean()), float(np.sqrt(variance))


@dataclasses.dataclass(frozen=True, eq=False)
class _Transport:
    """Which of n sorted points goes to which of m, and how much of it: pieces in rising order."""

    real: np.ndarray
    generated: np.ndarray
    mass: np.ndarray

    @classmethod
    def between(cls, n: int, m: int) -> _Transport:
        # In units of 1 / (n m), in which all steps of both quantile functions are whole numbers.
        edges = np.union1d(np.arange(n + 1) * m, np.arange(m + 1) * n)
        return cls(edges[:-1] // m, edges[:-1] // n, np.diff(edges) / (n * m))


def _sorted(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = lines.argsort(axis=1)
    return np.take_along_axis(lines, order, axis=1), order


def _by_example(apart: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Returns how far each sorted example is from where it goes, the mean over its pieces."""
    starts = np.flatnonzero(np.diff(examples, prepend=-1))
    return np.add.reduceat(apart, starts, axis=1) * len(starts)


def _potentials(line: np.ndarray, order: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Returns the potential of each example, but for a constant, the sum over directions."""
    rises = (apart[:, 1:] + apart[:, :-1]) * np.diff(line, axis=1)  # Trapezia under 2 (x - T(x)).
    potentials = np.pad(np.cumsum(rises, axis=1), [(0, 0), (1, 0)])
    return np.bincount(order.ravel(), weights=potentials.ravel(), minlength=line.shape[1])


class SlicedMetric(GeneratorMetric):
    """The options of a metric of random directions.

    Args:
        projections: Random directions, at least 2.
        seed: Of the directions, and of all else that is drawn.

    Raises:
        ValueError: If `projections` is no such integer.
    """

    def __init__(self, projections: int = 1000, seed: int = 0):
        check_projections(projections)
        self.projections = projections
        self.seed = seed

    def get_config(self) -> dict[str, int]:
        """Number and seed of the directions."""
        return {"projections": self.projections, "seed": self.seed}
