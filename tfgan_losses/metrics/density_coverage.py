"""How densely samples lie where the data lies, and how much of the data they cover."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from numpy.typing import ArrayLike

from tfgan_losses.metrics.balls import Balls, Cover
from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.neighbors import check_neighbors, check_points


class DensityCoverage(NamedTuple):
    """Density, at least 0 and 1 for equal distributions, and coverage in [0, 1]; with errors."""

    density: Estimate
    coverage: Estimate


def density_coverage(
    real_features: ArrayLike, generated_features: ArrayLike, k: int = 5
) -> DensityCoverage:
    """Counts generated points in balls around real ones.

    The balls reach to the k-th nearest other real point. Density is the number of balls that a
    generated point lies in, on average and divided by k; coverage the share of the balls in which
    a generated point lies. Unlike those of `precision_recall`, all balls are around real points:
    one outlier of the generator makes no region count as covered, and one of the data, whose ball
    is large, counts little. The balls are open, as in the authors' code.

    Even for equal distributions coverage is not 1: its expectation is then
    1 - (n - 1) ... (n - k) / ((2 n - 1) ... (2 n - k)) for n points of each, about 1 - 2^-k.
    The standard errors are over repeated draws of both sets; that of the density is up to 1.5 times
    too large.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        k: Which neighbour, at least 1; 5 in the paper.

    Returns:
        A `DensityCoverage`.

    Raises:
        ValueError: If k is no such number, a set has fewer than k + 2 points, or as `check_pair`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> print(metrics.density_coverage(real, real + 100.0).coverage)
        0 ± 0.002

    References:
        Naeem et al., 2020, Reliable Fidelity and Diversity Metrics for Generative Models,
        arXiv:2002.09797.
    """
    check_neighbors(k)
    real, generated = check_points(real_features, generated_features, at_least=k + 2)
    cover = Cover.of(generated, Balls.around(real, k))
    return DensityCoverage(cover.density, cover.share_of_balls)


@registry.register("density_coverage")
class DensityCoverageMetric(GeneratorMetric):
    """`density_coverage` of the features.

    Args:
        k: Which neighbour the balls reach to.

    Raises:
        ValueError: If k is not an integer >= 1.
    """

    best: ClassVar[dict[str, str]] = {"density": "max", "coverage": "max"}

    def __init__(self, k: int = 5):
        check_neighbors(k)
        self.k = k

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns density and coverage."""
        return density_coverage(real.features, generated.features, self.k)._asdict()

    def get_config(self) -> dict[str, Any]:
        """The neighbour."""
        return {"k": self.k}
