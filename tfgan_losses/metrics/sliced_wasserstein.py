"""The sliced Wasserstein distance: optimal transport along random directions."""

from __future__ import annotations

import math
from typing import ClassVar

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


def sliced_wasserstein(
    real_features: ArrayLike,
    generated_features: ArrayLike,
    *,
    projections: int = 1000,
    seed: int = 0,
) -> Estimate:
    """The root of the mean over directions of the squared Wasserstein-2 distance of projections.

    It is in units of the features, and |shift| / sqrt(features) between a set and its shifted copy.
    Sets of unequal size are compared whole, through their quantile functions.

    The standard error is that over repeated draws of the directions and of both sets. That few
    examples are further apart than many is a bias and not in it: only distances of equal numbers of
    examples compare.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        projections: Random directions, at least 2.
        seed: Of the directions.

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
        >>> print(metrics.sliced_wasserstein(real, generated))
        1.008 ± 0.035

    References:
        Rabin et al., 2011, Wasserstein Barycenter and Its Application to Texture Mixing; Bonneel et
        al., 2015, Sliced and Radon Wasserstein Barycenters of Measures, Journal of Mathematical
        Imaging and Vision 51, section 3.
    """
    check_projections(projections)
    real, generated = check_pair(real_features, generated_features)
    directions = unit_directions(projections, real.shape[1], seed)
    squared, error = squared_distance(real, generated, directions)
    distance = math.sqrt(squared)
    # The derivative of the root.
    return Estimate(distance, error / (2 * distance) if distance else 0.0)


@registry.register("sliced_wasserstein")
class SlicedWasserstein(SlicedMetric):
    """`sliced_wasserstein` of the features; see `SlicedMetric` for its options."""

    best: ClassVar[dict[str, str]] = {"sliced_wasserstein": "min"}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance and its standard error."""
        found = sliced_wasserstein(real.features, generated.features, **self.get_config())
        return {"sliced_wasserstein": found}
