"""One image at all scales."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid.scales import Scales
from tfgan_losses.types import Examples


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes an image as MATLAB's `imresize` does, which the authors' code copies.

    The filter is bicubic with a = -0.5, stretched when shrinking; numbers are floats throughout,
    each channel for itself. What overshoots at edges is cut off.

    Args:
        image: Float32 `[height, width, channels]` in [-1, 1].
        height: Of the result, in pixels.
        width: Likewise.
    """
    from PIL import Image

    if image.shape[:2] == (height, width):
        return image
    channels = [
        Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC)
        for channel in np.ascontiguousarray(np.moveaxis(image, -1, 0), np.float32)
    ]
    return np.clip(np.stack([np.asarray(each) for each in channels], axis=-1), -1.0, 1.0)


def at_scales(image: Examples, scales: Scales) -> list[np.ndarray]:
    """Returns the real image of each scale, float32 `[height, width, channels]`, coarse to fine.

    All are resized from the finest, as in the authors' code.

    Args:
        image: `[height, width, channels]` in [-1, 1].
        scales: Of this image.
    """
    finest = resize(np.asarray(image, np.float32), *scales.sizes[-1])
    return [resize(finest, *size) for size in scales.sizes]


def error(image: Examples, other: Examples) -> float:
    """Returns the root of the mean square of the differences of two images."""
    difference = np.asarray(image, np.float64) - np.asarray(other, np.float64)
    return float(np.sqrt(np.mean(np.square(difference))))


def check_image(image: object) -> np.ndarray:
    """Returns an image as an array.

    Raises:
        ValueError: If it is none `[height, width, channels]` of numbers in [-1, 1].
    """
    array = np.asarray(image)
    problem = None
    if array.ndim != 3 or array.shape[-1] not in (1, 2, 3, 4) or not np.size(array):
        problem = f"shape {array.shape}"
    elif array.dtype.kind != "f":
        problem = f"numbers of the type {array.dtype}"
    elif not np.abs(array).max() <= 1.0:
        problem = f"values from {array.min():g} to {array.max():g}"
    if problem:
        raise ValueError(
            "Expected one image [height, width, channels] with floats in [-1, 1]. "
            f"Received: {problem}"
        )
    return array.astype(np.float32)
