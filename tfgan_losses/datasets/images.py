"""What all image sets share: batches of one size, scaling, and the way into memory."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses import progress
from tfgan_losses.datasets.fitting import Fitting

# What a data set of images yields: (image,) or (image, label).
Element: TypeAlias = tuple[tf.Tensor, ...]

_LARGE = 256 * 2**20  # bytes; a set this large takes a while, so loading it says so
_CHUNK = 256  # examples read at a time
_OF_BAD_DATA = (
    tf.errors.InvalidArgumentError,
    tf.errors.DataLossError,
    tf.errors.NotFoundError,
    tf.errors.FailedPreconditionError,
)
_PLACES_OF_DATA = ("IteratorGetNext", "Error in user-defined function passed to")
_OF_THE_GRAPH = ("File ", "[[", "Detected at ", "Graph execution error", "<stack traces")


def to_unit_range(images: tf.Tensor) -> tf.Tensor:
    """Scales uint8 in [0, 255] to float32 in [-1, 1]; floats are returned as they are."""
    if images.dtype != tf.uint8:
        return images
    return tf.cast(images, tf.float32) / 127.5 - 1.0


def fitted_batches(
    dataset: tf.data.Dataset, fitting: Fitting, batch_size: int, *, drop_remainder: bool = False
) -> tf.data.Dataset:
    """Batches `(image,)` or `(image, label)` tuples, the images brought to one size."""

    def fit(image: tf.Tensor, *label: tf.Tensor) -> Element:
        return fitting(image), *label

    parallel = tf.data.AUTOTUNE
    if dataset.element_spec[0].shape.is_fully_defined():  # Four times as fast at 28x28.
        return dataset.batch(batch_size, drop_remainder).map(fit, num_parallel_calls=parallel)
    return dataset.map(fit, num_parallel_calls=parallel).batch(batch_size, drop_remainder)


def memory_available() -> int:
    """Returns the bytes of memory that can be taken without swapping, or an estimate of it."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            fields = dict(line.split(":") for line in lines)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        # Not Linux: half of what is installed is a guess at what is free.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def memory_budget(memory_limit: int | None) -> int:
    """Returns the bytes a set may take: `memory_limit`, or half of what is available."""
    return memory_available() // 2 if memory_limit is None else memory_limit


@contextlib.contextmanager
def explain_bad_data(name: str, remedy: str = "") -> Iterator[None]:
    """Raises what TensorFlow says of bad data in pages as a ValueError of one line.

    Args:
        name: Name of the data set, for the message.
        remedy: What can be done about damaged files, a sentence.
    """
    try:
        yield
    except _OF_BAD_DATA as error:
        reason, known = _reason(error.message)
        end = f". {remedy}" if remedy and not known else ""
        raise ValueError(f"The data set {name!r} cannot be read: {reason}{end}") from None


@contextlib.contextmanager
def explain_bad_batches(name: str) -> Iterator[None]:
    """As `explain_bad_data`, around a training that also raises such errors for other causes.

    Args:
        name: Name of the data set, for the message.
    """
    try:
        yield
    except _OF_BAD_DATA as error:
        if not any(place in error.message for place in _PLACES_OF_DATA):
            raise
        reason, _ = _reason(error.message)
        raise ValueError(f"The data set {name!r} cannot be read any more: {reason}") from None


def _reason(message: str) -> tuple[str, bool]:
    """Returns one line of what TensorFlow says, and whether that comes from this package."""
    said = re.search(r"ValueError: (.*?)(\] \[Condition|$)", message, re.MULTILINE)
    if said:
        return said[1], True
    lines = (line.strip() for line in message.splitlines())
    reasons = [line for line in lines if line and not line.startswith(_OF_THE_GRAPH)]
    # It puts the place in the graph around the reason.
    return re.sub(r"^{{.*?}}\s*|\s*\[Op:.*$", "", (reasons or [message])[0]).rstrip("."), False


def collect(
    dataset: tf.data.Dataset, size: int, fitting: Fitting, *, name: str, remedy: str = ""
) -> list[np.ndarray]:
    """Reads a finite set of images into arrays.

    Args:
        dataset: Yields `(image,)` or `(image, label)`.
        size: Number of images.
        fitting: Brings the images to one size.
        name: Name of the data set, for messages.
        remedy: What can be done if it is damaged, a sentence.

    Returns:
        `[images]` or `[images, labels]`, with shapes `[size, *fitting.size, channels]` and
        `[size]`.

    Raises:
        ValueError: If there are fewer than `size` elements, or one cannot be decoded.
    """
    batches = fitted_batches(dataset, fitting, _CHUNK)
    arrays = [
        np.empty((size, *spec.shape[1:]), spec.dtype.as_numpy_dtype)
        for spec in batches.element_spec
    ]
    total = sum(array.nbytes for array in arrays)
    if total > _LARGE:
        logging.info("Reading %s (%d examples, %.1f GB) into memory.", name, size, total / 1e9)
    iterator = iter(batches.prefetch(2))

    def count(begin: int) -> int:
        return min(_CHUNK, size - begin)

    for begin in progress.counted(range(0, size, _CHUNK), size, f"reading {name}", count):
        # Not a for loop over the data set: its end makes TensorFlow log an "aborting" line.
        with explain_bad_data(name, remedy):
            parts = next(iterator, None)
        if parts is None or len(parts[0]) != count(begin):
            end = f". {remedy}" if remedy else ""
            raise ValueError(f"The data set {name!r} is damaged: expected {size} examples{end}")
        for array, part in zip(arrays, parts, strict=True):
            array[begin : begin + _CHUNK] = part.numpy()
    return arrays
