"""Real examples, each of them once, and images as files have them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.datasets.fingerprint import Fingerprint

Batch: TypeAlias = tuple[np.ndarray, np.ndarray | None]

QUANTISATION = "uint8: 127.5 (x + 1), clipped to [0, 255], rounded"
"""What is done to examples in [-1, 1] before an extractor sees them, as results say it."""

# A set is often sorted by class: those that stand for it come in the order of this seed.
_SEED = 0
_AT_ONCE = 256
# Of a batch of floats: several are read ahead.
_BYTES_AT_ONCE = 2**26
_SEEN = 64
# No linear output of a network that makes images in [-1, 1] goes so far; a scale of 0..255 does.
_FAR_OUTSIDE = 16.0


def quantised(examples: np.ndarray) -> np.ndarray:
    """Returns images as they are written to files, uint8; anything else as float32.

    Args:
        examples: [n, ...]; images [n, height, width, channels], floats in [-1, 1] (a linear output
            that leaves it is clipped, as where it is shown) or uint8.

    Raises:
        ValueError: If a value is not finite, or images are integers of another type or far
            outside of [-1, 1].
    """
    images = examples.ndim == 4
    if images and examples.dtype == np.uint8:
        return examples
    if images and examples.dtype.kind in "iub":
        raise ValueError(
            "Expected images as floats in [-1, 1], or as uint8 in 0..255. "
            f"Received: dtype={examples.dtype}"
        )
    values = examples.astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise ValueError("Expected finite examples. Received: NaN or infinity among them")
    return _rounded(values) if images else values


def _rounded(values: np.ndarray) -> np.ndarray:
    largest = float(np.abs(values).max(initial=0.0))
    if largest > _FAR_OUTSIDE:
        raise ValueError(
            "Expected float images in [-1, 1], or uint8 in 0..255. "
            f"Received: float images with values up to {largest:.4g}"
        )
    return np.rint((np.clip(values, -1, 1) + 1) * 127.5).astype(np.uint8)


def each_once(source: Source, count: int, seed: int = _SEED) -> Iterator[Batch]:
    """Yields the examples of a source in one order, float32, with their labels or None.

    Args:
        source: The data.
        count: So many; no more than it has.
        seed: Of the order.
    """
    size = 4 * math.prod(source.example_shape)
    at_once = max(1, min(_AT_ONCE, _BYTES_AT_ONCE // size, count))
    left = count
    for batch in source.batches(at_once, seed=seed, start=0):
        examples, labels = batch if isinstance(batch, tuple) else (batch, None)
        yield np.asarray(examples)[:left], None if labels is None else np.asarray(labels)[:left]
        left -= len(examples)
        if left <= 0:
            return


def size_of(batch: Batch) -> int:
    """Returns how many examples there are in a batch."""
    return len(batch[0])


def number_of(source: Source, count: int | None) -> int:
    """Returns how many examples there are to read, at most `count`.

    Raises:
        ValueError: If the source has no end and `count` is None, or `count` is less than 1.
    """
    if count is not None and count < 1:
        raise ValueError(f"Expected count >= 1, or None for all. Received: count={count}")
    sizes = [size for size in (getattr(source, "size", None), count) if size is not None]
    if not sizes:
        raise ValueError(
            "Expected count, since this data has no end. Received: count=None, "
            f"source={getattr(source, 'name', source)!r}"
        )
    return min(sizes)


def identity_of(source: Source) -> Fingerprint | None:
    """Returns what tells the examples of a source from all others, or None where nothing does.

    The fingerprint of a folder is of names and sizes, so that some examples are looked at.
    """
    fingerprint = getattr(source, "fingerprint", None)
    if fingerprint is None:
        return None
    first, _ = next(each_once(source, min(_SEEN, number_of(source, _SEEN))))
    return {
        **fingerprint,
        "example_shape": [int(size) for size in source.example_shape],
        "preparation": str(getattr(source, "preparation", "")),
        "first_examples": zlib.crc32(np.ascontiguousarray(first).tobytes()),
    }
