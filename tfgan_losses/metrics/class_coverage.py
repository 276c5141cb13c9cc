"""How many classes of the data a generator has found, and in what shares."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_classes, check_given, check_logits
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet


@dataclasses.dataclass(frozen=True, eq=False)
class ClassCoverage:
    """What `class_coverage` finds.

    Attributes:
        classes: Classes of the real examples that at least one generated one has.
        reverse_kl: KL(generated || real) in nats, of the histograms over classes, with its
            standard error; infinite if a class is generated that no real example has.
        counts: The histogram of the generated examples, int64 [classes].
    """

    classes: int
    reverse_kl: Estimate
    counts: np.ndarray


def class_coverage(real: ArrayLike, generated: ArrayLike) -> ClassCoverage:
    """Compares the classes that a classifier sees in real and in generated examples.

    The reverse KL of two samples of one distribution is not 0, but about (classes - 1) / 2 times
    1/n + 1/m.

    Args:
        real: Logits [n, classes] of a classifier of which the largest counts, or classes,
            integers [n].
        generated: The same of the generated examples, [m, classes] or [m].

    Raises:
        ValueError: If either is neither of these, or they are logits of other numbers of classes.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> classes = np.eye(4)[np.arange(400) % 4]
        >>> metrics.class_coverage(classes, classes[classes[:, 3] == 0]).classes
        3

    References:
        Metz et al., 2017, Unrolled Generative Adversarial Networks, arXiv:1611.02163; Lin et al.,
        2018, PacGAN: The Power of Two Samples in Generative Adversarial Networks,
        arXiv:1712.04086.
    """
    widths = {np.shape(x)[1] for x in (real, generated) if np.ndim(x) == 2}
    if len(widths) > 1:
        raise ValueError(
            "Expected logits of the same classes. "
            f"Received: shapes {np.shape(real)} and {np.shape(generated)}"
        )
    found = _classes(real, "real"), _classes(generated, "generated")
    size = max(*widths, *(classes.max() + 1 for classes in found))
    real_counts, counts = (np.bincount(classes, minlength=size) for classes in found)
    return ClassCoverage(
        classes=int(np.sum((real_counts > 0) & (counts > 0))),
        reverse_kl=_reverse_kl(real_counts, counts),
        counts=counts,
    )


def _classes(x: ArrayLike, name: str) -> np.ndarray:
    if np.ndim(x) == 2:
        return check_logits(x, f"{name} logits").argmax(axis=1)
    return check_classes(x, f"{name} classes")


def _reverse_kl(real_counts: np.ndarray, counts: np.ndarray) -> Estimate:
    found = counts > 0  # 0 log 0 = 0
    if np.any(real_counts[found] == 0):
        return Estimate(float("inf"))
    real, generated = real_counts / real_counts.sum(), counts / counts.sum()
    ratio = np.divide(generated, real, out=np.ones(len(real)), where=found)
    log_ratio = np.log(ratio)
    # By the delta method: what one example of a class moves it by.
    variance = _variance(generated, log_ratio) / counts.sum()
    variance += _variance(real, np.where(found, ratio, 0.0)) / real_counts.sum()
    # max: rounding can give -1e-16.
    return Estimate(max(0.0, float(generated @ log_ratio)), float(np.sqrt(variance)))


def _variance(shares: np.ndarray, values: np.ndarray) -> float:
    return float(shares @ np.square(values - shares @ values))


@registry.register("class_coverage")
class ClassesFound(GeneratorMetric):
    """`class_coverage` of the logits."""

    best: ClassVar[dict[str, str]] = {"classes_found": "max", "class_reverse_kl": "min"}
    needs: ClassVar[frozenset[str]] = frozenset({"logits"})

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the number of classes, and the reverse KL with its standard error."""
        remedy = "an extractor that is a classifier"
        logits = (
            check_given(examples.logits, "logits", "class_coverage", remedy)
            for examples in (real, generated)
        )
        found = class_coverage(*logits)
        return {
            "classes_found": Estimate(float(found.classes)),
            "class_reverse_kl": found.reverse_kl,
        }
