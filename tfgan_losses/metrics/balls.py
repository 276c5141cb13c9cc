"""Balls around points that reach to a neighbour, what lies in them, and how sure that is.

Precision, recall, density and coverage are counts of one kind, with errors of one kind: the
variance over one set where the other stands still, and that over the other by the jackknife. There
each point is left out once, in closed form: without a centre its ball is gone, and the balls that
reached to it grow to their next neighbour. What such changes vary by because the first set is
finite is subtracted: it has been counted. A binomial error alone can be half of what it should be.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from tfgan_losses.metrics.distances import chunks, find
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.neighbors import find_nearest


@dataclasses.dataclass(frozen=True, eq=False)
class Balls:
    """Open balls around n centres, each of which has k - 1 other centres within.

    Attributes:
        centers: float64 [n, dimension].
        squares: Of the radii, which are distances to the k-th nearest other centre, float64 [n].
        grown: Of the radii if one of these k were not there, float64 [n].
        neighbors: Which these k are, int64 [n, k].
    """

    centers: np.ndarray
    squares: np.ndarray
    grown: np.ndarray
    neighbors: np.ndarray

    @classmethod
    def around(cls, centers: np.ndarray, k: int) -> Balls:
        """Returns those of at least k + 2 centres."""
        found = find_nearest(centers, None, k + 1)
        return cls(
            centers,
            found.squares[:, k - 1],
            found.squares[:, k],
            np.ascontiguousarray(found.indices[:, :k]),
        )

    def of_neighbors(self, values: np.ndarray) -> np.ndarray:
        """Returns for each centre the sum of values of the balls that grow without it."""
        k = self.neighbors.shape[1]
        return np.bincount(self.neighbors.ravel(), np.repeat(values, k), len(values))


class Cover:
    """How n balls cover m points.

    Args:
        balls: What covers.
        count: m.

    Attributes:
        around: Balls that each point lies in, int64 [m].
        inside: Points in each ball, int64 [n].
        inside_grown: Points in each ball if it were grown, int64 [n].
    """

    def __init__(self, balls: Balls, count: int):
        self.balls = balls
        self.around, self._only_balls = np.zeros([2, count], np.int64)
        self.inside, self.inside_grown, self._only_points = np.zeros(
            [3, len(balls.centers)], np.int64
        )
        self._shells: list[tuple[np.ndarray, np.ndarray]] = []

    @classmethod
    def of(cls, points: np.ndarray, balls: Balls) -> Cover:
        """Compares all points with all balls."""
        cover = cls(balls, len(points))
        for chunk in chunks(points, balls.centers):
            within, grown = (chunk.below(x[None]) for x in (balls.squares, balls.grown))
            cover._add(within, grown, point=chunk.rows.start)
        return cover

    @classmethod
    def both(cls, first: Balls, second: Balls) -> tuple[Cover, Cover]:
        """Returns how each of two sets of balls covers the centres of the other one."""
        by_first, by_second = cls(first, len(second.centers)), cls(second, len(first.centers))
        for chunk in chunks(second.centers, first.centers):
            within, grown = (chunk.below(x[None]) for x in (first.squares, first.grown))
            by_first._add(within, grown, point=chunk.rows.start)
            radii = second.squares[chunk.rows, None], second.grown[chunk.rows, None]
            within, grown = (chunk.below(x).T for x in radii)
            by_second._add(within, grown, ball=chunk.rows.start)
        return by_first, by_second

    def _add(self, within: np.ndarray, grown: np.ndarray, point: int = 0, ball: int = 0) -> None:
        """Takes which points lie in which balls, [points, balls], now and if these were grown.

        Args:
            within: Which do.
            grown: Which then would.
            point: The first of the points.
            ball: The first of the balls.
        """
        points = slice(point, point + within.shape[0])
        balls = slice(ball, ball + within.shape[1])
        of_points, of_balls = within.sum(axis=1), within.sum(axis=0)
        self.around[points] += of_points
        self.inside[balls] += of_balls
        self.inside_grown[balls] += grown.sum(axis=0)
        # Where there is one in all, it is the one here or there is none here.
        alone = np.flatnonzero(of_points == 1)
        self._only_balls[points][alone] += ball + within[alone].argmax(axis=1)
        alone = np.flatnonzero(of_balls == 1)
        self._only_points[balls][alone] += point + within[:, alone].argmax(axis=0)
        shell = find(grown > within)
        self._shells.append((point + shell[0], ball + shell[1]))

    @functools.cached_property
    def changes(self) -> tuple[np.ndarray, np.ndarray]:
        """How many points are covered without each centre and only then, and how many only with it.

        Both int64 [n].
        """
        count = len(self.inside)
        points, balls = (np.concatenate(parts) for parts in zip(*self._shells, strict=True))
        few = self.around[points] <= 1
        # (point, centre): without the centre, the point lies in a ball that it does not lie in now.
        pairs = points[few, None] * count + self.balls.neighbors[balls[few]]
        points, centers = np.divmod(np.unique(pairs), count)
        gained = np.bincount(centers[self.around[points] == 0], minlength=count)
        lost = np.bincount(self._only_balls[self.around == 1], minlength=count)
        kept = (self.around[points] == 1) & (self._only_balls[points] == centers)
        return gained, lost - np.bincount(centers[kept], minlength=count)

    @property
    def share_of_points(self) -> Estimate:
        """The share of the points that lie in a ball."""
        count, (gained, lost) = len(self.around), self.changes
        return _estimate(
            _variance_of_share(self.around > 0),
            _jackknife((gained - lost) / count, (gained + lost) / count**2),
            value=float(np.mean(self.around > 0)),
        )

    @property
    def share_of_balls(self) -> Estimate:
        """The share of the balls in which a point lies."""
        count = len(self.inside)
        emptied = np.bincount(self._only_points[self.inside == 1], minlength=len(self.around))
        return _estimate(
            _variance_of_share(self.inside > 0),
            _jackknife(emptied / count, emptied / count**2),
            value=float(np.mean(self.inside > 0)),
        )

    @property
    def density(self) -> Estimate:
        """The mean over all points of the balls that they lie in, divided by k."""
        whole = self.balls.neighbors.shape[1] * len(self.around)
        gained = self.balls.of_neighbors(self.inside_grown - self.inside)
        return _estimate(
            _variance_of_mean(self.around / self.balls.neighbors.shape[1]),
            _jackknife((gained - self.inside) / whole, (gained + self.inside) / whole**2),
            value=float(self.around.sum() / whole),
        )


def _estimate(*variances: float, value: float) -> Estimate:
    return Estimate(value, float(np.sqrt(sum(variances))))


def _variance_of_share(members: np.ndarray) -> float:
    # One more of each kind than there are: if all are of one kind, that is not certain.
    share = (members.sum() + 1) / (len(members) + 2)
    return float(share * (1 - share) / len(members))


def _variance_of_mean(values: np.ndarray) -> float:
    return float(np.var(values)) / (len(values) - 1)


def _jackknife(changes: np.ndarray, noise: np.ndarray) -> float:
    """The variance of an estimate that changes by so much if each of n points is left out.

    Args:
        changes: [n].
        noise: What each of them varies by on its own, a variance [n].
    """
    return max(0.0, (len(changes) - 1) * float(np.var(changes)) - float(noise.sum()))
