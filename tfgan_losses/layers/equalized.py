"""Dense layers and convolutions whose weights all learn at one speed."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tfgan_losses.types import Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class EqualizedDense(keras.layers.Dense):
    """`keras.layers.Dense` with an equalised learning rate.

    Weights start from N(0, 1) and are divided by sqrt(inputs) whenever they are used, so that an
    optimiser such as Adam, whose steps have one size, moves all layers by the same share.

    Args:
        units: Number of outputs.
        gain: What the outputs are multiplied by before the activation, sqrt(2) before a LeakyReLU.
        learning_rate_multiplier: How fast the layer learns beside others, > 0: weights start at
            N(0, 1) divided by it, and weights and biases are multiplied by it.
        **kwargs: Of `keras.layers.Dense`.

    Raises:
        ValueError: If the multiplier is not above 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.EqualizedDense(3)(np.ones([2, 4])).shape
        TensorShape([2, 3])

    References:
        Karras et al. 2018, Progressive Growing of GANs, arXiv:1710.10196, section 4.1; Karras,
        Laine & Aila 2019, A Style-Based Generator Architecture for GANs, arXiv:1812.04948,
        appendix C, for the multiplier.
    """

    def __init__(
        self,
        units: int,
        *,
        gain: float = 1.0,
        learning_rate_multiplier: float = 1.0,
        **kwargs: Any,
    ):
        if not learning_rate_multiplier > 0:
            raise ValueError(
                "Expected learning_rate_multiplier > 0. "
                f"Received: learning_rate_multiplier={learning_rate_multiplier}"
            )
        start = keras.initializers.RandomNormal(0.0, 1.0 / learning_rate_multiplier)
        super().__init__(units, **{"kernel_initializer": start, **kwargs})
        self.gain, self.learning_rate_multiplier = gain, learning_rate_multiplier

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns `[..., units]`."""
        gain = self.gain * self.learning_rate_multiplier
        outputs = ops.matmul(inputs * (gain / math.sqrt(inputs.shape[-1])), self.kernel)
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, self.bias * gain)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = ("gain", "learning_rate_multiplier")
        return super().get_config() | {name: getattr(self, name) for name in own}


@keras.saving.register_keras_serializable(package="tfgan_losses")
class EqualizedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with an equalised learning rate; see `EqualizedDense`.

    Args:
        filters: Channels of the result.
        kernel_size: Height and width of the kernel.
        gain: What the outputs are multiplied by before the activation.
        **kwargs: Of `keras.layers.Conv2D`; channels are last.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.EqualizedConv2D(4, 3, padding="same")(np.ones([1, 8, 8, 3])).shape
        TensorShape([1, 8, 8, 4])
    """

    def __init__(self, filters: int, kernel_size: int, *, gain: float = 1.0, **kwargs: Any):
        start = keras.initializers.RandomNormal(0.0, 1.0)
        super().__init__(filters, kernel_size, **{"kernel_initializer": start, **kwargs})
        self.gain = gain

    def call(self, inputs: Tensor) -> Tensor:
        """Returns `[batch, height, width, filters]`."""
        fan_in = math.prod(self.kernel.shape[:-1])
        outputs = self.convolution_op(inputs, self.kernel * (self.gain / math.sqrt(fan_in)))
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, self.bias * self.gain)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"gain": self.gain}
