"""Whether samples are copies of training examples."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.neighbors import check_points, find_nearest


@dataclasses.dataclass(frozen=True, eq=False)
class Memorization:
    """What `memorization` finds.

    Attributes:
        share: Of the samples that are as near to a training example as its own nearest neighbour,
            or nearer.
        distance: The mean distance of a sample to the nearest training example, divided by the
            mean distance of a training example to the nearest other one; 0 for copies, about 1
            for new examples of the same distribution.
        distances: To the nearest training example, float64 [m].
        indices: Which one it is, int64 [m].
        memorized: Which samples are in the share, bool [m].
    """

    share: Estimate
    distance: Estimate
    distances: np.ndarray
    indices: np.ndarray
    memorized: np.ndarray


def memorization(training_features: ArrayLike, generated_features: ArrayLike) -> Memorization:
    """Compares each sample with the nearest training example.

    A sample counts if the training example that is nearest to it has no nearer neighbour in the
    training set. Of copies, all do; of new examples of the same distribution, as many as are
    nearest neighbours of each other: two thirds in one dimension, 0.62 in the plane, fewer in more
    dimensions. So compare with the share of held-out examples. 1 - share is the
    authenticity of Alaa et al.

    The standard errors are over repeated draws of the samples: the training set is the one it is.

    Args:
        training_features: [n, features], of any float type; of the examples that the generator was
            trained on, all of them.
        generated_features: [m, features].

    Returns:
        A `Memorization`; `indices` say which examples to show beside the samples, and
        `nearest_neighbors` finds more of them.

    Raises:
        ValueError: As `check_pair`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> copies = real[:100]
        >>> print(metrics.memorization(real, copies).share)
        1 ± 0

    References:
        Alaa et al., 2022, How Faithful is your Synthetic Data?, arXiv:2102.08921.
    """
    training, generated = check_points(training_features, generated_features, at_least=2)
    own = find_nearest(training, None, 1)
    nearest = find_nearest(generated, training, 1)
    distances, indices = nearest.distances[:, 0], nearest.indices[:, 0]
    memorized = nearest.squares[:, 0] <= own.squares[indices, 0]
    # 0 of a training set of copies is no unit.
    unit = own.distances.mean() or 1.0
    return Memorization(_mean(memorized), _mean(distances / unit), distances, indices, memorized)


def _mean(values: np.ndarray) -> Estimate:
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return Estimate(float(np.mean(values)), float(error))


@registry.register("memorization")
class MemorizationMetric(GeneratorMetric):
    """`memorization` by the features; real examples are those of the training."""

    best: ClassVar[dict[str, str]] = {"memorization": "min", "nearest_distance": "max"}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the share, and the mean distance to the nearest training example."""
        found = memorization(real.features, generated.features)
        return {"memorization": found.share, "nearest_distance": found.distance}
