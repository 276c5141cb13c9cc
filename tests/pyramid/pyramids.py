"""Pyramids that nobody has trained, with weights that make much of their noise."""

import keras
import tensorflow as tf
from tfgan_losses.models.patch import build_stage

from tfgan_losses.pyramid import Pyramid, Scales

SCALES = Scales(((11, 16), (13, 20), (16, 24)), 0.83)


def small_pyramid(channels=3, scales=SCALES):
    """A pyramid of four features, whose moving statistics are not those of the first step."""
    keras.utils.set_random_seed(1)
    stages = [build_stage(channels, width=4, amplitude=0.5) for _ in scales.sizes]
    for stage in stages:
        for number, variable in enumerate(stage.variables):
            if "kernel" in variable.path:
                variable.assign(variable * 10.0)
            if "moving" in variable.path:
                variable.assign(variable + 0.1 * (number % 3))
    return Pyramid(stages, scales.sizes, seed=3)


def largest_difference(one, other):
    """Of all values of two tensors of one shape."""
    assert tuple(one.shape) == tuple(other.shape)
    return float(tf.reduce_max(tf.abs(one - other)))
