"""A grouped convolution that can be trained on a CPU."""

from __future__ import annotations

import functools

import keras
import tensorflow as tf
from keras import ops

from tfgan_losses.layers.leaky_relu import is_plain
from tfgan_losses.types import Tensor

# Channels of one convolution. With fewer, the calls cost more than the zeros between the groups
# that they save; 16 to 64 were tried.
_CHANNELS = 32


@keras.saving.register_keras_serializable(package="tfgan_losses")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with `groups`, computed on a CPU as a few ordinary convolutions.

    TensorFlow computes the gradients of grouped convolutions on a CPU without its fast library:
    those of a gradient penalty took 34 times as long as with one block-diagonal kernel (64 images
    of 8x8x128, 8 groups). Here neighbouring groups share a block-diagonal kernel, of which there
    are several. With a GPU the layer is Keras' own, but for what is exported. Weights, arguments
    and results are the same.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.GroupedConv2D(4, 3, groups=2)(np.ones([1, 8, 8, 4])).shape
        TensorShape([1, 6, 6, 4])
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Convolves, `[batch, height, width, channels]` or channels first, adds and activates."""
        if self._is_that_of_keras() or not self.use_bias:
            return super().call(inputs)
        # Before the parts are put together, since TensorFlow adds it along with a convolution.
        outputs = self._in_parts(inputs, self.kernel, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolves alone."""
        if self._is_that_of_keras():
            return super().convolution_op(inputs, kernel)
        return self._in_parts(inputs, kernel, None)

    def _is_that_of_keras(self) -> bool:
        # Keras compiles it by XLA where there are groups, which other programs cannot read.
        return self.groups == 1 or (_has_gpu() and not is_plain())

    def _in_parts(self, inputs: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
        parts = _count_parts(self.groups, self.filters)
        axis = -1 if self.data_format == "channels_last" else 1
        outputs = [
            ops.conv(
                own_inputs,
                block_diagonal(own_kernel, self.groups // parts),
                strides=list(self.strides),
                padding=self.padding,
                dilation_rate=self.dilation_rate,
                data_format=self.data_format,
            )
            for own_inputs, own_kernel in zip(
                ops.split(inputs, parts, axis=axis), ops.split(kernel, parts, axis=-1), strict=True
            )
        ]
        if bias is not None:
            shape = (1, 1, 1, -1) if axis == -1 else (1, -1, 1, 1)
            biases = ops.split(ops.reshape(bias, shape), parts, axis=axis)
            outputs = [ops.add(x, own) for x, own in zip(outputs, biases, strict=True)]
        return outputs[0] if parts == 1 else ops.concatenate(outputs, axis=axis)


def block_diagonal(kernel: Tensor, groups: int) -> Tensor:
    """Returns the kernel of all channels that is zero between groups.

    Args:
        kernel: `[height, width, inputs / groups, outputs]`.
        groups: Number of groups.

    Returns:
        `[height, width, inputs, outputs]`.
    """
    height, width, inputs, outputs = kernel.shape
    own = ops.reshape(kernel, (height, width, 1, inputs, groups, outputs // groups))
    same_group = ops.reshape(ops.eye(groups, dtype=kernel.dtype), (1, 1, groups, 1, groups, 1))
    return ops.reshape(own * same_group, (height, width, groups * inputs, outputs))


def _count_parts(groups: int, filters: int) -> int:
    """How many equal numbers of groups, of about `_CHANNELS` filters each."""
    most = max(filters // _CHANNELS, 1)
    return max(count for count in range(1, min(groups, most) + 1) if groups % count == 0)


@functools.cache
def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))
