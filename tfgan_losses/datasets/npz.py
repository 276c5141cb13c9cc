"""NumPy archives as data sets."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfgan_losses.datasets import fingerprint, levels, npz_images, preparation
from tfgan_losses.datasets.array_files import Array, Arrays, open_arrays
from tfgan_losses.datasets.fitting import Fitting
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.npz_labels import (
    LABEL_KEYS,
    NAME_KEYS,
    count_classes,
    read_labels,
    warn_of_empty_classes,
)
from tfgan_losses.datasets.source import MemorySource

_EXAMPLE_KEYS = ("images", "image", "x_train", "x", "arr_0")
_CHUNK = 256  # images resized at a time


def load_npz(path: str, options: ImageOptions) -> MemorySource:
    """Reads images or vectors, and labels if there are any, from an .npz file into memory.

    The examples are under "images", "image", "x_train", "x" or "arr_0", or are the only array that
    is not labels; the labels under "labels", "label", "y_train" or "y", as integers, one-hot
    vectors or words; the names of the classes under "class_names", "label_names" or "names".

    Images are `[n, height, width, channels]` with 1, 3 or 4 channels, or `[n, height, width]` if
    they are square or uint8: integers in [0, 255], bool, or floats in [0, 1], or, if any pixel is
    negative, in [-1, 1]. Vectors are `[n, d]`, which are not scaled.

    Args:
        path: The file.
        options: What the user says of the images. Those of four channels keep them, unless a
            background or another number is given.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no archive, is damaged, holds pickled objects, or holds arrays
            of another kind, shape or range than above, or more than fits in memory.
    """
    with open_arrays(os.path.expanduser(path)) as arrays:
        return load_arrays(arrays, "npz", path, options)


def load_arrays(arrays: Arrays, kind: str, path: str, options: ImageOptions) -> MemorySource:
    """Reads the examples and labels of a file into memory, as `load_npz` says.

    Args:
        arrays: What the open file holds.
        kind: "npz" or "hdf5".
        path: Of the file.
        options: What the user says of the images.

    Raises:
        ValueError: As `load_npz` does.
    """
    name = f"{kind}:{path}"
    header = example_header(arrays, path)
    key = header.key
    labels = read_labels(arrays, header.shape[0], path)
    examples = check_finite(header.read(), key, path)
    checksums = fingerprint.hash_of([arrays.checksum(key), *checksums_of_labels(arrays)])
    done, more = "vectors as they are", {}
    if examples.ndim == 2:
        for option, value in options.given().items():
            raise ValueError(
                f"{path}: {key!r} holds vectors, which cannot be resized or scaled. Expected "
                f"no `{option}`. Received: {option}={value}, shape={examples.shape}"
            )
        examples = _vectors(examples, key, path)
    else:
        examples, scaled = npz_images.to_images(examples, key, path, options)
        size = (examples.shape[1], examples.shape[2])
        fitting = options.fitting(name, size, weighted=options.channels == 4)
        done = preparation.in_words(
            [size],
            fitting.size,
            examples.shape[-1],
            scaled,
            fit=options.fit,
            background=options.background,
        )
        warn_if_flat(name, examples, options.white_level, header.dtype)
        if size != fitting.size:
            examples = _fitted(examples, fitting)
        more = {"example_shape": [*examples.shape[1:]], "fit": fitting.fit_of([size])}
    counts = count_classes(labels.array, labels.num_classes)
    warn_of_empty_classes(name, counts, labels.class_names)
    return MemorySource.from_arrays(
        examples,
        labels.array,
        name=name,
        num_classes=labels.num_classes,
        class_names=labels.class_names,
        counts=counts,
        left_out=unread(arrays.keys, key),
        preparation=done,
        fingerprint=fingerprint.make(
            kind,
            size=header.shape[0],
            class_names=labels.class_names,
            counts=counts,
            shape=list(header.shape),
            dtype=str(header.dtype),
            hash=checksums,
            **more,
        ),
    )


def warn_if_flat(name: str, images: np.ndarray, white_level: float | None, dtype: np.dtype) -> None:
    """Warns of images that are nearly constant; `dtype` is that of the file."""
    lows, highs = levels.extremes(images[..., :3])
    white = 1.0 if dtype.kind == "f" else 255.0
    if white_level is None:
        remedy = levels.white_level_remedy(float(highs.max()) * white / 255, white)
    else:
        remedy = f"Expected a lower white level. Received: white_level={white_level:g}"
    levels.warn_if_flat(name, lows, highs, remedy)


def checksums_of_labels(arrays: Arrays) -> list[int]:
    """Returns what tells labels and names of classes from others."""
    return [arrays.checksum(k) for k in (*LABEL_KEYS, *NAME_KEYS) if k in arrays.keys]


def example_header(arrays: Arrays, path: str) -> Array:
    """Returns what is said of the examples, checked before any of them is read.

    Raises:
        ValueError: If there are none, or none that can be images or vectors.
    """
    header = arrays.get(_example_key(arrays.keys, path))
    _check_kind(header, path)
    return header


def _example_key(keys: Sequence[str], path: str) -> str:
    for key in _EXAMPLE_KEYS:
        if key in keys:
            return key
    others = [key for key in keys if key not in (*LABEL_KEYS, *NAME_KEYS)]
    if len(others) != 1:
        raise ValueError(
            f"{path}: expected the examples under one of {', '.join(map(repr, _EXAMPLE_KEYS))}, or "
            f"as the only array. Received: arrays {sorted(keys)}"
        )
    return others[0]


def unread(keys: Sequence[str], example_key: str) -> dict[str, int]:
    """Returns the arrays that are no examples, labels or names, such as mistyped labels."""
    read = {example_key}
    for known in (LABEL_KEYS, NAME_KEYS):
        read.update([key for key in known if key in keys][:1])
    return {f"array {key!r}": 1 for key in keys if key not in read}


def _check_kind(header: Array, path: str) -> None:
    key, shape, dtype = header.key, header.shape, header.dtype
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise ValueError(
            f"{path}: expected {key!r} to be images [n, height, width(, channels)] or vectors "
            f"[n, d], and not empty. Received: shape={shape}"
        )
    if dtype.kind not in ("iuf" if len(shape) == 2 else "iufb"):
        raise ValueError(
            f"{path}: expected {key!r} to be uint8 in [0, 255], or float in [0, 1] or [-1, 1]. "
            f"Received: dtype={dtype}"
        )
    npz_images.check_shape(header, path)


def check_finite(array: np.ndarray, key: str, path: str, begin: int = 0) -> np.ndarray:
    """Returns the array; `begin` is the number of its first example.

    Raises:
        ValueError: If a value is NaN or infinite.
    """
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        at = tuple(int(i) for i in np.unravel_index(np.argmin(finite), array.shape))
        first = (at[0] + begin, *at[1:])
        count = array.size - np.count_nonzero(finite)
        raise ValueError(
            f"{path}: {count} of the {array.size} values of {key!r} are NaN or infinite, the "
            f"first at index {first}. Expected finite values. Received: {array[at]}"
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


def _fitted(images: np.ndarray, fitting: Fitting) -> np.ndarray:
    # Part by part: as a data set, the whole array would be copied twice.
    fitted = np.empty((len(images), *fitting.size, images.shape[-1]), images.dtype)
    with tf.device("CPU:0"):
        for begin in range(0, len(images), _CHUNK):
            part = tf.constant(images[begin : begin + _CHUNK])
            fitted[begin : begin + _CHUNK] = fitting(part).numpy()
    return fitted
