"""Norms of gradients, and what a penalty makes of them: pure functions."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses.types import Tensor

# Inside the square root: sqrt, tf.norm and keras.ops.norm have no finite gradient at 0.
_NORM_EPSILON = 1e-12


def squared_norm(gradients: Tensor) -> Tensor:
    """The squared Euclidean norm of each example over all its axes: [batch, ...] -> [batch].

    Args:
        gradients: Of any float type, [batch, ...].

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> penalties.squared_norm(tf.constant([[3.0, 4.0]])).numpy()
        array([25.], dtype=float32)
    """
    return tf.reduce_sum(tf.square(gradients), axis=tuple(range(1, len(gradients.shape))))


def norm_from_squared(squared: Tensor) -> Tensor:
    """sqrt(squared + 1e-12), elementwise, with a finite gradient at 0."""
    return tf.sqrt(squared + _NORM_EPSILON)


def two_sided(squared_norms: Tensor, *, target: float = 1.0) -> Tensor:
    """(|grad| - target)^2 (Gulrajani et al., 2017, equation 3)."""
    return tf.square(norm_from_squared(squared_norms) - target)


def one_sided(squared_norms: Tensor, *, limit: float = 1.0) -> Tensor:
    """max(0, |grad| - limit)^2 (Petzka et al., 2018): only steep slopes cost."""
    return tf.square(tf.nn.relu(norm_from_squared(squared_norms) - limit))


def zero_centered(squared_norms: Tensor) -> Tensor:
    """1/2 |grad|^2, the half included (Mescheder et al., 2018, equation 9)."""
    return 0.5 * squared_norms
