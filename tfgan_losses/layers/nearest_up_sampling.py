"""Doubles the resolution by repeating every pixel."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class NearestUpSampling2D(keras.layers.Layer):
    """`keras.layers.UpSampling2D(interpolation="nearest")`, of images whose size is known.

    The numbers are the same. That layer repeats by shapes that are computed, of which the converter
    to TFLite loses the channels: it cannot convert a convolution that follows. Here rows and
    columns are repeated as if they were channels, in shapes that are written down.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.NearestUpSampling2D()(np.array([[[[1.0], [2.0]]]]))[0, ..., 0].numpy()
        array([[1., 1., 2., 2.],
               [1., 1., 2., 2.]], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Returns `[batch, 2 * height, 2 * width, channels]`."""
        _, height, width, channels = inputs.shape
        rows = tf.reshape(inputs, [-1, height, width * channels])
        pixels = tf.reshape(tf.concat([rows, rows], axis=2), [-1, 2 * height, width, channels])
        doubled = tf.concat([pixels, pixels], axis=3)
        return tf.reshape(doubled, [-1, 2 * height, 2 * width, channels])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns twice the height and the width."""
        batch, *sizes, channels = input_shape
        return (batch, *(size and 2 * size for size in sizes), channels)
