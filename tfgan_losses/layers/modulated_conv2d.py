"""A convolution whose kernel has other scales for each example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.layers.filtered_resampling import blur
from tfgan_losses.types import Shape, Tensor

# So that a kernel of zeros has a finite slope.
_EPSILON = 1e-8


@keras.saving.register_keras_serializable(package="tfgan_losses")
class ModulatedConv2D(keras.layers.Layer):
    """A convolution of StyleGAN2, called on `[features, style]`.

    A dense layer makes a scale s_i for each input channel of the style, `[batch, style_size]`. The
    kernel of an example is s_i w_ijk, divided by the root of the sum of its squares over the inputs
    i and the positions k ("demodulation"), so that its outputs j have unit variance if the inputs
    have. Both are factors of input and output channels, and are multiplied to the features before
    and behind one ordinary convolution of the whole batch.

    Weights have an equalised learning rate (`EqualizedDense`). Scales are float32, and only in
    proportion to the largest one under demodulation, which takes the size away again: so they do
    not leave the range of float16.

    Args:
        filters: Channels of the result.
        kernel_size: Height and width of the kernel, odd.
        demodulate: Whether the kernels are divided by their size.
        up: Whether the resolution is doubled: a transposed convolution with strides of 2, then the
            filter [1, 3, 3, 1]. For kernels of 3x3.
        gain: What the result, with its bias, is multiplied by.
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        ValueError: If the size of a kernel is not possible, or these are not features and styles.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> features, styles = np.ones([2, 8, 8, 3]), np.ones([2, 5])
        >>> layers.ModulatedConv2D(4, 3, up=True)([features, styles]).shape
        TensorShape([2, 16, 16, 4])

    References:
        Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN,
        arXiv:1912.04958, equations 1 to 3.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        *,
        demodulate: bool = True,
        up: bool = False,
        gain: float = 1.0,
        **kwargs: Any,
    ):
        # Styles stay in full precision; features are cast below.
        super().__init__(**{"autocast": False, **kwargs})
        if kernel_size % 2 != 1 or (up and kernel_size != 3):
            raise ValueError(
                "Expected kernel_size to be odd, and 3 where up=True. "
                f"Received: kernel_size={kernel_size}, up={up}"
            )
        self.filters, self.kernel_size, self.demodulate = filters, kernel_size, demodulate
        self.up, self.gain = up, gain

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Creates the kernel, the bias, and the dense layer of the scales."""
        if len(input_shape) != 2 or len(input_shape[0]) != 4 or len(input_shape[1]) != 2:
            raise ValueError(
                "Expected features [batch, height, width, channels] and a style "
                f"[batch, style_size]. Received: {input_shape}"
            )
        channels, styles = input_shape[0][-1], input_shape[1][-1]
        size = self.kernel_size
        self.kernel = self._weight("kernel", (size, size, channels, self.filters))
        self.bias = self._weight("bias", (self.filters,), "zeros")
        self.style_kernel = self._weight("style_kernel", (styles, channels))
        self.style_bias = self._weight("style_bias", (channels,), "ones")

    def _weight(self, name: str, shape: Shape, start: str | None = None) -> keras.Variable:
        normal = keras.initializers.RandomNormal(0.0, 1.0)
        # In full precision until it has met the scales.
        return self.add_weight(shape=shape, initializer=start or normal, name=name, autocast=False)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Returns `[batch, height, width, filters]`, or twice the height and width."""
        features, style = inputs
        kernel = tf.convert_to_tensor(self.kernel)
        kernel /= math.sqrt(math.prod(kernel.shape[:-1]))
        scales = self._scales(tf.cast(style, kernel.dtype))
        if self.demodulate:
            largest = tf.reduce_max(tf.abs(scales), axis=1, keepdims=True)
            # A factor that demodulation takes away again needs no gradient.
            scales /= tf.stop_gradient(tf.maximum(largest, _EPSILON))
        features = self._cast(features) * self._cast(scales[:, None, None, :])
        outputs = self._convolve(features, kernel)
        factors = tf.constant(self.gain, kernel.dtype)
        if self.demodulate:
            power = tf.reduce_sum(tf.square(kernel), axis=[0, 1])
            sizes = tf.matmul(tf.square(scales), power)
            factors *= tf.math.rsqrt(sizes + _EPSILON)[:, None, None, :]
        bias = tf.convert_to_tensor(self.bias) * self.gain
        return tf.nn.bias_add(outputs * self._cast(factors), self._cast(bias))

    def _scales(self, style: Tensor) -> Tensor:
        style /= math.sqrt(style.shape[-1])
        return tf.matmul(style, self.style_kernel) + self.style_bias

    def _convolve(self, features: Tensor, kernel: Tensor) -> Tensor:
        if not self.up:
            return tf.nn.conv2d(features, self._cast(kernel), 1, "SAME")
        batch, (height, width) = tf.shape(features)[0], features.shape[1:3]
        # The zeros between the pixels take part in the mean of the filter: four times as much.
        kernel = self._cast(4.0 * tf.transpose(kernel, [0, 1, 3, 2]))
        shape = tf.stack([batch, 2 * height + 1, 2 * width + 1, self.filters])
        doubled = tf.nn.conv2d_transpose(features, kernel, shape, 2, "VALID")
        return blur(doubled, ((1, 1), (1, 1)))

    def _cast(self, x: Tensor) -> Tensor:
        return tf.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Returns the shape of the result."""
        batch, *sizes, _ = input_shape[0]
        times = 2 if self.up else 1
        return (batch, *(size and times * size for size in sizes), self.filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = ("filters", "kernel_size", "demodulate", "up", "gain")
        return super().get_config() | {name: getattr(self, name) for name in own}
