"""The nearest neighbours of points, among themselves or among others."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.distances import as_given, chunks


@dataclasses.dataclass(frozen=True, eq=False)
class Neighbors:
    """The k nearest neighbours of n points, the nearest first.

    Attributes:
        squares: Of the Euclidean distances, float64 [n, k].
        indices: Which points they are, int64 [n, k]; of equally near ones, the first.
    """

    squares: np.ndarray
    indices: np.ndarray

    @functools.cached_property
    def distances(self) -> np.ndarray:
        """Euclidean distances, float64 [n, k]."""
        return np.sqrt(self.squares)


def nearest_neighbors(points: ArrayLike, others: ArrayLike | None = None, k: int = 1) -> Neighbors:
    """Finds the points that are nearest to points.

    The memory is that of the points and of some 100 MiB, however many they are.

    Args:
        points: [n, features], of any float type.
        others: [m, features], among which to look; None for `points`, of which none is a
            neighbour of its own.
        k: How many neighbours, at least 1.

    Returns:
        Exact distances and indices.

    Raises:
        ValueError: If k is no such number, there are too few points, or as `check_pair`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> metrics.nearest_neighbors(np.array([[0.0], [1.0], [5.0]])).indices
        array([[1],
               [0],
               [1]])
    """
    check_neighbors(k)
    own = others is None
    points, among = check_points(points, points if others is None else others, at_least=1)
    if len(among) < k + own:
        raise ValueError(
            f"Expected at least {k + own} points for {k} nearest neighbours. Received: {len(among)}"
        )
    return find_nearest(points, None if own else among, k)


def check_points(
    real: ArrayLike, generated: ArrayLike, *, at_least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `check_pair` does, but float32 as it is: its copies would be the most memory."""
    checked = check_pair(real, generated, at_least=at_least)
    return as_given(real, checked[0]), as_given(generated, checked[1])


def check_neighbors(k: int) -> None:
    """Raises ValueError unless k is a number of neighbours."""
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ValueError(f"Expected k to be an integer >= 1. Received: k={k!r}")


def find_nearest(points: np.ndarray, others: np.ndarray | None, k: int) -> Neighbors:
    """`nearest_neighbors` of arrays that have been checked."""
    squares = np.empty([len(points), k])
    indices = np.empty([len(points), k], np.int64)
    for chunk in chunks(points, others):
        squares[chunk.rows], indices[chunk.rows] = chunk.smallest(k)
    return Neighbors(squares, indices)
