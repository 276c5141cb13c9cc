"""Which share of the samples looks real, and which share of the data the generator can make."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from numpy.typing import ArrayLike

from tfgan_losses.metrics.balls import Balls, Cover
from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.neighbors import check_neighbors, check_points


class PrecisionRecall(NamedTuple):
    """Both in [0, 1], higher is better, with their standard errors."""

    precision: Estimate
    recall: Estimate


def precision_recall(
    real_features: ArrayLike, generated_features: ArrayLike, k: int = 3
) -> PrecisionRecall:
    """Compares two sets, each with balls around the other one's points.

    The balls reach to the k-th nearest other point of the same set. Precision is the share of the
    generated points in a ball of a real one, recall that of the real points in a ball of a
    generated one. The balls are open, as in the package prdc: a point at the very distance of the
    k-th neighbour is outside (the authors' own code counts it as inside, which matters where
    distances are equal, as among copies).

    Both fall as the sets become smaller or larger unequally; only numbers of equal counts and of
    one k compare. The standard errors are over repeated draws of both sets.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        k: Which neighbour, at least 1; 3 in the paper.

    Returns:
        A `PrecisionRecall`.

    Raises:
        ValueError: If k is no such number, a set has fewer than k + 2 points, or as `check_pair`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> found = metrics.precision_recall(real, 0.1 * generated)
        >>> print(found.precision)
        1 ± 0.002
        >>> print(found.recall)
        0.004 ± 0.0034

    References:
        Kynkäänniemi et al., 2019, Improved Precision and Recall Metric for Assessing Generative
        Models, arXiv:1904.06991.
    """
    check_neighbors(k)
    real, generated = check_points(real_features, generated_features, at_least=k + 2)
    by_real, by_generated = Cover.both(Balls.around(real, k), Balls.around(generated, k))
    return PrecisionRecall(by_real.share_of_points, by_generated.share_of_points)


@registry.register("precision_recall")
class PrecisionRecallMetric(GeneratorMetric):
    """`precision_recall` of the features.

    Args:
        k: Which neighbour the balls reach to.

    Raises:
        ValueError: If k is not an integer >= 1.
    """

    best: ClassVar[dict[str, str]] = {"precision": "max", "recall": "max"}

    def __init__(self, k: int = 3):
        check_neighbors(k)
        self.k = k

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns both shares."""
        return precision_recall(real.features, generated.features, self.k)._asdict()

    def get_config(self) -> dict[str, Any]:
        """The neighbour."""
        return {"k": self.k}
