"""What a discriminator is told of how different the examples of a batch are."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.types import Shape, Tensor

# So that the slope of the root is finite where all examples of a group are equal.
_EPSILON = 1e-8


@keras.saving.register_keras_serializable(package="tfgan_losses")
class MinibatchStandardDeviation(keras.layers.Layer):
    """Appends to features how much they differ within a group of examples.

    `[batch, ..., channels]`, feature maps or vectors, become `[batch, ..., channels + features]`:
    of each value the standard deviation sqrt(variance + 1e-8) over the group, its mean over all
    pixels and channels, and that one number as a constant map beside the others. A generator that
    makes few different samples shows in it. `features` of more than 1 splits the channels into so
    many parts, each with a map of its own.

    A group is `group_size` consecutive examples, so that replicas see what one device sees where
    their part of a batch is divisible by it, and so do the parts of `accumulate`. Where a batch
    cannot be divided, its last group is the smaller rest; of a single example it is told 1e-4,
    that it differs from nothing. Any batch size will do, also of a graph that was made for all.

    The layer mixes examples: real and generated ones go through a discriminator with it apart.
    With R1, as in StyleGAN2, or a gradient penalty, as in the paper of the layer, the gradient of
    the sum of the outputs of a batch is taken, to which the others of the group belong.

    Args:
        group_size: Examples in a group; 4 in the paper's code and StyleGAN2.
        features: Maps that are appended; it divides the channels.
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        ValueError: If a number is no integer >= 1, a group has one example alone, or the channels
            cannot be divided.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> same = np.ones([4, 8, 8, 3])
        >>> outputs = layers.MinibatchStandardDeviation()(same)
        >>> round(float(outputs[0, 0, 0, -1]), 6)  # They do not differ.
        0.0001

    References:
        Karras, Aila, Laine & Lehtinen 2018, Progressive Growing of GANs for Improved Quality,
        Stability, and Variation, arXiv:1710.10196, section 3.
        Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN,
        arXiv:1912.04958.
    """

    def __init__(self, group_size: int = 4, features: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        for name, value, least in (("group_size", group_size, 2), ("features", features, 1)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(
                    f"Expected {name} to be an integer >= {least}. Received: {name}={value!r}"
                )
        self.group_size, self.features = group_size, features

    def build(self, input_shape: Shape) -> None:
        """Looks at the channels."""
        if len(input_shape) < 2 or input_shape[-1] is None or input_shape[-1] % self.features:
            raise ValueError(
                f"Expected features [batch, ..., channels] with channels divisible by "
                f"features={self.features}. Received: {tuple(input_shape)}"
            )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the features with the maps behind them."""
        # A sum over thousands of squares is no matter for 16 bits.
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        deviations = self._of_groups(tf.cast(inputs, dtype))
        between = [1] * (len(inputs.shape) - 2)
        maps = tf.reshape(deviations, [-1, *between, self.features])
        maps = maps + tf.zeros_like(inputs[..., :1], dtype)
        return tf.concat([inputs, tf.cast(maps, inputs.dtype)], axis=-1)

    def _of_groups(self, x: Tensor) -> Tensor:
        """The mean deviation of the group of each example, [batch, features].

        Means are products with a small matrix of all pairs of examples. Shapes that are made of the
        size of the batch would leave XLA without gradients where a term is lazy.
        """
        values = tf.reshape(x, [tf.shape(x)[0], -1])
        group = tf.range(tf.shape(values)[0]) // self.group_size
        share = tf.cast(group[:, None] == group[None], x.dtype)
        share /= tf.reduce_sum(share, axis=1, keepdims=True)
        # From one of the group first, so that products in TF32 know whether all are equal.
        deviation = values - tf.gather(values, group * self.group_size)
        deviation -= tf.matmul(share, deviation)
        deviation = tf.sqrt(tf.matmul(share, tf.square(deviation)) + _EPSILON)
        of_part = x.shape[-1] // self.features
        deviation = tf.reshape(deviation, [tf.shape(x)[0], -1, self.features, of_part])
        return tf.reduce_mean(deviation, axis=[1, 3])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns `[batch, ..., channels + features]`."""
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else channels + self.features)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = {"group_size": self.group_size, "features": self.features}
        return super().get_config() | own
