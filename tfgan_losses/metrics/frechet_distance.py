"""The Fréchet distance between Gaussians fitted to two sets of features."""

from __future__ import annotations

from typing import ClassVar

from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.gaussian_distance import distance_of_moments, influence_on_distance
from tfgan_losses.metrics.moments import moments_of


def frechet_distance(real_features: ArrayLike, generated_features: ArrayLike) -> float:
    """|mu_r - mu_g|^2 + tr(S_r + S_g - 2 (S_r S_g)^(1/2)), with unbiased covariances S.

    With the features of the Inception network of its authors this is the FID. Any other features
    give another scale, on which only distances of the same features compare; and only distances of
    equal numbers of examples, since few are further apart than many (`frechet_infinity`).

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.

    Returns:
        The squared distance, at least 0; exactly 0 between a set and itself.

    Raises:
        ValueError: If the arrays are not matrices of one width and of a float type, one has fewer
            than 2 rows, or a value is not finite.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> shifted = real + np.array([3.0, 0.0, 0.0, 4.0])
        >>> round(metrics.frechet_distance(real, shifted), 6)  # 3^2 + 4^2
        25.0

    References:
        Heusel et al., 2017, GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium, arXiv:1706.08500.
    """
    real, generated = check_pair(real_features, generated_features)
    return distance_of_moments(moments_of(real), moments_of(generated))


def frechet_estimate(real_features: ArrayLike, generated_features: ArrayLike) -> Estimate:
    """`frechet_distance` with its standard error.

    The error is what the distance varies by over repeated draws of both sets, in these numbers,
    from how much each example moves it (delta method). That few examples are further apart than
    many is a bias and not in it: the interval is one of the distance that sets of these sizes have
    on average. Where most of the distance is that bias, as between sets of one distribution or of
    few examples with many features, the interval is up to twice as wide as it should be.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features].

    Raises:
        ValueError: As `frechet_distance`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> print(metrics.frechet_estimate(real, generated))
        4.237 ± 0.26
    """
    real, generated = check_pair(real_features, generated_features)
    influence = influence_on_distance(real, generated, moments_of(real), moments_of(generated))
    return Estimate(influence.distance, influence.standard_error)


@registry.register("frechet")
class Frechet(GeneratorMetric):
    """`frechet_estimate` of the features.

    Examples:
        >>> from tfgan_losses import metrics
        >>> metrics.get("frechet").best
        {'frechet': 'min'}
    """

    best: ClassVar[dict[str, str]] = {"frechet": "min"}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance and its standard error."""
        features = check_pair(real.features, generated.features)
        influence = influence_on_distance(*features, real.moments, generated.moments)
        return {"frechet": Estimate(influence.distance, influence.standard_error)}
