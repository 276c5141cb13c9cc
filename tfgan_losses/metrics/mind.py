"""The Monge Inception distance, a sliced Wasserstein-2 distance on the scale of the Fréchet one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.row_order import order_of
from tfgan_losses.metrics.sliced_wasserstein import (
    add_influence,
    check_projections,
    estimate_of,
    projected,
)
from tfgan_losses.random import derived_seed


def mind(
    real_features: ArrayLike, generated_features: ArrayLike, projections: int = 1000, seed: int = 0
) -> Estimate:
    """3 d times the mean squared difference of sorted projections, over random directions.

    d is the number of features. For Gaussians it is on the scale of the Fréchet distance; it sees
    more than mean and covariance, and needs neither a matrix of d x d nor its root. Of the larger
    set, as many examples as the smaller one has are drawn.

    The standard error is that over directions and, by how much each example moves the distance
    (delta method), over repeated draws of both sets. Few examples are further apart than many:
    that bias is not in it.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        projections: Directions, at least 2; 1000 in the paper.
        seed: Of the directions, and of the examples that are left out.

    Returns:
        The distance, at least 0, and its standard error.

    Raises:
        ValueError: If there are fewer than 2 directions, or as `check_pair`.

    References:
        Berthet et al., 2026, MIND: Monge Inception Distance for Generative Models Evaluation,
        arXiv:2605.06797.
    """
    check_projections(projections)
    real, generated = check_pair(real_features, generated_features)
    count, dimension = min(len(real), len(generated)), real.shape[1]
    rng = np.random.default_rng(derived_seed(seed, "examples of mind"))
    real, generated = (_draw(x, count, rng) for x in (real, generated))
    distances, influences = [], np.zeros([2, count])
    lines = zip(
        projected(real, projections, seed), projected(generated, projections, seed), strict=True
    )
    for pair in lines:
        orders = [line.argsort(axis=1) for line in pair]
        x, y = (np.take_along_axis(*both, axis=1) for both in zip(pair, orders, strict=True))
        apart = x - y
        distances.append(3 * dimension * np.square(apart).mean(axis=1))
        for line, influence, order, sign in zip((x, y), influences, orders, (1, -1), strict=True):
            # Twice the mean of what moves the points at both ends of a gap, times the gap.
            slopes = sign * (apart[:, 1:] + apart[:, :-1]) * np.diff(line, axis=1)
            add_influence(influence, order, 3 * dimension * slopes)
    return estimate_of(np.concatenate(distances), *influences)


def _draw(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    if len(points) == count:
        return points
    return points[rng.choice(order_of(points), count, replace=False)]


@registry.register("mind")
class Mind(GeneratorMetric):
    """`mind` of the features.

    Args:
        projections: Directions.
        seed: Of them.

    Raises:
        ValueError: If there are fewer than 2.
    """

    best: ClassVar[dict[str, str]] = {"mind": "min"}

    def __init__(self, projections: int = 1000, seed: int = 0):
        check_projections(projections)
        self.projections, self.seed = projections, seed

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance."""
        return {"mind": mind(real.features, generated.features, self.projections, self.seed)}

    def get_config(self) -> dict[str, Any]:
        """Number and seed of the directions."""
        return {"projections": self.projections, "seed": self.seed}
