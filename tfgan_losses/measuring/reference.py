"""Features of real examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.measuring.description import describe
from tfgan_losses.measuring.samplers import Batch
from tfgan_losses.metrics.feature_set import FeatureSet

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

# A set is often sorted by class: those that stand for it come in the order of this seed.
_SEED = 0
_AT_ONCE = 256


def real_features(
    source: Source,
    extractor: FeatureExtractor,
    count: int | None = None,
    needs: frozenset[str] = frozenset(),
) -> FeatureSet:
    """Returns what an extractor says of real examples, each of them once.

    Args:
        source: The data.
        extractor: Maps them to features.
        count: So many at most; None for all.
        needs: See `GeneratorMetric`.

    Raises:
        ValueError: If the source has no end and `count` is None, or the extractor cannot read
            such examples.
    """
    extractor.check(source.example_shape)
    sizes = [n for n in (getattr(source, "size", None), count) if n is not None]
    if not sizes:
        raise ValueError(
            "Expected count, since this data has no end. Received: count=None, "
            f"source={source.name!r}"
        )
    return describe(_each_once(source, min(sizes)), extractor, needs)


def _each_once(source: Source, count: int) -> Iterator[Batch]:
    left = count
    for batch in source.batches(min(_AT_ONCE, count), seed=_SEED, start=0):
        examples, labels = batch if isinstance(batch, tuple) else (batch, None)
        yield examples.numpy()[:left], None if labels is None else np.asarray(labels)[:left]
        left -= len(examples)
        if left <= 0:
            return
