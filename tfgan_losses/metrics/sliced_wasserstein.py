"""The Wasserstein distance of one-dimensional projections, averaged over random directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet

_ENTRIES = 2**20  # Projections that are held at once.


def sliced_wasserstein(
    real_features: ArrayLike, generated_features: ArrayLike, projections: int = 1000, seed: int = 0
) -> Estimate:
    """The mean of the Wasserstein-1 distances of projections on random directions.

    In one dimension that is the area between the two distribution functions, whatever the number
    of examples. It grows in proportion to the features, and is about |shift| / sqrt(features) or
    less for a shift.

    The standard error is that over directions and, by how much each example moves the distance
    (delta method), over repeated draws of both sets. Few examples are further apart than many:
    that bias is not in it.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        projections: Directions, at least 2.
        seed: Of the directions.

    Returns:
        The distance and its standard error.

    Raises:
        ValueError: If there are fewer than 2 directions, or as `check_pair`.

    References:
        Rabin et al., 2011, Wasserstein Barycenter and Its Application to Texture Mixing; Karras et
        al., 2018, Progressive Growing of GANs, section 5, arXiv:1710.10196.
    """
    check_projections(projections)
    real, generated = check_pair(real_features, generated_features)
    both = np.concatenate([real, generated])
    steps = np.repeat([1 / len(real), -1 / len(generated)], [len(real), len(generated)])
    distances, influence = [], np.zeros(len(both))
    for line in projected(both, projections, seed):
        order = line.argsort(axis=1)
        gaps = np.diff(np.take_along_axis(line, order, axis=1), axis=1)
        between = np.cumsum(steps[order], axis=1)[:, :-1]  # Real less generated, in each gap.
        distances.append((np.abs(between) * gaps).sum(axis=1))
        add_influence(influence, order, np.sign(between) * gaps)
    return estimate_of(np.concatenate(distances), influence[: len(real)], influence[len(real) :])


def check_projections(projections: int) -> None:
    """Raises ValueError unless it is a number of directions."""
    if isinstance(projections, bool) or not isinstance(projections, int) or projections < 2:
        raise ValueError(
            f"Expected projections to be an integer >= 2. Received: projections={projections!r}"
        )


def projected(points: np.ndarray, projections: int, seed: int) -> Iterator[np.ndarray]:
    """Yields projections of points on random unit vectors, some directions at a time.

    Args:
        points: float64 [n, features].
        projections: Directions in all.
        seed: Of the directions, which do not depend on the points.

    Yields:
        float64 [directions, n].
    """
    directions = np.random.default_rng(seed).normal(size=[projections, points.shape[1]])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    size = max(1, _ENTRIES // len(points))
    for start in range(0, projections, size):
        yield directions[start : start + size] @ points.T


def add_influence(influence: np.ndarray, order: np.ndarray, slopes: np.ndarray) -> None:
    """Adds up by how much each point moves a distance, over directions; but for a constant.

    Args:
        influence: Where to, float64 [n].
        order: Which points come first in each direction, [directions, n].
        slopes: By how much the influence grows from one to the next, [directions, n - 1].
    """
    found = np.zeros(order.shape)
    moved = np.pad(np.cumsum(slopes, axis=1), [(0, 0), (1, 0)])
    np.put_along_axis(found, order, moved, axis=1)
    influence += found.sum(axis=0)


def estimate_of(distances: np.ndarray, real: np.ndarray, generated: np.ndarray) -> Estimate:
    """Returns the mean over directions, and its standard error.

    Args:
        distances: One for each direction.
        real: Influence of each real example, the sum over directions.
        generated: The same of each generated one.
    """
    count = len(distances)
    variance = np.var(distances) / (count - 1)
    for influence in (real, generated):
        variance += np.var(influence / count) / (len(influence) - 1)
    return Estimate(float(np.mean(distances)), float(np.sqrt(variance)))


@registry.register("sliced_wasserstein")
class SlicedWasserstein(GeneratorMetric):
    """`sliced_wasserstein` of the features.

    Args:
        projections: Directions.
        seed: Of them.

    Raises:
        ValueError: If there are fewer than 2.
    """

    best: ClassVar[dict[str, str]] = {"sliced_wasserstein": "min"}

    def __init__(self, projections: int = 1000, seed: int = 0):
        check_projections(projections)
        self.projections, self.seed = projections, seed

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance."""
        found = sliced_wasserstein(real.features, generated.features, self.projections, self.seed)
        return {"sliced_wasserstein": found}

    def get_config(self) -> dict[str, Any]:
        """Number and seed of the directions."""
        return {"projections": self.projections, "seed": self.seed}
