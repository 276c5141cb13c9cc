"""The exponential moving average of a generator, which samples are drawn with."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def average_of(network: keras.Model) -> keras.Model:
    """A copy of a network, equal to it now, that is not trained by gradients."""
    average = keras.models.clone_model(network)
    if not average.built:
        average.build(network.input_shape)
    average.set_weights(network.get_weights())
    average.trainable = False
    return average


def update_average(average: keras.Model, network: keras.Model, step: Any, decay: Any) -> None:
    """average <- d average + (1 - d) network, for all variables and statistics.

    d = min(decay, (1 + step) / (10 + step)) forgets the random start, as
    `tf.train.ExponentialMovingAverage` does with `num_updates`. A schedule is d itself.

    Args:
        average: From `average_of`.
        network: The network that is trained.
        step: Updates so far, an integer tensor.
        decay: The decay for large steps, in (0, 1), or a schedule of the step.
    """
    if callable(decay):
        rate = 1.0 - decay(step)
    else:
        step = tf.cast(step, tf.float32)
        rate = 1.0 - tf.minimum(decay, (1.0 + step) / (10.0 + step))
    for mean, variable in zip(average.variables, network.variables, strict=True):
        if "float" in keras.backend.standardize_dtype(variable.dtype):
            mean.assign_add(tf.cast(rate, mean.dtype) * (variable - mean))
        else:
            mean.assign(variable)
