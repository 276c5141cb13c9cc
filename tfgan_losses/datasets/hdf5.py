"""HDF5 files as data sets."""

from __future__ import annotations

import functools
import math
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import h5py
import numpy as np
import tensorflow as tf

from tfgan_losses import data_paths, progress
from tfgan_losses.datasets import fingerprint, npz, preparation
from tfgan_losses.datasets.array_files import Array
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.images import Element, collect, memory_available, memory_budget
from tfgan_losses.datasets.npz_images import Pixels
from tfgan_losses.datasets.npz_labels import count_classes, read_labels, warn_of_empty_classes
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import IndexedStream

_CHUNK = 256  # examples read at a time
_CACHE = 2**26  # bytes of decompressed chunks that HDF5 keeps
# Values are converted, and images copied to their size.
_COPIES = 3
_SHOWN = 64  # images of a file that is not read whole, for a warning


class Hdf5Arrays:
    """The data sets of an open HDF5 file; those in groups are called `group/name`.

    Attributes:
        keys: Their names.
    """

    def __init__(self, path: str, file: h5py.File):
        self._path, self._file = path, file
        self.keys: list[str] = []
        # Without what links lead to, which may be other files.
        file.visititems(
            lambda name, item: self.keys.append(name) if isinstance(item, h5py.Dataset) else None
        )

    def get(self, key: str) -> Array:
        """Returns what is said of an array; words have the type of texts."""
        found = self.rows(key)
        of_words = h5py.check_string_dtype(found.dtype) is not None
        dtype = np.dtype(str) if of_words else found.dtype
        return Array(key, found.shape or (), dtype, functools.partial(self._read, key))

    def checksum(self, key: str) -> int:
        """Returns the CRC-32 of what an array holds."""
        found = zlib.crc32(b"")
        values = self.get(key)
        if values.dtype.kind == "U" or not values.shape:
            return zlib.crc32(repr(values.read().tolist()).encode("utf-8", "backslashreplace"))
        for begin in range(0, values.shape[0], _CHUNK):
            part = np.ascontiguousarray(self.rows(key)[begin : begin + _CHUNK])
            found = zlib.crc32(part.view(np.uint8).reshape(-1).data, found)
        return found

    def rows(self, key: str) -> h5py.Dataset:
        """Returns what reads parts of an array."""
        return self._file[key]

    def _read(self, key: str) -> np.ndarray:
        found = self.rows(key)
        try:
            if h5py.check_string_dtype(found.dtype) is not None:
                return np.array(found.asstr(errors="backslashreplace")[()], str)
            values = found[()]
        except Exception as error:  # Of damaged chunks.
            raise ValueError(_cannot_be_read(self._path, key, error)) from error
        return np.ascontiguousarray(values, values.dtype.newbyteorder("="))


def load_hdf5(path: str, options: ImageOptions, *, memory_limit: int | None = None) -> BaseSource:
    """Reads images or vectors, and labels if there are any, from an HDF5 file.

    Names, kinds and ranges of arrays are those of `load_npz`. Images that do not fit in memory as
    they are stored are looked at once, and read into memory at the size that is asked for, or, if
    that does not fit, either, read during training, each when it is needed; a file whose chunks
    hold many images is slow then.

    Args:
        path: The file.
        options: What the user says of the images.
        memory_limit: Bytes; larger sets are read during training. Default: half the memory.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no HDF5 file, or what `load_npz` says of its arrays.
    """
    name = f"hdf5:{path}"
    file = data_paths.file_of("hdf5", path)
    try:
        opened = h5py.File(file, "r", rdcc_nbytes=_CACHE)
        arrays = Hdf5Arrays(path, opened)
    except Exception as error:  # Broken ones raise nearly anything.
        raise ValueError(f"Expected an HDF5 file. Received: {name}: {_reason(error)}") from error
    header = npz.example_header(arrays, path)
    needed = _COPIES * math.prod(header.shape) * max(header.dtype.itemsize, 4)
    if len(header.shape) == 2 or needed <= memory_budget(memory_limit):
        if needed > memory_available():
            raise ValueError(
                f"{path}: expected vectors, or images of this size, that fit in memory. Received: "
                f"{header.key!r} of shape {header.shape}, which needs {needed} bytes"
            )
        with opened:
            return npz.load_arrays(arrays, "hdf5", path, options)
    return _large(arrays, header, path, options, memory_limit)


class _Look(NamedTuple):
    """What is found out of all values of an array by reading it once."""

    low: float
    high: float
    checksum: int


def _large(
    arrays: Hdf5Arrays, header: Array, path: str, options: ImageOptions, memory_limit: int | None
) -> BaseSource:
    """Images of which the whole array is not held in memory."""
    name, size = f"hdf5:{path}", (header.shape[1], header.shape[2])
    labels = read_labels(arrays, header.shape[0], path)
    look = _look(arrays.rows(header.key), header, path, name)
    pixels = Pixels.of(header, look.low, look.high, path, options)
    fitting = options.fitting(name, size, weighted=options.channels == 4)
    fetch = _fetcher(arrays.rows(header.key), pixels, size, labels.array)
    shape = (*fitting.size, pixels.channels)
    counts = count_classes(labels.array, labels.num_classes)
    warn_of_empty_classes(name, counts, labels.class_names)
    attributes: dict[str, Any] = {
        "name": name,
        "num_classes": labels.num_classes,
        "class_names": labels.class_names,
        "counts": counts,
        "left_out": npz.unread(arrays.keys, header.key),
        "preparation": preparation.in_words(
            [size],
            fitting.size,
            pixels.channels,
            pixels.done,
            fit=options.fit,
            background=options.background,
        ),
        "fingerprint": fingerprint.make(
            "hdf5",
            size=header.shape[0],
            class_names=labels.class_names,
            counts=counts,
            shape=list(header.shape),
            dtype=str(header.dtype),
            hash=fingerprint.hash_of([look.checksum, *npz.checksums_of_labels(arrays)]),
            example_shape=[*shape],
            fit=fitting.fit_of([size]),
        ),
    }
    count = header.shape[0]
    shown = pixels(arrays.rows(header.key)[:_SHOWN])
    npz.warn_if_flat(name, shown, options.white_level, header.dtype)
    if count * math.prod(shape) * pixels.dtype.itemsize <= memory_budget(memory_limit):
        rows = tf.data.Dataset.range(count).map(fetch)
        return MemorySource.from_arrays(*collect(rows, count, fitting, name=name), **attributes)
    return IndexedStream(
        size=count,
        example_shape=shape,
        fetch=fetch,
        fitting=fitting,
        labels=labels.array,
        **attributes,
    )


def _look(rows: h5py.Dataset, header: Array, path: str, name: str) -> _Look:
    low, high, checksum = math.inf, -math.inf, zlib.crc32(b"")
    begins = range(0, header.shape[0], _CHUNK)
    for begin in progress.counted(begins, len(begins), f"looking at {name}"):
        try:
            part = np.ascontiguousarray(rows[begin : begin + _CHUNK])
        except OSError as error:  # Of damaged chunks.
            raise ValueError(_cannot_be_read(path, header.key, error)) from error
        npz.check_finite(part, header.key, path, begin)
        low, high = min(low, float(part.min())), max(high, float(part.max()))
        checksum = zlib.crc32(part.view(np.uint8).reshape(-1).data, checksum)
    return _Look(low, high, checksum)


def _fetcher(
    rows: h5py.Dataset, pixels: Pixels, size: tuple[int, int], labels: np.ndarray | None
) -> Callable[[tf.Tensor], Element]:
    with tf.device("CPU:0"):
        classes = None if labels is None else tf.constant(labels, tf.int32)

    def read(index: np.ndarray) -> np.ndarray:
        return pixels(rows[int(index) : int(index) + 1])[0]

    def fetch(index: tf.Tensor) -> Element:
        image = tf.numpy_function(read, [index], tf.as_dtype(pixels.dtype), stateful=False)
        image = tf.ensure_shape(image, [*size, pixels.channels])
        return (image,) if classes is None else (image, classes[index])

    return fetch


def _cannot_be_read(path: str, key: str, error: Exception) -> str:
    return f"{path}: the array {key!r} cannot be read: {_reason(error)}"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
