"""What counts as images among arrays, and how their values become pixels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from absl import logging

from tfgan_losses.datasets import channels
from tfgan_losses.datasets.array_files import Array
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.levels import Color

_CHUNK = 256  # images converted at a time, since the values in between take more memory
_LEAST_SIDE = 5  # pixels; below, an axis is rather one of channels


def check_shape(header: Array, path: str) -> None:
    """Refuses what may be something else than images, before anything is read.

    Images are `[n, height, width]`, if they are square or uint8, and `[n, height, width, channels]`
    with 1, 3 or 4 channels.

    Raises:
        ValueError: For other arrays of three and four axes, with what to write.
    """
    shape, key = header.shape, header.key
    if len(shape) == 2:
        _refuse_flattened(header, path)
        return
    if len(shape) == 3:
        _, height, width = shape
        of_pictures = header.dtype.kind in "ub" and min(height, width) >= _LEAST_SIDE
        if height != width and not of_pictures:
            raise ValueError(
                f"{path}: {key!r} may hold series [n, steps, channels], or one image. Expected "
                f"{key}[..., np.newaxis] for grey images [n, height, width, 1], {key}[np.newaxis] "
                f"for one image, {key}.reshape(n, -1) for vectors. Received: shape={shape}"
            )
        return
    _, first, middle, last = shape
    counts = (1, 3, 4)
    if first in counts and (last not in counts or first != middle == last):
        raise ValueError(
            f"{path}: {key!r} has its channels first. Expected [n, height, width, channels], as "
            f"from {key}.transpose(0, 2, 3, 1). Received: shape={shape}"
        )
    if last not in counts:
        raise ValueError(
            f"{path}: expected {key!r} to be images [n, height, width, channels] with 1, 3 or 4 "
            f"channels. Received: shape={shape}"
        )


def _refuse_flattened(header: Array, path: str) -> None:
    """Vectors are not scaled, and beside values to 255 every generator loses at once."""
    shape, key = header.shape, header.key
    for count, more in ((1, ""), (3, ", 3")):
        side = math.isqrt(shape[1] // count)
        if header.dtype == np.uint8 and side >= _LEAST_SIDE and side * side * count == shape[1]:
            raise ValueError(
                f"{path}: {key!r} may hold flattened images. Expected {key}.reshape(-1, {side}, "
                f"{side}{more}) for these, or floats for vectors, which are not scaled. Received: "
                f"shape={shape}, dtype=uint8"
            )


class Pixels(NamedTuple):
    """How the values of an array become pixels.

    Attributes:
        native: Channels of the array.
        channels: Those that are delivered.
        white: The value that is white.
        signed: Whether minus it is black, instead of 0.
        background: Colour behind transparent parts.
        dtype: uint8, or float32 in [-1, 1], which floats and more than 256 levels become.
        done: What is done, for a report.
    """

    native: int
    channels: int
    white: float
    signed: bool
    background: Color
    dtype: np.dtype
    done: str

    @classmethod
    def of(cls, header: Array, low: float, high: float, path: str, options: ImageOptions) -> Pixels:
        """Finds out.

        Args:
            header: Of images `[n, height, width]` or `[n, height, width, channels]`.
            low: The lowest value.
            high: The highest.
            path: Of the file, for messages.
            options: What the user says of them.

        Raises:
            ValueError: If the values are in none of the ranges that are understood, or there is
                nothing for the background to be behind.
        """
        key, shape, dtype = header.key, header.shape, header.dtype
        white_level = options.white_level or (1.0 if dtype.kind == "b" else None)
        values = np.dtype(np.uint8) if dtype.kind == "b" else dtype
        white, signed = _white(values, low, high, white_level, f"{path}: expected", key)
        black = -white if signed else 0
        done = [f"{values} from {low:g} to {high:g} read as {black:g} to {white:g}"]
        native = shape[-1] if len(shape) == 4 else 1
        wanted = channels.delivered(native, options.channels, options.background)
        if not options.uses_background(native, wanted) or (signed and wanted < native == 4):
            raise ValueError(
                f"{path}: expected images of four channels, none of them below 0, under a "
                f"background. Received: {key!r} of shape {shape}, values from {low:g}"
            )
        done.append(channels.in_words(native, wanted))
        deep = values.kind == "f" or white > 255
        if deep:
            logging.info("%s: pixels %s.", path, done[0])
        kind = np.dtype(np.float32 if deep else np.uint8)
        told = "; ".join(filter(None, done))
        return cls(native, wanted, white, signed, options.color, kind, told)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns some of the images, `[n, height, width, channels]`."""
        images = images.view(np.uint8) if images.dtype.kind == "b" else images
        images = images[..., np.newaxis] if images.ndim == 3 else images
        if self.channels != self.native:
            images = channels.converted(
                images, self.channels, background=self.background, white=self.white
            )
        if self.dtype == np.uint8:
            if images.dtype == np.uint8 and self.white == 255:
                return images
            return np.round(images * (255 / self.white)).astype(np.uint8)
        images = images.astype(np.float32)
        if self.white != 1:
            images /= np.float32(self.white)
        if not self.signed:
            images *= 2
            images -= 1
        return images


def to_images(
    array: np.ndarray, key: str, path: str, options: ImageOptions
) -> tuple[np.ndarray, str]:
    """Turns values into pixels.

    Args:
        array: `[n, height, width]` or `[n, height, width, channels]`.
        key: Its name, for messages.
        path: That of its file.
        options: What the user says of them.

    Returns:
        uint8 or float32 `[n, height, width, channels]`, as `Pixels` says; and what was done.

    Raises:
        ValueError: As `Pixels.of` does.
    """
    header = Array(key, array.shape, array.dtype, lambda: array)
    pixels = Pixels.of(header, float(array.min()), float(array.max()), path, options)
    first = pixels(array[:1])
    if np.may_share_memory(first, array):
        return pixels(array), pixels.done  # All as it is.
    out = np.empty((len(array), *first.shape[1:]), pixels.dtype)
    for begin in range(0, len(array), _CHUNK):
        out[begin : begin + _CHUNK] = pixels(array[begin : begin + _CHUNK])
    return out, pixels.done


def _white(
    dtype: np.dtype, low: float, high: float, given: float | None, expected: str, key: str
) -> tuple[float, bool]:
    """Returns the value that is white, and whether minus it is black instead of 0."""
    received = f"Received: values from {low:g} to {high:g}, dtype={dtype}"
    if given is not None:
        if low < 0 or high > given:
            raise ValueError(
                f"{expected} pixels of {key!r} from 0 to the white level. {received}, "
                f"white_level={given:g}"
            )
        return given, False
    if dtype.kind == "f":
        if low < -1 or high > 1:
            raise ValueError(
                f"{expected} float pixels of {key!r} in [0, 1] or [-1, 1], or a white level, such "
                f"as white_level={255 if high <= 255 else high:g}. {received}"
            )
        return 1.0, low < 0
    if low < 0 or high > 255:
        raise ValueError(
            f"{expected} integer pixels of {key!r} in [0, 255], or a white level, such as "
            f"white_level={2 ** int(max(high, 1)).bit_length() - 1}. {received}"
        )
    return 255.0, False
