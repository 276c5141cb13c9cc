"""Normalisations whose gradients may be differentiated once more, as gradient penalties do.

Keras takes the variance from `tf.nn.moments`, which holds the mean in it constant. To a first
derivative the mean contributes nothing there, since deviations from it add up to zero; to a second
one it does, so that the gradient of a penalty comes out wrong. These are the layers of Keras, with
its arguments, variables and numbers, and with a variance that has all of its derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import ops

from tfgan_losses.layers.standardization import standardize
from tfgan_losses.types import Tensor

# What the fused batch normalisation takes.
_FUSED = ("float32", "float16", "bfloat16")


@keras.saving.register_keras_serializable(package="tfgan_losses")
class LayerNormalization(keras.layers.LayerNormalization):
    """`keras.layers.LayerNormalization` with right second derivatives.

    Args:
        **kwargs: Of Keras' layer.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.LayerNormalization()(np.array([[1.0, 3.0]])).numpy().round(2)
        array([[-1.,  1.]], dtype=float32)

    References:
        Ba, Kiros & Hinton, 2016, Layer Normalization, arXiv:1607.06450.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Normalises each example over `axis`."""
        if self.rms_scaling:  # Of another variance, which has all derivatives.
            return super().call(inputs)
        rank = len(inputs.shape)
        axes = [axis % rank for axis in self.axis]
        shape = [inputs.shape[axis] if axis in axes else 1 for axis in range(rank)]
        outputs = _normalize(inputs, axes, self, shape)
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable(package="tfgan_losses")
class GroupNormalization(keras.layers.GroupNormalization):
    """`keras.layers.GroupNormalization` with right second derivatives.

    Args:
        groups: How many groups of channels; 1 normalises over height, width and channels with one
            scale per channel, -1 each channel alone (instance normalisation).
        **kwargs: Of Keras' layer.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.GroupNormalization(groups=1)(np.array([[1.0, 3.0]])).numpy().round(2)
        array([[-1.,  1.]], dtype=float32)

    References:
        Wu & He, 2018, Group Normalization, arXiv:1803.08494.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Normalises each example over its positions and the channels of a group."""
        shape, rank = ops.shape(inputs), len(inputs.shape)
        axis = self.axis % rank
        size = inputs.shape[axis]
        if self.groups in (1, size):  # Without another axis for groups.
            axes = [a for a in range(1, rank) if self.groups == 1 or a != axis]
            like = [size if a == axis else 1 for a in range(rank)]
            return ops.cast(_normalize(inputs, axes, self, like), self.compute_dtype)
        groups = (self.groups, size // self.groups)
        others = [1] * (axis - 1), [1] * (rank - axis - 1)
        grouped = ops.reshape(inputs, (-1, *shape[1:axis], *groups, *shape[axis + 1 :]))
        axes = [a for a in range(1, rank + 1) if a != axis]
        outputs = _normalize(grouped, axes, self, [1, *others[0], *groups, *others[1]])
        return ops.cast(ops.reshape(outputs, shape), self.compute_dtype)


@keras.saving.register_keras_serializable(package="tfgan_losses")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` with right second derivatives, in one operation.

    TensorFlow's fused operation and its gradient take one pass each, where there is one: over the
    last axis, in float32 or half precision, without a mask, other replicas or renormalisation.
    Under a penalty of single examples its gradients depend on the whole batch all the same.

    Args:
        **kwargs: Of Keras' layer.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.BatchNormalization()(np.array([[1.0], [3.0]]), training=True).numpy().round(2)
        array([[-1.],
               [ 1.]], dtype=float32)

    References:
        Ioffe & Szegedy, 2015, Batch Normalization, arXiv:1502.03167.
    """

    def call(
        self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """Normalises; in training by the statistics of the batch, which move the others."""
        if mask is not None or not self._has_fused_operation(inputs):
            return super().call(inputs, training=training, mask=mask)
        by_batch = bool(training and self.trainable)
        size = inputs.shape[-1]
        given = [
            tf.zeros([0]) if by_batch else tf.cast(statistic, tf.float32)
            for statistic in (self.moving_mean, self.moving_variance)
        ]
        # Not tf.compat.v1.nn.fused_batch_norm, which has another epsilon where this is small.
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs if len(inputs.shape) == 4 else tf.reshape(inputs, [-1, 1, 1, size]),
            scale=tf.cast(self.gamma, tf.float32) if self.scale else tf.ones([size]),
            offset=tf.cast(self.beta, tf.float32) if self.center else tf.zeros([size]),
            mean=given[0],
            variance=given[1],
            epsilon=self.epsilon,
            is_training=by_batch,
        )
        if by_batch:
            count = tf.cast(tf.size(inputs) // size, tf.float32)
            # It divides by count - 1, Keras by count. Of one value there is no such quotient.
            self._move(mean, tf.math.multiply_no_nan(variance, (count - 1) / count))
        return ops.cast(ops.reshape(outputs, ops.shape(inputs)), self.compute_dtype)

    def _has_fused_operation(self, inputs: Tensor) -> bool:
        last = self.axis in (-1, len(inputs.shape) - 1)
        return last and not (self.synchronized or self.renorm) and inputs.dtype in _FUSED

    def _move(self, mean: Tensor, variance: Tensor) -> None:
        for moving, own in ((self.moving_mean, mean), (self.moving_variance, variance)):
            old = tf.cast(moving, tf.float32)
            moving.assign(old * self.momentum + own * (1.0 - self.momentum))

    def _moments(self, inputs: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        # Keras holds nothing constant in its sums over replicas, and in those under a mask.
        if self.synchronized or mask is not None:
            return super()._moments(inputs, mask)
        axes = self._reduction_axes
        mean = ops.mean(inputs, axes, keepdims=True)
        return ops.squeeze(mean, axes), ops.mean(ops.square(inputs - mean), axes)


def _normalize(
    inputs: Tensor,
    axes: Sequence[int],
    layer: LayerNormalization | GroupNormalization,
    shape: Sequence[int],
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) over these axes, scaled and shifted.

    At least in float32; `shape` is that in which scale and shift meet the inputs.
    """
    dtype = "float64" if inputs.dtype == "float64" else "float32"
    gamma = ops.ones(shape, dtype) if layer.gamma is None else ops.reshape(layer.gamma, shape)
    beta = ops.zeros(shape, dtype) if layer.beta is None else ops.reshape(layer.beta, shape)
    inputs, gamma, beta = (ops.cast(x, dtype) for x in (inputs, gamma, beta))
    return standardize(inputs, gamma, beta, axes, layer.epsilon)
