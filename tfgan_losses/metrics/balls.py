"""Balls around points that reach to a neighbour, what lies in them, and how sure that is.

Precision, recall, density and coverage are counts of one kind, with errors of one kind: the
variance over one set where the other stands still, and that over the other by the jackknife. There
each point is left out once, in closed form: without a centre its ball is gone, and the balls that
reached to it grow to their next neighbour. What such changes vary by because the first set is
finite is subtracted: it has been counted. A binomial error alone can be half of what it should be.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from tfgan_losses.metrics.distances import chunks
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


@dataclasses.dataclass(frozen=True, eq=False)
class Cover:
    """How n balls cover m points.

    Attributes:
        balls: What covers.
        around: Balls that each point lies in, int64 [m].
        inside: Points in each ball, int64 [n].
        inside_grown: Points in each ball if it were grown, int64 [n].
        only_points: For each ball, the sum of the indices of its points: of one, which it is.
        gained: Points that would be covered without each centre, and are not, int64 [n].
        lost: Points that would not be covered without each centre, and are, int64 [n].
    """

    balls: Balls
    around: np.ndarray
    inside: np.ndarray
    inside_grown: np.ndarray
    only_points: np.ndarray
    gained: np.ndarray
    lost: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray, balls: Balls) -> Cover:
        """Compares all points with all balls."""
        count = len(balls.centers)
        around = np.empty(len(points), np.int64)
        inside, inside_grown, only_points, gained, lost = np.zeros([5, count], np.int64)
        for chunk in chunks(points, balls.centers):
            within = chunk.below(balls.squares[None])
            within_grown = chunk.below(balls.grown[None])
            around[chunk.rows] = within.sum(axis=1)
            inside += within.sum(axis=0)
            inside_grown += within_grown.sum(axis=0)
            only_points += np.arange(chunk.rows.start, chunk.rows.stop) @ within
            more, fewer = _changes(within, within_grown, balls.neighbors)
            gained += more
            lost += fewer
        return cls(balls, around, inside, inside_grown, only_points, gained, lost)

    @property
    def share_of_points(self) -> Estimate:
        """The share of the points that lie in a ball."""
        count = len(self.around)
        return _estimate(
            _variance_of_share(self.around > 0),
            _jackknife((self.gained - self.lost) / count, (self.gained + self.lost) / count**2),
            value=float(np.mean(self.around > 0)),
        )

    @property
    def share_of_balls(self) -> Estimate:
        """The share of the balls in which a point lies."""
        count = len(self.inside)
        emptied = np.bincount(self.only_points[self.inside == 1], minlength=len(self.around))
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


def _changes(
    within: np.ndarray, within_grown: np.ndarray, neighbors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many points are covered without each centre and only then, and how many only with it.

    Args:
        within: Which points lie in which balls, [points, n].
        within_grown: In which they would lie if it were grown.
        neighbors: The k centres without one of which a ball is grown, [n, k].

    Returns:
        Both int64 [n].
    """
    count = len(neighbors)
    counts = within.sum(axis=1)
    few = np.flatnonzero(counts <= 1)
    points, balls = np.nonzero(within_grown[few] & ~within[few])
    # (point, centre): without the centre, the point lies in a ball that it does not lie in now.
    pairs = np.unique(points[:, None] * count + neighbors[balls])
    points, centers = np.divmod(pairs, count)
    owners = np.where(counts[few] == 1, within[few].argmax(axis=1), -1)
    gained = np.bincount(centers[owners[points] < 0], minlength=count)
    lost = np.bincount(owners[owners >= 0], minlength=count)
    kept = np.bincount(centers[owners[points] == centers], minlength=count)
    return gained, lost - kept


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
