"""The Fréchet distance that infinitely many generated examples would have."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.gaussian_distance import influence_on_distance
from tfgan_losses.metrics.moments import Moments, moments_of

_SIZES = 15
_SMALLEST = 5000
# From a tenth of them on; two examples is the least that has a covariance.
_AT_LEAST = 20


def frechet_infinity(
    real_features: ArrayLike, generated_features: ArrayLike, *, seed: int = 0
) -> Estimate:
    """The Fréchet distance extrapolated to infinitely many generated examples.

    Its bias is about proportional to 1/m, with a factor that depends on the generator, so that
    not even the order of two generators is safe at equal m. This is the value at 1/m = 0 of a
    line through the distances of 15 random subsets, from min(5000, m/10) to m examples of equal
    steps. All real examples take part in each, so that the bias due to their number remains.

    The standard error is that of the intercept over repeated draws of both sets. Since subsets
    share examples, it comes from how much each example moves the intercept (delta method) and not
    from the distances to the line. How far the bias is from 1/m at small m is not in it.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features].
        seed: Of the subsets.

    Returns:
        The intercept, which may be below 0, and its standard error.

    Raises:
        ValueError: If the arrays are not matrices of one width and of a float type, one has fewer
            than 20 rows, or a value is not finite.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> print(metrics.frechet_infinity(real, generated))
        4.313 ± 0.28

    References:
        Chong & Forsyth, 2020, Effectively Unbiased FID and Inception Score and where to find them,
        arXiv:1911.07023; the sizes as in Stein et al., 2023, Exposing flaws of generative model
        evaluation metrics and their unfair treatment of diffusion models, arXiv:2306.04675.
    """
    real, generated = check_pair(real_features, generated_features, at_least=_AT_LEAST)
    return _extrapolated(real, generated, moments_of(real), seed)


def _extrapolated(real: np.ndarray, generated: np.ndarray, of_real: Moments, seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    count = len(generated)
    sizes = np.linspace(min(_SMALLEST, count // 10), count, _SIZES).astype(int)
    weights = _weights_of_intercept(1 / sizes)
    intercept, moved_by_real, moved_by_generated = 0.0, np.zeros(len(real)), np.zeros(count)
    for size, weight in zip(sizes, weights, strict=True):
        rows = rng.permutation(count)[:size]
        subset = generated[rows]
        influence = influence_on_distance(real, subset, of_real, moments_of(subset))
        intercept += weight * influence.distance
        moved_by_real += weight * influence.real / len(real)
        moved_by_generated[rows] += weight * influence.generated / size
    variance = np.square(moved_by_real).sum() + np.square(moved_by_generated).sum()
    return Estimate(float(intercept), float(np.sqrt(variance)))


def _weights_of_intercept(x: np.ndarray) -> np.ndarray:
    """Returns w so that w . y is the value at 0 of the line of least squares through (x, y)."""
    return np.linalg.pinv(np.stack([np.ones_like(x), x], axis=1))[0]


@registry.register("frechet_infinity")
class FrechetInfinity(GeneratorMetric):
    """`frechet_infinity` of the features.

    Args:
        seed: Of the subsets.
    """

    best: ClassVar[dict[str, str]] = {"frechet_infinity": "min"}

    def __init__(self, seed: int = 0):
        self.seed = seed

    def get_config(self) -> dict[str, int]:
        """The seed."""
        return {"seed": self.seed}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the intercept and its standard error."""
        features = check_pair(real.features, generated.features, at_least=_AT_LEAST)
        return {"frechet_infinity": _extrapolated(*features, real.moments, self.seed)}
