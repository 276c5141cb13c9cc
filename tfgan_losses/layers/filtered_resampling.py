"""Resampling through the filter [1, 3, 3, 1], which lets through little of what would alias.

The filter is three times the mean of two neighbours, and is computed as that: average pooling has
derivatives of all orders on every device and under XLA.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.types import Shape, Tensor


def blur(
    x: Tensor, padding: tuple[tuple[int, int], tuple[int, int]], *, strides: int = 1
) -> Tensor:
    """The mean of 4x4 pixels, weighted by [1, 3, 3, 1] / 8 along either side.

    Args:
        x: `[batch, height, width, channels]`.
        padding: Zeros before and behind the rows, and the columns.
        strides: Of the pixels whose mean is taken.

    Returns:
        `[batch, height + padding - 3, width + padding - 3, channels]`, every `strides`-th of them.
    """
    x = tf.pad(x, [[0, 0], *padding, [0, 0]])
    for stride in (1, 1, strides):
        x = tf.nn.avg_pool2d(x, 2, stride, "VALID")
    return x


def double(x: Tensor) -> Tensor:
    """Doubles the resolution: zeros between the pixels, and 4 `blur` of it.

    Without `tf.gather`, whose second derivatives transpose by numbers that XLA does not know where
    a term is lazy, as the path length is.
    """
    for axis in (1, 2):
        shape = x.shape.as_list()
        shape[0], shape[axis] = -1, 2 * shape[axis]
        x = tf.reshape(tf.stack([x, tf.zeros_like(x)], axis=axis + 1), shape)
    return 4.0 * blur(x, ((2, 1), (2, 1)))


@keras.saving.register_keras_serializable(package="tfgan_losses")
class Blur(keras.layers.Layer):
    """`blur` as a layer: `[batch, height, width, channels]` through the filter [1, 3, 3, 1].

    In front of a convolution with strides of 2 and padding "valid", zeros of
    `(kernel_size + 1) / 2` on either side halve the resolution.

    Args:
        padding: Zeros before and behind the rows, and before and behind the columns.
        strides: Of the pixels that are kept; 2 halves the resolution.
        **kwargs: Of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.Blur([(2, 1), (2, 1)], strides=2)(np.ones([1, 8, 8, 3])).shape
        TensorShape([1, 4, 4, 3])

    References:
        Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN,
        arXiv:1912.04958, appendix B; Zhang 2019, Making Convolutional Networks Shift-Invariant
        Again, arXiv:1904.11486.
    """

    def __init__(self, padding: Sequence[tuple[int, int]], *, strides: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        # A list of lists in a file.
        (top, bottom), (left, right) = padding
        self.padding, self.strides = ((top, bottom), (left, right)), strides

    def call(self, inputs: Tensor) -> Tensor:
        """Filters, and keeps every `strides`-th pixel."""
        return blur(inputs, self.padding, strides=self.strides)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of what is kept."""
        batch, *sizes, channels = input_shape
        kept = [
            None if size is None else (size + sum(zeros) - 4) // self.strides + 1
            for size, zeros in zip(sizes, self.padding, strict=True)
        ]
        return (batch, *kept, channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"padding": self.padding, "strides": self.strides}


@keras.saving.register_keras_serializable(package="tfgan_losses")
class FilteredUpSampling2D(keras.layers.Layer):
    """Doubles the resolution through the filter [1, 3, 3, 1], of images whose size is known.

    Inside it is bilinear interpolation; beyond the border there are zeros.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.FilteredUpSampling2D()(np.ones([1, 4, 4, 3])).shape
        TensorShape([1, 8, 8, 3])

    References:
        Karras et al. 2020, arXiv:1912.04958, appendix B.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Returns `[batch, 2 * height, 2 * width, channels]`."""
        return double(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns twice the height and the width."""
        batch, *sizes, channels = input_shape
        return (batch, *(size and 2 * size for size in sizes), channels)
