"""NumPy archives as data sets."""

import os
import zipfile
import zlib

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses.datasets.images import collect, square_size
from tfgan_losses.datasets.source import MemorySource

_EXAMPLE_KEYS = ("images", "x_train", "x", "arr_0")
_LABEL_KEYS = ("labels", "y_train", "y")
_UNREADABLE = (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


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
        FileNotFoundError: if there is no such file.
        ValueError: if the file is no archive, holds pickled objects, or holds arrays of another
            kind, shape or range than above.
    """
    name = f"npz:{path}"
    arrays = _read(os.path.expanduser(path))
    key = _example_key(arrays, path)
    examples = _check_finite(_check_kind(arrays[key], key, path), key, path)
    labels, num_classes = _labels(arrays, len(examples), path)
    if examples.ndim == 2:
        if image_size is not None:
            raise ValueError(
                f"{path}: {key!r} holds vectors, which cannot be resized; expected no "
                f"`image_size`. Received: image_size={image_size}, shape={examples.shape}"
            )
        examples = examples.astype(np.float32)
    else:
        examples = _images(examples, key, path)
        size = square_size(name, *examples.shape[1:3], image_size)
        if examples.shape[1:3] != (size, size):
            examples = _resize(examples, size, name)
    return MemorySource.from_arrays(examples, labels, name=name, num_classes=num_classes)


def _read(path):
    if not os.path.isfile(path):
        raise FileNotFoundError(f"No such file. Expected an .npz archive. Received: npz:{path}")
    with open(path, "rb") as file:  # np.load leaves files open that it cannot read.
        try:
            archive = np.load(file, allow_pickle=False)
        except _UNREADABLE as error:
            raise ValueError(f"{path} is not an .npz archive of plain arrays: {error}") from error
        if isinstance(archive, np.ndarray):
            return {"arr_0": archive}  # An .npy file: one array.
        return {key: _array(archive, key, path) for key in archive.files}


def _array(archive, key, path):
    try:
        return archive[key]
    except _UNREADABLE as error:
        raise ValueError(
            f"{path}: the array {key!r} cannot be read: {error}. Objects and pickles are refused "
            "because loading them runs code; expected numeric arrays."
        ) from error


def _example_key(arrays, path):
    for key in _EXAMPLE_KEYS:
        if key in arrays:
            return key
    others = [key for key in arrays if key not in _LABEL_KEYS]
    if len(others) != 1:
        raise ValueError(
            f"{path}: expected the examples under one of {', '.join(map(repr, _EXAMPLE_KEYS))}, or "
            f"as the only array. Received: arrays {sorted(arrays)}"
        )
    return others[0]


def _check_kind(array, key, path):
    if array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise ValueError(
            f"{path}: expected {key!r} to be images [n, height, width(, channels)] or vectors "
            f"[n, d], and not empty. Received: shape={array.shape}"
        )
    accepted = array.dtype == np.uint8 or array.dtype.kind == "f"
    if not (accepted or (array.ndim == 2 and array.dtype.kind in "iu")):
        raise ValueError(
            f"{path}: expected {key!r} to be uint8 in [0, 255], or float in [0, 1] or [-1, 1]. "
            f"Received: dtype={array.dtype}"
        )
    return array


def _check_finite(array, key, path):
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        first = tuple(int(i) for i in np.unravel_index(np.argmin(finite), array.shape))
        count = array.size - np.count_nonzero(finite)
        raise ValueError(
            f"{path}: {count} of the {array.size} values of {key!r} are NaN or infinite, the "
            f"first at index {first}. Expected finite values. Received: {array[first]}"
        )
    return array


def _images(images, key, path):
    """Returns uint8, or float32 in [-1, 1], with a channel axis."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.shape[-1] not in (1, 3) and images.shape[1] in (1, 3):
        raise ValueError(
            f"{path}: {key!r} has its channels first; expected [n, height, width, channels]. "
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
    return images if low < 0 else images * 2 - 1


def _resize(images, size, name):
    with tf.device("CPU:0"):
        dataset = tf.data.Dataset.from_tensor_slices((images,))
    return collect(dataset, len(images), size, name=name)[0]


def _labels(arrays, size, path):
    key = next((key for key in _LABEL_KEYS if key in arrays), None)
    if key is None:
        return None, None
    labels = arrays[key]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (size,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(
            f"{path}: expected {key!r} to be {size} integers >= 0, one for each example. "
            f"Received: shape={labels.shape}, dtype={labels.dtype}"
        )
    return labels.astype(np.int32), int(labels.max()) + 1
