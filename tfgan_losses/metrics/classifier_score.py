"""How sure a classifier is of generated examples, and how many classes it sees among them."""

from __future__ import annotations

import itertools
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_given, check_logits
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet

# Of the order of the examples, as in torch-fidelity.
_SHUFFLE_SEED = 2020


def classifier_score(logits: ArrayLike, splits: int = 10) -> Estimate:
    """exp of the mean KL(p(y|x) || p(y)) over generated examples x, p(y) being their mean p(y|x).

    With the Inception network of its authors this is the Inception score. It is computed for equal
    parts of the examples, in the order that they come in, of which the value is the mean: shuffle
    examples that are sorted by class.

    Args:
        logits: Of generated examples, without softmax, [n, classes], of any float type.
        splits: Number of parts, at most n; 10 in the paper. The score grows with the size of a
            part, so that only scores of equal n and splits compare.

    Returns:
        The score, between 1 and the number of classes. Its standard error comes from the scores of
        the parts; papers print their standard deviation, about sqrt(splits) times as large. With
        one part it comes from how much each example moves the score (delta method).

    Raises:
        ValueError: If the logits are no matrix of finite numbers of a float type, or there are
            fewer of them than splits.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> logits = 100.0 * np.eye(10)[np.arange(500) % 10]  # Sure, and all classes.
        >>> print(metrics.classifier_score(logits))
        10 ± 0

    References:
        Salimans et al., 2016, Improved Techniques for Training GANs, arXiv:1606.03498, section 4.
        What it does not say: Barratt & Sharma, 2018, A Note on the Inception Score,
        arXiv:1801.01973.
    """
    _check_splits(splits)
    logits = check_logits(logits, at_least=splits)
    bounds = np.arange(splits + 1) * len(logits) // splits
    parts = [_divergences(logits[a:b]) for a, b in itertools.pairwise(bounds)]
    scores = np.exp([part.mean() for part in parts])
    if splits > 1:
        error = scores.std(ddof=1) / np.sqrt(splits)
    else:
        error = scores[0] * parts[0].std() / np.sqrt(len(logits))
    return Estimate(float(scores.mean()), float(error))


def _divergences(logits: np.ndarray) -> np.ndarray:
    """Returns KL(p(y|x) || p(y)) of each of these examples, in nats."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    # A class that no example has at all has p = 0 in each of them: 0 log 0 = 0.
    log_mean = np.log(np.maximum(p.mean(axis=0), np.finfo(np.float64).tiny))
    return (p * (log_p - log_mean)).sum(axis=1)


def _check_splits(splits: int) -> None:
    if not isinstance(splits, int | np.integer) or splits < 1:
        raise ValueError(f"Expected splits to be an integer of at least 1. Received: {splits=}")


@registry.register("classifier_score")
class ClassifierScore(GeneratorMetric):
    """`classifier_score` of the generated examples, shuffled as torch-fidelity shuffles them.

    It does not look at real examples.

    Args:
        splits: Number of parts.
    """

    best: ClassVar[dict[str, str]] = {"classifier_score": "max"}
    needs: ClassVar[frozenset[str]] = frozenset({"logits"})

    def __init__(self, splits: int = 10):
        _check_splits(splits)
        self.splits = splits

    def get_config(self) -> dict[str, int]:
        """The number of parts."""
        return {"splits": self.splits}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the score and its standard error."""
        remedy = "an extractor that is a classifier"
        logits = check_given(generated.logits, "logits", "classifier_score", remedy)
        order = np.random.RandomState(_SHUFFLE_SEED).permutation(len(logits))
        return {"classifier_score": classifier_score(logits[order], self.splits)}
