"""Images that a person brings to a pyramid."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.types import Examples, Tensor


def check_image(pyramid: Pyramid, image: Examples) -> Tensor:
    """Returns an image as a batch of one, float32 `[1, height, width, channels]`.

    Raises:
        ValueError: If it is no image of the pyramid's channels with floats in [-1, 1].
    """
    array = np.asarray(image)
    problem = None
    if array.ndim != 3 or array.shape[-1] != pyramid.channels or not array.size:
        problem = f"shape {array.shape}"
    elif array.dtype.kind != "f":
        problem = f"dtype {array.dtype}"
    elif not np.abs(array).max() <= 1.0:  # NaN is not, either.
        problem = f"values from {array.min():g} to {array.max():g}"
    if problem:
        raise ValueError(
            f"Expected image [height, width, {pyramid.channels}] of floats in [-1, 1]. "
            f"Received: image of {problem}"
        )
    return tf.constant(array[None], tf.float32)


def resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Returns images at another size, of which each pixel is an average where it is smaller."""
    found = tf.image.resize(image, size, "bicubic", antialias=True)
    return tf.clip_by_value(found, -1.0, 1.0)
