"""Styles nearer to their mean."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class TruncateStyles(keras.layers.Layer):
    """mean + psi (styles - mean), of styles `[batch, styles, style_size]`.

    Args:
        psi: 1 for the styles as they are, 0 for the mean alone.
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        ValueError: If psi is no number >= 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.TruncateStyles(0.5)(np.ones([1, 2, 2])).numpy()  # Half way to a mean of 0.
        array([[[0.5, 0.5],
                [0.5, 0.5]]])

    References:
        Karras, Laine & Aila 2019, A Style-Based Generator Architecture for GANs,
        arXiv:1812.04948, appendix B.
    """

    def __init__(self, psi: float, **kwargs: Any):
        super().__init__(**{"autocast": False, **kwargs})
        if not 0 <= psi < float("inf"):
            raise ValueError(f"Expected psi to be a number >= 0. Received: psi={psi}")
        self.psi = psi

    def build(self, input_shape: Shape) -> None:
        """Creates the mean, which is not trained."""
        self.mean = self.add_weight(
            shape=input_shape[-1:], initializer="zeros", trainable=False, name="mean"
        )

    def call(self, styles: Tensor) -> Tensor:
        """Returns styles of the same shape."""
        mean = tf.cast(tf.convert_to_tensor(self.mean), styles.dtype)
        return mean + self.psi * (styles - mean)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the styles."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"psi": self.psi}
