"""From examples to what metrics see of them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.measuring.samplers import Batch
from tfgan_losses.metrics.feature_set import FeatureSet

_AT_ONCE = 256
# No linear output of a network that makes images in [-1, 1] goes so far; a scale of 0..255 does.
_FAR_OUTSIDE = 16.0


def quantised(examples: np.ndarray) -> np.ndarray:
    """Returns images as they are written to files, uint8; anything else as float32.

    Args:
        examples: [n, ...]; images [n, height, width, channels] in [-1, 1] (a linear output that
            leaves it is clipped, as where it is shown) or uint8.

    Raises:
        ValueError: If a value is not finite, or images are far outside of [-1, 1].
    """
    if examples.dtype == np.uint8:
        return examples
    if not np.isfinite(examples).all():
        raise ValueError("Expected finite examples. Received: NaN or infinity among them")
    if examples.ndim != 4:
        return examples.astype(np.float32)
    largest = float(np.abs(examples).max(initial=0.0))
    if largest > _FAR_OUTSIDE:
        raise ValueError(
            "Expected float images in [-1, 1], or uint8 in 0..255. "
            f"Received: float images with values up to {largest:.4g}"
        )
    return np.rint((np.clip(examples, -1, 1) + 1) * 127.5).astype(np.uint8)


def describe(
    batches: Iterable[Batch], extractor: FeatureExtractor, needs: Iterable[str] = ()
) -> FeatureSet:
    """Returns what an extractor says of examples; it gets at most 256 of them at once.

    Args:
        batches: Examples and their labels.
        extractor: Maps them to features.
        needs: See `GeneratorMetric`; `"examples"` keeps them.
    """
    features, logits, labels, examples = [], [], [], []
    for batch, own_labels in batches:
        batch = quantised(np.asarray(batch))
        for part in np.array_split(batch, math.ceil(len(batch) / _AT_ONCE)):
            extracted = extractor(part)
            features.append(extracted.features)
            if extracted.logits is not None:
                logits.append(extracted.logits)
        if own_labels is not None:
            labels.append(own_labels)
        if "examples" in needs:
            examples.append(batch)
    return FeatureSet(np.concatenate(features), *map(_joined, (logits, labels, examples)))


def _joined(parts: list[np.ndarray]) -> np.ndarray | None:
    return np.concatenate(parts) if parts else None
