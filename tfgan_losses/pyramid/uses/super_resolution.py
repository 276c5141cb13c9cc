"""Larger than it was, with the detail that the image itself has at other scales."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.sampling import to_image
from tfgan_losses.pyramid.uses.images import check_image
from tfgan_losses.types import Examples

# Between two scales, where there is only one to learn it from.
_STEP = 4 / 3


def super_resolution(
    pyramid: Pyramid, image: Examples, *, factor: float = 4.0, seed: int = 0
) -> np.ndarray:
    """Enlarges an image with the finest stage, a step of the pyramid's scales at a time.

    What small structures look like is much the same at neighbouring scales, so that the stage that
    has learnt to add the finest detail adds that of the next scale, and so on.

    Args:
        pyramid: What was trained on the image.
        image: `[height, width, channels]` in [-1, 1], of any size.
        factor: From its sides to those of the result, in (1, 16].
        seed: Decides the noise of each step.

    Returns:
        Float32 `[factor * height, factor * width, channels]`, rounded, in [-1, 1].

    Raises:
        ValueError: If the image is none, or the factor is out of its range.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4 and figure 10.
    """
    found = tf.constant(check_image(pyramid, image)[None])
    height, width = found.shape[1:3]
    finest = len(pyramid.stages) - 1
    for number, scale in enumerate(factors(pyramid, factor)):
        shape = (round(height * scale), round(width * scale), pyramid.channels)
        noise = random.normal(1, shape, random.step_seed(seed, number, "super-resolution"))
        found = pyramid.compose([noise], found, first=finest)
    return to_image(found)[0].numpy()


def factors(pyramid: Pyramid, factor: float) -> list[float]:
    """Returns by how much an image is larger after each step, the last one being `factor`.

    Raises:
        ValueError: If the factor is out of its range.
    """
    if not 1.0 < factor <= 16.0:
        raise ValueError(f"Expected factor in (1, 16]. Received: factor={factor}")
    step = _STEP
    if len(pyramid.sizes) > 1:
        below, finest = (math.prod(size) for size in pyramid.sizes[-2:])
        step = math.sqrt(finest / below)
    count = max(round(math.log(factor, step)), 1)
    return [factor ** (number / count) for number in range(1, count + 1)]
