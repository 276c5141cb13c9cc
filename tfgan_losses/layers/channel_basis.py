"""A learned feature map whose channels a vector scales."""

from __future__ import annotations

import keras
from keras import ops

from tfgan_losses.types import Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class ChannelBasis(keras.layers.EinsumDense):
    """`keras.layers.EinsumDense("bc,hwc->bhwc", ...)`, computed as one multiplication.

    The numbers are the same. TensorFlow's `einsum` makes a product of matrices of it, which the
    converter to TFLite turns into one of another shape and refuses.

    Args:
        equation: `"bc,hwc->bhwc"`.
        output_shape: `(height, width, channels)`.
        **kwargs: Of `keras.layers.EinsumDense`; without a bias and an activation.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.ChannelBasis("bc,hwc->bhwc", (4, 4, 3))(np.ones([2, 3])).shape
        TensorShape([2, 4, 4, 3])
    """

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns `[batch, height, width, channels]` for scales `[batch, channels]`."""
        return ops.multiply(inputs[:, None, None, :], self.kernel)
