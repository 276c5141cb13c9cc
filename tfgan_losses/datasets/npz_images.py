"""What counts as images among arrays, and how their values become pixels."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from absl import logging

from tfgan_losses.datasets import channels
from tfgan_losses.datasets.array_files import Array
from tfgan_losses.datasets.image_options import ImageOptions

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
        uint8, or, of floats and of more than 256 levels, float32 in [-1, 1], `[n, height, width,
        channels]`; and what was done, for a report.

    Raises:
        ValueError: If the values are in none of the ranges that are understood, or there is
            nothing for the background to be behind.
    """
    if array.ndim == 3:
        array = array[..., np.newaxis]
    low, high = (array.min(), array.max())
    white_level = options.white_level
    if array.dtype.kind == "b":
        array, low, high = array.view(np.uint8), int(low), int(high)
        white_level = white_level or 1.0
    low, high = float(low), float(high)
    white, signed = _white(array.dtype, low, high, white_level, f"{path}: expected", key)
    done = [
        f"{array.dtype} from {low:g} to {high:g} read as {-white if signed else 0:g} to {white:g}"
    ]
    native = array.shape[-1]
    wanted = channels.delivered(native, options.channels, options.background)
    if not options.uses_background(native, wanted) or (signed and wanted < native == 4):
        raise ValueError(
            f"{path}: expected images of four channels, none of them below 0, under a "
            f"background. Received: {key!r} of shape {array.shape}, values from {low:g}"
        )
    if wanted != native:
        convert = functools.partial(
            channels.converted, channels=wanted, background=options.color, white=white
        )
        array = _converted(convert, array, array.dtype, wanted)
        done.append(channels.in_words(native, wanted))
    if array.dtype.kind == "f" or white > 255:
        logging.info("%s: pixels %s.", path, done[0])
        array = array.astype(np.float32)
        if white != 1:
            array /= np.float32(white)
        if not signed:
            array *= 2
            array -= 1
    elif array.dtype != np.uint8 or white != 255:
        scale = 255 / white
        array = _converted(lambda part: np.round(part * scale), array, np.uint8, wanted)
    return array, "; ".join(filter(None, done))


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


def _converted(
    convert: Callable[[np.ndarray], np.ndarray],
    array: np.ndarray,
    dtype: np.dtype | type[np.uint8],
    channels: int,
) -> np.ndarray:
    out = np.empty((*array.shape[:-1], channels), dtype)
    for begin in range(0, len(array), _CHUNK):
        out[begin : begin + _CHUNK] = convert(array[begin : begin + _CHUNK])
    return out
