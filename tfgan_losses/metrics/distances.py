"""All distances between two sets of points, in chunks: fast where there is room, exact where not.

|x|^2 + |y|^2 - 2 x.y takes one matrix product, but loses digits where x and y are close. Here it
only sorts out: what it leaves open within its own rounding is computed anew from the differences,
in float64. So float32 is enough for the product, comparisons are exact, and equal pairs of points
have equal distances, wherever in the sets they stand.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

# Distances of a chunk: 32 MiB in float32. A chunk has a few arrays of that size.
_ENTRIES = 2**23
# Values of the differences that are held at once.
_DIFFERENCES = 2**22
# Rounding errors of a sum of n terms add up to less than 8 sqrt(n) units with a probability of all
# but 1e-10 (Higham and Mary, 2019, A New Approach to Probabilistic Rounding Error Analysis).
_DEVIATIONS = 8
_OTHER_UNITS = 16  # Of centring, scaling and adding up.


@functools.cache
def _product() -> tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], type[np.floating]]:
    """What multiplies x by y transposed, and the type it does so in."""
    if tf.config.list_physical_devices("GPU"):
        # Not in float32, which is TF32 on many of them.
        return _by_tensorflow, np.float64
    return _by_numpy, np.float32


def _by_tensorflow(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # A copy: the memory of a tensor is not to be written to.
    return np.array(tf.linalg.matmul(x, y, transpose_b=True))


def _by_numpy(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return x @ y.T


def find(which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`np.nonzero` of a matrix of few, and so several times faster; in the order of its memory."""
    if which.flags.c_contiguous:
        return np.divmod(np.flatnonzero(which), which.shape[1])
    return find(which.T)[::-1]


@dataclasses.dataclass(frozen=True, eq=False)
class Chunk:
    """Squared distances from some rows to all columns, known to lie in an interval each.

    Attributes:
        rows: Which rows.
        low: Lower bounds [rows, columns], in units of `scale`.
        row_slack: [rows, 1]; with `column_slack`, how far above the bound a distance may be.
        column_slack: [1, columns].
        scale: What a squared distance is divided by.
        exactly: Returns squared distances of pairs (row, column), counted within the chunk.
    """

    rows: slice
    low: np.ndarray
    row_slack: np.ndarray
    column_slack: np.ndarray
    scale: float
    exactly: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def below(self, squares: np.ndarray) -> np.ndarray:
        """Returns where distances are smaller than given ones, bool [rows, columns].

        Args:
            squares: Of the given distances: [rows, 1] or [1, columns], float64.
        """
        limits = (squares / self.scale).astype(self.low.dtype)
        maybe = self.low < limits
        surely = self.low + self.row_slack < limits - self.column_slack
        rows, columns = find(maybe ^ surely)
        given = np.broadcast_to(squares, surely.shape)[rows, columns]
        surely[rows, columns] = self.exactly(rows, columns) < given
        return surely

    def smallest(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns the smallest squared distances of each row, in order, and their columns.

        Args:
            count: How many, at most the number of columns.

        Returns:
            float64 and int64 [rows, count]. Of equal distances, those of lower columns come first.
        """
        bound = np.partition(self.low, count - 1, axis=1)[:, count - 1 : count]
        rows, columns = find(self.low <= bound)
        slack = self.row_slack[rows, 0] + self.column_slack[0, columns]
        highs = self.low[rows, columns] + slack
        # No more than the largest of these can one of the smallest be.
        firsts = np.searchsorted(rows, np.arange(len(self.low)))
        rows, columns = find(self.low <= np.maximum.reduceat(highs, firsts)[:, None])
        rows, columns = self._without_needless(rows, columns, count)
        squares = self.exactly(rows, columns)
        order = np.lexsort([columns, squares, rows])
        firsts = np.searchsorted(rows, np.arange(len(self.low)))
        found = order[firsts[:, None] + np.arange(count)]
        return squares[found], columns[found]

    def _without_needless(
        self, rows: np.ndarray, columns: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Leaves out candidates of rows that have enough copies of themselves.

        Of a generator that makes one picture, all would be candidates of all.
        """
        places = np.arange(len(rows)) - np.searchsorted(rows, np.arange(len(self.low)))[rows]
        head = places < 2 * count
        if 2 * head.sum() > len(rows):
            return rows, columns
        copies = rows[head][self.exactly(rows[head], columns[head]) == 0]
        enough = np.bincount(copies, minlength=len(self.low)) >= count
        kept = head | ~enough[rows]
        return rows[kept], columns[kept]


def chunks(rows: np.ndarray, columns: np.ndarray | None = None) -> Iterator[Chunk]:
    """Yields all squared distances from rows to columns.

    Args:
        rows: Points [n, dimension], of a float type of NumPy.
        columns: Points [m, dimension]; None for those of the rows, in which case the
            distance of a point to itself is infinite.
    """
    others = rows if columns is None else columns
    multiply, kind = _product()
    center = others.mean(axis=0, dtype=np.float64)
    scale = max(_largest_square(rows, center), _largest_square(others, center)) or 1.0
    left = _Coarse.of(rows, center, scale, kind)
    right = left if columns is None else _Coarse.of(others, center, scale, kind)
    dimension = rows.shape[1]
    units = _OTHER_UNITS + min(dimension, _DEVIATIONS * np.sqrt(dimension))
    error = units * np.finfo(kind).eps / 2
    # Less than the smallest positive number may stand for a distance.
    least = 1e3 * np.finfo(kind).tiny
    size = max(1, _ENTRIES // len(others))
    for start in range(0, len(rows), size):
        part = slice(start, min(start + size, len(rows)))
        low = multiply(left.points[part] * kind(-2), right.points)
        low += ((1 - error) * left.squares[part] - least).astype(kind)[:, None]
        low += ((1 - error) * right.squares).astype(kind)
        if columns is None:
            low[np.arange(len(low)), np.arange(part.start, part.stop)] = np.inf
        yield Chunk(
            rows=part,
            low=low,
            row_slack=(2 * error * left.squares[part] + 2 * least).astype(kind)[:, None],
            column_slack=(2 * error * right.squares).astype(kind)[None],
            scale=scale,
            exactly=functools.partial(_squares_of_pairs, rows[part], others),
        )


def as_given(points: ArrayLike, checked: np.ndarray) -> np.ndarray:
    """Returns points without a copy in float64 where there is no need of one.

    Args:
        points: As the user gives them.
        checked: The same in float64.
    """
    points = np.asarray(points)
    return points if points.dtype in (np.float16, np.float32) else checked


@dataclasses.dataclass(frozen=True, eq=False)
class _Coarse:
    """Points around a centre, and their squared norms, in the type of the product."""

    points: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(
        cls, points: np.ndarray, center: np.ndarray, scale: float, kind: type[np.floating]
    ) -> _Coarse:
        moved = np.empty(points.shape, kind)
        squares = np.empty(len(points))
        for part in _parts(len(points), points.shape[1]):
            centered = (points[part] - center) / np.sqrt(scale)
            moved[part] = centered
            squares[part] = np.square(centered).sum(axis=1)
        return cls(moved, squares)


def _squares_of_pairs(
    points: np.ndarray, others: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Squared distances from the differences, alike for (x, y) and (y, x)."""
    squares = np.empty(len(rows))
    for part in _parts(len(rows), points.shape[1]):
        differences = np.subtract(points[rows[part]], others[columns[part]], dtype=np.float64)
        squares[part] = np.square(differences, out=differences).sum(axis=1)
    return squares


def _largest_square(points: np.ndarray, center: np.ndarray) -> float:
    return max(
        float(np.square(points[part] - center).sum(axis=1).max())
        for part in _parts(len(points), points.shape[1])
    )


def _parts(count: int, width: int) -> Iterator[slice]:
    size = max(1, _DIFFERENCES // width)
    return (slice(start, start + size) for start in range(0, count, size))
