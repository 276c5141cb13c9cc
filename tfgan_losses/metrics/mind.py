"""MIND, a sliced Wasserstein distance on the scale of the Fréchet distance."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.slices import (
    SlicedMetric,
    check_projections,
    squared_distance,
    unit_directions,
)
from tfgan_losses.random import derived_seed


def mind(
    real_features: ArrayLike,
    generated_features: ArrayLike,
    *,
    projections: int = 1000,
    seed: int = 0,
) -> Estimate:
    """3 d times the mean over directions of the mean squared difference of sorted projections.

    d is the number of features. It is 3 d times the square of `sliced_wasserstein` between sets of
    equal size: of the larger set, as many examples as the smaller one has are drawn. A shift counts
    3 |shift|^2, three times what it counts in the Fréchet distance.

    The standard error is that over repeated draws of the directions and of both sets. That few
    examples are further apart than many is a bias and not in it: only distances of equal numbers of
    examples compare.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        projections: Random directions, at least 2; 1000 in the paper.
        seed: Of the directions, and of which examples are left out.

    Returns:
        The distance, at least 0 and exactly 0 between a set and itself, and its standard error.

    Raises:
        ValueError: If the arrays are not matrices of one width and of a float type, one has fewer
            than 2 rows, a value is not finite, or there are fewer than 2 directions.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> print(metrics.mind(real, generated))
        12.2 ± 0.85

    References:
        Berthet et al., 2026, MIND: Monge Inception Distance for Generative Models Evaluation,
        arXiv:2605.06797.
    """
    check_projections(projections)
    real, generated = check_pair(real_features, generated_features)
    count, width = min(len(real), len(generated)), real.shape[1]
    squared, error = squared_distance(
        _drawn(real, count, seed),
        _drawn(generated, count, seed),
        unit_directions(projections, width, seed),
    )
    return Estimate(3 * width * squared, 3 * width * error)


def _drawn(features: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Returns so many of the rows, at random."""
    if len(features) == count:
        return features
    rng = np.random.default_rng(derived_seed(seed, "examples of mind"))
    return features[rng.choice(len(features), count, replace=False)]


@registry.register("mind")
class Mind(SlicedMetric):
    """`mind` of the features; see `SlicedMetric` for its options."""

    best: ClassVar[dict[str, str]] = {"mind": "min"}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance and its standard error."""
        return {"mind": mind(real.features, generated.features, **self.get_config())}
