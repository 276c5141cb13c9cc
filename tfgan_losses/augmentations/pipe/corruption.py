"""Corruptions: noise of a strength of each image, and a rectangle of grey."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.augmentations.pipe import draws as draw
from tfgan_losses.augmentations.pipe.draws import Draws
from tfgan_losses.types import Seed, Tensor


def add_noise(images: Tensor, draws: Draws, seed: Seed) -> Tensor:
    """Images and N(0, s^2), where s is the size of a number of N(0, 0.1^2)."""
    if not draws.has("noise"):
        return images
    stddev = 0.1 * draws.of("noise", lambda uniform: draw.normal(0.5 + 0.5 * uniform), 0.0)
    noise = random.normal(draws.batch, images.shape[1:].as_list(), seed)
    return images + stddev[:, None, None, None] * noise


def cut_out(images: Tensor, draws: Draws) -> Tensor:
    """Images with 0 in a rectangle of half their sides, whose centre is anywhere."""
    if not draws.has("cutout"):
        return images
    inside = draws.executes("cutout")[:, None, None]
    for number, axis in enumerate((2, 1)):
        size = images.shape[axis]
        centre = draws.of("cutout", lambda uniform: uniform, 0.5, number=number)[:, None]
        place = tf.range(size, dtype=tf.float32)
        own = (place >= tf.round((centre - 0.25) * size)) & (
            place < tf.round((centre + 0.25) * size)
        )
        inside &= tf.expand_dims(own, 3 - axis)
    return tf.where(inside[..., None], 0.0, images)
