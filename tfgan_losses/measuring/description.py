"""From examples to what metrics see of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.extractors.reading import quantised as quantised
from tfgan_losses.measuring.samplers import Batch
from tfgan_losses.metrics.feature_set import FeatureSet

_AT_ONCE = 256


def describe(
    batches: Iterable[Batch], extractor: FeatureExtractor, needs: Iterable[str] = ()
) -> FeatureSet:
    """Returns what an extractor says of examples; it gets at most 256 of them at once.

    No more of the examples is kept than a batch, unless they are asked for.

    Args:
        batches: Examples, images as floats in [-1, 1] or as uint8, and their labels or None.
        extractor: Maps them to features.
        needs: See `GeneratorMetric`; `"examples"` keeps them, `"maps"` asks for feature maps.

    Raises:
        ValueError: If there are no examples, they are not of one type and shape that the
            extractor reads, values are not finite or far out of range, or only some batches have
            labels.
    """
    parts = _Parts(needs)
    for examples, labels in batches:
        parts.add(np.asarray(examples), labels, extractor)
    return parts.joined()


class _Parts:
    """What was said of the batches so far."""

    def __init__(self, needs: Iterable[str]):
        self._needs = frozenset(needs)
        self._kind: tuple[np.dtype, tuple[int, ...]] | None = None
        self._features, self._logits, self._labels = _Rows(), _Rows(), _Rows()
        self._examples, self._maps = _Rows(), _Rows()

    def add(
        self, examples: np.ndarray, labels: np.ndarray | None, extractor: FeatureExtractor
    ) -> None:
        """Looks at one batch."""
        self._check(examples, labels, extractor)
        for start in range(0, len(examples), _AT_ONCE):
            # Rounded part by part: of thousands of large images no second copy is made.
            part = quantised(examples[start : start + _AT_ONCE])
            extracted = extractor(part)
            self._features.add(extracted.features)
            if extracted.logits is not None:
                self._logits.add(extracted.logits)
            if "examples" in self._needs:
                self._examples.add(part)
            if "maps" in self._needs:
                self._maps.add(extractor.maps(part))
        if labels is not None:
            self._labels.add(np.asarray(labels))

    def joined(self) -> FeatureSet:
        """Returns all of it."""
        if self._features.array is None:
            raise ValueError("Expected at least one example. Received: none")
        rows = (self._logits, self._labels, self._examples, self._maps)
        return FeatureSet(self._features.array, *(each.array for each in rows))

    def _check(
        self, examples: np.ndarray, labels: np.ndarray | None, extractor: FeatureExtractor
    ) -> None:
        kind = (examples.dtype, examples.shape[1:])
        if self._kind is None:
            extractor.check(examples.shape[1:])
            self._kind = kind
        if kind != self._kind:
            raise ValueError(
                f"Expected batches of one type and shape, such as the first one, {self._kind[0]} "
                f"of shape {self._kind[1]}. Received: {kind[0]} of shape {kind[1]}"
            )
        if labels is not None and len(labels) != len(examples):
            raise ValueError(
                f"Expected a label for each example. Received: {len(examples)} examples and "
                f"{len(labels)} labels"
            )
        had_labels = self._labels.array is not None
        if self._features.array is not None and had_labels != (labels is not None):
            raise ValueError("Expected labels of all batches or of none. Received: of some")


class _Rows:
    """An array that grows in place: joined of parts there would be twice of all for a moment."""

    def __init__(self) -> None:
        self.array: np.ndarray | None = None

    def add(self, part: np.ndarray) -> None:
        """Appends a copy."""
        if self.array is None:
            self.array = np.array(part)
            return
        count = len(self.array)
        self.array.resize((count + len(part), *part.shape[1:]), refcheck=False)
        self.array[count:] = part
