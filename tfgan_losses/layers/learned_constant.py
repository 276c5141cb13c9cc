"""A feature map that no input changes."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class LearnedConstant(keras.layers.Layer):
    """A learned tensor of one shape, from N(0, 1), for each example of a batch.

    Args:
        shape: Without the batch axis.
        **kwargs: Of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.LearnedConstant([4, 4, 8])(np.ones([2, 16])).shape
        TensorShape([2, 4, 4, 8])

    References:
        Karras, Laine & Aila 2019, A Style-Based Generator Architecture for GANs,
        arXiv:1812.04948, section 2.1.
    """

    def __init__(self, shape: Shape, **kwargs: Any):
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape: Shape) -> None:
        """Creates the tensor."""
        start = keras.initializers.RandomNormal(0.0, 1.0)
        self.constant = self.add_weight(shape=self.shape, initializer=start, name="constant")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns `[batch, *shape]` for inputs `[batch, ...]`, of which only the batch counts."""
        shape = tf.concat([tf.shape(inputs)[:1], self.shape], axis=0)
        return tf.broadcast_to(tf.convert_to_tensor(self.constant), shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns `[batch, *shape]`."""
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"shape": self.shape}
