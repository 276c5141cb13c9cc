"""What a replica knows of the others: their number, sums and means over all of them."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_losses")
class Mean(keras.metrics.Mean):
    """A running mean of values that are equal on all replicas.

    Keras' own adds up what the replicas have when it is read, so that reading it is an exchange
    in which all workers must take part; this one can be read by one worker alone.
    """

    def add_variable(self, *args: Any, **kwargs: Any) -> keras.Variable:
        """A variable of which the first replica's value counts."""
        return super().add_variable(*args, **{**kwargs, "aggregation": "only_first_replica"})


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
        Float32 scalar, float64 of a float64 tensor, equal on all replicas.
    """
    x = tf.convert_to_tensor(x)
    # Half precision is too little for a sum of many terms.
    mean = tf.reduce_mean(tf.cast(x, x.dtype if x.dtype == tf.float64 else tf.float32))
    return _all_reduce(tf.distribute.ReduceOp.MEAN, mean)


def global_means(report: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The means of several scalars over all replicas, in one exchange.

    Args:
        report: Scalars by name, the same names on every replica.

    Returns:
        Float32 scalars, equal on all replicas.
    """
    stacked = tf.stack([tf.cast(value, tf.float32) for value in report.values()])
    means = tf.unstack(_all_reduce(tf.distribute.ReduceOp.MEAN, stacked))
    return dict(zip(report, means, strict=True))


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
