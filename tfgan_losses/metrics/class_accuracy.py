"""How often a classifier sees the class that a conditional generator was asked for."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_classes, check_given, check_logits
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet


def class_accuracy(logits: ArrayLike, classes: ArrayLike) -> Estimate:
    """The share of examples of which a classifier sees the class that they should have.

    It says whether a generator heeds its label, and nothing of variety: one picture of each class
    is enough for 1. Of real examples it is the accuracy of the classifier, above which no
    difference counts.

    Args:
        logits: Of generated examples, without softmax, [n, classes], of any float type.
        classes: Those that were asked for, integers [n].

    Returns:
        The share, in [0, 1], and its standard error, that of a binomial distribution.

    Raises:
        ValueError: If these are no logits or no classes of theirs.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> print(metrics.class_accuracy(np.eye(2)[[0, 1, 1, 0]], np.array([0, 1, 1, 1])))
        0.75 ± 0.22

    References:
        Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        arXiv:1610.09585, section 4.2, with Inception as the classifier.
    """
    logits = check_logits(logits)
    classes = check_classes(classes, "classes", len(logits))
    if classes.max() >= logits.shape[1]:
        raise ValueError(
            f"Expected classes below {logits.shape[1]}, the number of logits. "
            f"Received: {classes.max()} in classes"
        )
    share = float(np.mean(logits.argmax(axis=1) == classes))
    return Estimate(share, float(np.sqrt(share * (1 - share) / len(logits))))


@registry.register("class_accuracy")
class ClassAccuracy(GeneratorMetric):
    """`class_accuracy` of the logits and labels of the generated examples."""

    best: ClassVar[dict[str, str]] = {"class_accuracy": "max"}
    needs: ClassVar[frozenset[str]] = frozenset({"labels", "logits"})

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the share of right classes and its standard error."""
        logits = check_given(
            generated.logits, "logits", "class_accuracy", "an extractor that is a classifier"
        )
        remedy = "labelled data and a generator that is asked for classes"
        labels = check_given(generated.labels, "labels", "class_accuracy", remedy)
        return {"class_accuracy": class_accuracy(logits, labels)}
