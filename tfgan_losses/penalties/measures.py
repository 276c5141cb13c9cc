"""What a penalty makes of a gradient norm: pure functions [batch] -> [batch]."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses.penalties.input_gradients import norm_from_squared


def two_sided(squared_norms: Any, *, target: float = 1.0) -> tf.Tensor:
    """(|grad| - target)^2 (Gulrajani et al., 2017, equation 3)."""
    return tf.square(norm_from_squared(squared_norms) - target)


def one_sided(squared_norms: Any, *, limit: float = 1.0) -> tf.Tensor:
    """max(0, |grad| - limit)^2 (Petzka et al., 2018): only steep slopes cost."""
    return tf.square(tf.nn.relu(norm_from_squared(squared_norms) - limit))


def zero_centered(squared_norms: Any) -> tf.Tensor:
    """1/2 |grad|^2, the half included (Mescheder et al., 2018, equation 9)."""
    return 0.5 * squared_norms
