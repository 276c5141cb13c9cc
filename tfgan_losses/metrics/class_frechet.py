"""The Fréchet distance within classes, for conditional generators."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_classes, check_given, check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.frechet_distance import frechet_estimate


def class_frechet(
    real_features: ArrayLike,
    real_classes: ArrayLike,
    generated_features: ArrayLike,
    generated_classes: ArrayLike,
) -> Estimate:
    """The mean over classes of the Fréchet distance between real and generated ones.

    A generator that ignores its label, or whose pictures of one class are all alike, may have a
    small `frechet_distance` and has a large one of these. With so few examples in each class the
    bias is large: only distances of equal numbers in each class compare.

    Args:
        real_features: [n, features], of any float type.
        real_classes: Their classes, integers [n].
        generated_features: [m, features].
        generated_classes: Those that were asked for, integers [m].

    Returns:
        The mean, and its standard error over repeated draws of both sets; see `frechet_estimate`.

    Raises:
        ValueError: If the features or classes are none, or one of real and generated examples has
            fewer than 2 of a class that the other one has.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> labels = np.arange(500) % 2
        >>> print(metrics.class_frechet(real, labels, generated, labels))
        4.276 ± 0.26

    References:
        Miyato & Koyama, 2018, cGANs with Projection Discriminator, arXiv:1802.05637 (intra FID).
    """
    real, generated = check_pair(real_features, generated_features)
    real_classes = check_classes(real_classes, "real classes", len(real))
    generated_classes = check_classes(generated_classes, "generated classes", len(generated))
    present = _check_counts(real_classes, generated_classes)
    estimates = [
        frechet_estimate(real[real_classes == label], generated[generated_classes == label])
        for label in present
    ]
    values = np.array([estimate.value for estimate in estimates])
    errors = np.array([estimate.standard_error for estimate in estimates], np.float64)
    # Examples of different classes are independent of each other.
    return Estimate(float(values.mean()), float(np.linalg.norm(errors)) / len(present))


def _check_counts(real: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Returns the classes that there are, and sees that there are 2 examples of each."""
    present = np.union1d(real, generated)
    for name, classes in {"real": real, "generated": generated}.items():
        counts = np.bincount(classes, minlength=present[-1] + 1)[present]
        if counts.min() < 2:
            few = present[counts.argmin()]
            raise ValueError(
                "Expected at least 2 real and 2 generated examples of each class. "
                f"Received: {counts.min()} {name} of class {few}, {len(classes)} {name} in all"
            )
    return present


@registry.register("class_frechet")
class ClassFrechet(GeneratorMetric):
    """`class_frechet` of the features and labels."""

    best: ClassVar[dict[str, str]] = {"class_frechet": "min"}
    needs: ClassVar[frozenset[str]] = frozenset({"labels"})

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the mean over classes and its standard error."""
        remedy = "labelled data and a generator that is asked for classes"
        real_labels, generated_labels = (
            check_given(examples.labels, "labels", "class_frechet", remedy)
            for examples in (real, generated)
        )
        found = class_frechet(real.features, real_labels, generated.features, generated_labels)
        return {"class_frechet": found}
