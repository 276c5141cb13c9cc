"""What all image sets share: cropping and resizing, scaling, and the way into memory."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import tensorflow as tf
from absl import logging

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


def fit_image(image: tf.Tensor, size: int) -> tf.Tensor:
    """Crops the centre square and resizes it with antialiasing.

    The filter is Lanczos-3, stretched when shrinking, the same as Pillow's `LANCZOS`.

    Args:
        image: `[..., height, width, channels]` with at most one axis in front, uint8, or float32
            in [-1, 1].
        size: Height and width of the result.

    Returns:
        `[..., size, size, channels]` of the same dtype and range.
    """
    if image.shape[-3:-1] == (size, size):
        return image
    height, width = tf.unstack(tf.shape(image)[-3:-1])
    side = tf.minimum(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[..., top : top + side, left : left + side, :]
    resized = tf.image.resize(square, [size, size], method="lanczos3", antialias=True)
    # Lanczos overshoots at edges.
    if image.dtype == tf.uint8:
        resized = tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8)
    else:
        resized = tf.clip_by_value(resized, -1.0, 1.0)
    return tf.ensure_shape(resized, [*image.shape[:-3], size, size, image.shape[-1]])


def fitted_batches(
    dataset: tf.data.Dataset, size: int, batch_size: int, *, drop_remainder: bool = False
) -> tf.data.Dataset:
    """Batches `(image,)` or `(image, label)` tuples, the images cropped and resized to `size`."""

    def fit(image: tf.Tensor, *label: tf.Tensor) -> Element:
        return fit_image(image, size), *label

    parallel = tf.data.AUTOTUNE
    if dataset.element_spec[0].shape.is_fully_defined():  # Four times as fast at 28x28.
        return dataset.batch(batch_size, drop_remainder).map(fit, num_parallel_calls=parallel)
    return dataset.map(fit, num_parallel_calls=parallel).batch(batch_size, drop_remainder)


def square_size(name: str, height: int | None, width: int | None, image_size: int | None) -> int:
    """Returns the side of the images delivered: `image_size`, or the native one if it is `None`.

    Args:
        name: Name of the data set, for the message.
        height: Native height; `None` if it differs between images.
        width: Native width; likewise.
        image_size: What the user asked for.

    Raises:
        ValueError: If `image_size` is missing but needed, or not positive.
    """
    if image_size is not None:
        if image_size < 1:
            raise ValueError(f"Expected image_size >= 1. Received: image_size={image_size}")
        return int(image_size)
    if height is None or height != width:
        sizes = "of several sizes" if height is None else f"{height}x{width} (height x width)"
        raise ValueError(
            f"The images of {name!r} are {sizes}. Expected image_size=<pixels>, to which "
            f"their centre squares are resized. Received: image_size={image_size}"
        )
    return height


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
    dataset: tf.data.Dataset, size: int, image_size: int, *, name: str, remedy: str = ""
) -> list[np.ndarray]:
    """Reads a finite set of images into arrays.

    Args:
        dataset: Yields `(image,)` or `(image, label)`.
        size: Number of images.
        image_size: Height and width the images are cropped and resized to.
        name: Name of the data set, for messages.
        remedy: What can be done if it is damaged, a sentence.

    Returns:
        `[images]` or `[images, labels]`, with shapes `[size, image_size, image_size, channels]`
        and `[size]`.

    Raises:
        ValueError: If there are fewer than `size` elements, or one cannot be decoded.
    """
    batches = fitted_batches(dataset, image_size, _CHUNK)
    arrays = [
        np.empty((size, *spec.shape[1:]), spec.dtype.as_numpy_dtype)
        for spec in batches.element_spec
    ]
    total = sum(array.nbytes for array in arrays)
    if total > _LARGE:
        logging.info("Reading %s (%d examples, %.1f GB) into memory.", name, size, total / 1e9)
    iterator = iter(batches.prefetch(2))
    for begin in range(0, size, _CHUNK):
        # Not a for loop over the data set: its end makes TensorFlow log an "aborting" line.
        with explain_bad_data(name, remedy):
            parts = next(iterator, None)
        if parts is None or len(parts[0]) != min(_CHUNK, size - begin):
            end = f". {remedy}" if remedy else ""
            raise ValueError(f"The data set {name!r} is damaged: expected {size} examples{end}")
        for array, part in zip(arrays, parts, strict=True):
            array[begin : begin + _CHUNK] = part.numpy()
    return arrays
