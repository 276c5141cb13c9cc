"""The one place that differentiates a discriminator with respect to its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# Inside the square root: sqrt, tf.norm and keras.ops.norm have no finite gradient at 0.
_NORM_EPSILON = 1e-12


def input_gradients(critic: Callable[[Any], Any], inputs: Any) -> tf.Tensor:
    """dD/dx of each example, differentiable once more.

    Args:
        critic: Maps [batch, ...] inputs to raw outputs; labels and `training` closed over.
        inputs: Floating-point tensor [batch, ...] of any rank.

    Returns:
        The gradients, the shape of `inputs`. Patch outputs [batch, h, w, 1] are summed per
        example first. Zero where the outputs do not depend on the inputs.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        logits = tf.convert_to_tensor(critic(inputs))
        # Summed over the batch too: with no layer that mixes examples, the gradient of the sum
        # with respect to one example is that example's own gradient.
        total = tf.reduce_sum(tf.cast(logits, tf.float32))
    return tape.gradient(total, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def squared_norm(gradients: Any) -> tf.Tensor:
    """The squared Euclidean norm of each example over all its axes: [batch, ...] -> [batch]."""
    return tf.reduce_sum(tf.square(gradients), axis=tuple(range(1, len(gradients.shape))))


def norm_from_squared(squared: Any) -> tf.Tensor:
    """sqrt(squared + 1e-12), elementwise, with a finite gradient at 0."""
    return tf.sqrt(squared + _NORM_EPSILON)
