"""NumPy archives as data sets."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses.datasets.array_files import Array, ArrayFile, open_arrays
from tfgan_losses.datasets.images import collect, square_size
from tfgan_losses.datasets.source import MemorySource

_EXAMPLE_KEYS = ("images", "x_train", "x", "arr_0")
_LABEL_KEYS = ("labels", "y_train", "y")


def load_npz(path: str, *, image_size: int | None = None) -> MemorySource:
    """Reads images or vectors, and labels if there are any, from an .npz file into memory.

    The examples are under "images", "x_train", "x" or "arr_0", or are the only array that is not
    labels; the labels under "labels", "y_train" or "y". Accepted are images uint8 or float (in
    [0, 1], or, if any pixel is negative, in [-1, 1]), `[n, height, width]` or `[n, height, width,
    channels]`, and vectors `[n, d]`, which are not scaled.

    Args:
        path: The file.
        image_size: Height and width to resize images to; `None` keeps square images as they are.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no archive, is damaged, holds pickled objects, or holds arrays
            of another kind, shape or range than above, or more than fits in memory.
    """
    name = f"npz:{path}"
    with open_arrays(os.path.expanduser(path)) as arrays:
        header = arrays.get(_example_key(arrays.keys, path))
        key = header.key
        _check_kind(header, path)
        labels, num_classes = _labels(arrays, header.shape[0], path)
        examples = _check_finite(header.read(), key, path)
    if examples.ndim == 2:
        if image_size is not None:
            raise ValueError(
                f"{path}: {key!r} holds vectors, which cannot be resized. Expected no "
                f"`image_size`. Received: image_size={image_size}, shape={examples.shape}"
            )
        examples = _vectors(examples, key, path)
    else:
        examples = _images(examples, key, path)
        size = square_size(name, examples.shape[1], examples.shape[2], image_size)
        if examples.shape[1:3] != (size, size):
            examples = _resize(examples, size, name)
    return MemorySource.from_arrays(examples, labels, name=name, num_classes=num_classes)


def _example_key(keys: Sequence[str], path: str) -> str:
    for key in _EXAMPLE_KEYS:
        if key in keys:
            return key
    others = [key for key in keys if key not in _LABEL_KEYS]
    if len(others) != 1:
        raise ValueError(
            f"{path}: expected the examples under one of {', '.join(map(repr, _EXAMPLE_KEYS))}, or "
            f"as the only array. Received: arrays {sorted(keys)}"
        )
    return others[0]


def _check_kind(header: Array, path: str) -> None:
    """Before anything is read, which may take a while."""
    key, shape, dtype = header.key, header.shape, header.dtype
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise ValueError(
            f"{path}: expected {key!r} to be images [n, height, width(, channels)] or vectors "
            f"[n, d], and not empty. Received: shape={shape}"
        )
    accepted = dtype == np.uint8 or dtype.kind == "f"
    if not (accepted or (len(shape) == 2 and dtype.kind in "iu")):
        raise ValueError(
            f"{path}: expected {key!r} to be uint8 in [0, 255], or float in [0, 1] or [-1, 1]. "
            f"Received: dtype={dtype}"
        )


def _check_finite(array: np.ndarray, key: str, path: str) -> np.ndarray:
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        first = tuple(int(i) for i in np.unravel_index(np.argmin(finite), array.shape))
        count = array.size - np.count_nonzero(finite)
        raise ValueError(
            f"{path}: {count} of the {array.size} values of {key!r} are NaN or infinite, the "
            f"first at index {first}. Expected finite values. Received: {array[first]}"
        )
    return array


def _vectors(vectors: np.ndarray, key: str, path: str) -> np.ndarray:
    low, high = float(vectors.min()), float(vectors.max())
    if max(-low, high) > float(np.finfo(np.float32).max):
        raise ValueError(
            f"{path}: expected values of {key!r} that float32 can hold. "
            f"Received: values from {low} to {high}"
        )
    return vectors.astype(np.float32)


def _images(images: np.ndarray, key: str, path: str) -> np.ndarray:
    """Returns uint8, or float32 in [-1, 1], with a channel axis."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.shape[-1] not in (1, 3) and images.shape[1] in (1, 3):
        raise ValueError(
            f"{path}: {key!r} has its channels first. Expected [n, height, width, channels]. "
            f"Received: shape={images.shape}"
        )
    if images.dtype == np.uint8:
        return images
    low, high = float(images.min()), float(images.max())
    if low < -1 or high > 1:
        raise ValueError(
            f"{path}: expected float pixels of {key!r} in [0, 1] or [-1, 1]. "
            f"Received: values from {low} to {high}"
        )
    images = images.astype(np.float32)
    logging.info("%s: pixels from %g to %g, read as [%d, 1].", path, low, high, -(low < 0))
    if low >= 0:
        images *= 2
        images -= 1
    return images


def _resize(images: np.ndarray, size: int, name: str) -> np.ndarray:
    with tf.device("CPU:0"):
        dataset = tf.data.Dataset.from_tensor_slices((images,))
    return collect(dataset, len(images), size, name=name)[0]


def _labels(arrays: ArrayFile, size: int, path: str) -> tuple[np.ndarray, int] | tuple[None, None]:
    key = next((key for key in _LABEL_KEYS if key in arrays.keys), None)
    if key is None:
        return None, None
    header = arrays.get(key)
    labels = None
    if header.shape in [(size,), (size, 1)] and header.dtype.kind in "iu":
        labels = header.read().reshape(size)
    if labels is None or labels.min() < 0 or labels.max() >= np.iinfo(np.int32).max:
        raise ValueError(
            f"{path}: expected {key!r} to be {size} integers >= 0 of at most 31 bits, one for "
            f"each example. Received: shape={header.shape}, dtype={header.dtype}"
        )
    return labels.astype(np.int32), int(labels.max()) + 1
