"""Features of real examples, computed once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from tfgan_losses import progress
from tfgan_losses.extractors import reading
from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.extractors.cache import Entry
from tfgan_losses.measuring.description import describe
from tfgan_losses.metrics.feature_set import FeatureSet

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

# Changes with what features of an extractor are computed of, as `quantised` does it.
_VERSION = 1
_KEPT = ("features", "logits", "labels")


def real_features(
    source: Source,
    extractor: FeatureExtractor,
    count: int | None = None,
    needs: frozenset[str] = frozenset(),
    *,
    cache: bool = True,
) -> FeatureSet:
    """Returns what an extractor says of real examples, each of them once.

    It is kept in a file for the next time, as `extractors.cache` says where, if the source has a
    fingerprint; examples that are asked for are read again, and feature maps are not kept.

    Args:
        source: The data.
        extractor: Maps them to features.
        count: So many at most; None for all.
        needs: See `GeneratorMetric`.
        cache: Whether a file is looked for and written.

    Raises:
        ValueError: If the source has no end and `count` is None, or the extractor cannot read
            such examples.
    """
    extractor.check(tuple(source.example_shape))
    count = reading.number_of(source, count)
    entry = _entry(source, extractor, count) if cache and "maps" not in needs else None
    kept = None if entry is None else entry.read(lambda arrays: _whole(arrays, count))
    if kept is not None:
        return _with_examples(kept, source, count) if "examples" in needs else kept
    batches = progress.counted(
        reading.each_once(source, count), count, "looking at real examples", reading.size_of
    )
    found = describe(batches, extractor, needs)
    if entry is not None:
        entry.write(_arrays(found))
    return found


def _entry(source: Source, extractor: FeatureExtractor, count: int) -> Entry | None:
    identity = reading.identity_of(source)
    if identity is None:
        return None
    return Entry(
        "features",
        {
            "version": _VERSION,
            "data": identity,
            "count": count,
            "extractor": {"name": extractor.name, **extractor.facts()},
        },
    )


def _arrays(found: FeatureSet) -> dict[str, np.ndarray]:
    arrays = {name: getattr(found, name) for name in _KEPT}
    return {name: array for name, array in arrays.items() if array is not None}


def _whole(arrays: dict[str, np.ndarray], count: int) -> FeatureSet:
    found = FeatureSet(**arrays)
    if found.features.dtype.kind != "f" or {len(each) for each in arrays.values()} != {count}:
        raise ValueError(f"it holds no features of {count} examples")
    return found


def _with_examples(found: FeatureSet, source: Source, count: int) -> FeatureSet:
    parts = [reading.quantised(examples) for examples, _ in reading.each_once(source, count)]
    return dataclasses.replace(found, examples=np.concatenate(parts))
