"""What a replica knows of the others: their number, sums and means over all of them."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def count() -> int:
    """The number of replicas that train in step; 1 without a strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def global_mean(x: Any) -> tf.Tensor:
    """The mean of a tensor over all its axes and over all replicas.

    With a gradient: where every replica differentiates its share of a loss and the shares of the
    gradient are added up, as Keras' optimisers do, the result is the gradient on one device.

    Args:
        x: Floating-point tensor of any shape, the same on every replica.

    Returns:
        Float32 scalar, equal on all replicas.
    """
    mean = tf.reduce_mean(tf.cast(x, tf.float32))
    return _all_reduce(tf.distribute.ReduceOp.MEAN, mean)


def global_sum(x: Any) -> tf.Tensor:
    """The sum of a tensor over all replicas, elementwise, with a gradient as `global_mean`'s.

    Args:
        x: Floating-point tensor of any shape, the same on every replica.

    Returns:
        Tensor of the shape and dtype of `x`, equal on all replicas.
    """
    return _all_reduce(tf.distribute.ReduceOp.SUM, tf.convert_to_tensor(x))


def _all_reduce(operation: tf.distribute.ReduceOp, x: tf.Tensor) -> tf.Tensor:
    # None outside of the replicas, where a strategy's scope is entered but nothing is run on it.
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_reduce(operation, x)
