"""What a replica knows of the others: their number, sums and means over all of them."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Report, Scalar, Tensor, TensorLike


class _Share(NamedTuple):
    """What a replica has of a batch.

    Attributes:
        fraction: Its part of the examples, in [0, 1].
        presence: 0 if it has none, else 1.
        first: Examples that the replicas before it have.
        total: Examples of all.
    """

    fraction: Tensor
    presence: Tensor
    first: Tensor
    total: Tensor


_SHARE: contextvars.ContextVar[_Share | None] = contextvars.ContextVar("share", default=None)


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


def check_built_here(**networks: keras.Model) -> None:
    """Refuses networks whose weights the strategy in whose scope this is called does not know.

    Args:
        **networks: By the names of the arguments that they came as.

    Raises:
        ValueError: If weights were made outside of the scope, or in that of another strategy.
    """
    strategy = tf.distribute.get_strategy()
    for name, network in networks.items():
        weights = network.variables if tf.distribute.has_strategy() else []
        if not all(strategy.extended.variable_created_in_scope(x.value) for x in weights):
            raise ValueError(
                f"Expected a {name} that is built within `with strategy.scope():`, as the GAN is. "
                f"Received: {name}={network.name!r}, built outside of the scope of this "
                f"{type(strategy).__name__}"
            )


@contextlib.contextmanager
def sharing(examples: Tensor, labels: Tensor | None) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Inside it, means weigh what each replica has of a batch.

    The last batch of a pass may leave less to some replicas, and nothing to others. One without
    examples goes through the networks with an example of zeros, which counts nothing.

    Args:
        examples: What this replica has of the batch, [0 or more, ...].
        labels: Of the examples, or None.

    Yields:
        Examples and labels, at least one.
    """
    if count() == 1:
        yield examples, labels
        return
    own = tf.cast(tf.shape(examples)[0], tf.float32)
    index = tf.distribute.get_replica_context().replica_id_in_sync_group
    counts = _all_reduce(tf.distribute.ReduceOp.SUM, own * tf.one_hot(index, count()))
    total, first = tf.reduce_sum(counts), tf.cumsum(counts, exclusive=True)[index]
    share = _Share(
        own / total, tf.minimum(own, 1.0), tf.cast(first, tf.int32), tf.cast(total, tf.int32)
    )
    token = _SHARE.set(share)
    try:
        yield _at_least_one(examples), None if labels is None else _at_least_one(labels)
    finally:
        _SHARE.reset(token)


@contextlib.contextmanager
def drawing_in_turn() -> Iterator[None]:
    """Inside it and `sharing`, a replica draws for its own examples, as one device would.

    Where the parts are equal that is so without it; only for passes over all examples at once.
    """
    share = _SHARE.get()
    if share is None:
        yield
        return
    with random.rows_of_batch(share.first, share.total):
        yield


def _at_least_one(x: Tensor) -> Tensor:
    missing = tf.maximum(1 - tf.shape(x)[0], 0)
    return tf.pad(x, [[0, missing], *[[0, 0]] * (len(x.shape) - 1)])


def fraction() -> Scalar:
    """This replica's part of all examples, in [0, 1]; an equal one outside of `sharing`."""
    share = _SHARE.get()
    return 1.0 / count() if share is None else share.fraction


def presence() -> Scalar:
    """0 for a replica that has no examples of the batch, else 1."""
    share = _SHARE.get()
    return 1.0 if share is None else share.presence


def share_of_mean(values: Tensor) -> Tensor:
    """This replica's share of the mean over all values of all replicas; the shares add up to it.

    Args:
        values: Floating-point tensor of one value or more for each example of this replica.
    """
    mean = tf.reduce_mean(values)
    return mean if count() == 1 else mean * fraction()


def global_mean(x: TensorLike) -> Tensor:
    """The mean of a tensor over all its axes and over all examples of all replicas.

    With a gradient: where every replica differentiates its share of a loss and the shares of the
    gradient are added up, as Keras' optimisers do, the result is the gradient on one device.

    Args:
        x: Floating-point tensor, of one shape but for the number of examples on every replica.

    Returns:
        Float32 scalar, float64 of a float64 tensor, equal on all replicas.
    """
    x = tf.convert_to_tensor(x)
    # Half precision is too little for a sum of many terms.
    mean = tf.reduce_mean(tf.cast(x, x.dtype if x.dtype == tf.float64 else tf.float32))
    if _is_alone():
        return mean
    return _all_reduce(tf.distribute.ReduceOp.SUM, mean * tf.cast(fraction(), mean.dtype))


def global_sums(shares: Report) -> Report:
    """The sums of several scalars over all replicas, in one exchange.

    Args:
        shares: Scalars by name, the same names on every replica.

    Returns:
        Float32 scalars, equal on all replicas.
    """
    stacked = tf.stack([tf.cast(value, tf.float32) for value in shares.values()])
    sums = tf.unstack(_all_reduce(tf.distribute.ReduceOp.SUM, stacked))
    return dict(zip(shares, sums, strict=True))


def global_sum(x: TensorLike) -> Tensor:
    """The sum of a tensor over all replicas, elementwise, with a gradient as `global_mean`'s.

    A replica without examples adds nothing.

    Args:
        x: Floating-point tensor of any shape, the same on every replica.

    Returns:
        Tensor of the shape and dtype of `x`, equal on all replicas.
    """
    x = tf.convert_to_tensor(x)
    if _is_alone():
        return x
    return _all_reduce(tf.distribute.ReduceOp.SUM, x * tf.cast(presence(), x.dtype))


def global_max(x: TensorLike) -> Tensor:
    """The greatest value of a tensor over all its axes and all replicas.

    With a gradient as `global_mean`'s. Examples of a replica that has none do not count.

    Args:
        x: Floating-point tensor of any shape.

    Returns:
        Scalar of the dtype of `x`, equal on all replicas.
    """
    greatest = tf.reduce_max(x)
    if _is_alone():
        return greatest
    greatest = tf.where(tf.cast(presence(), tf.bool), greatest, greatest.dtype.min)
    index = tf.distribute.get_replica_context().replica_id_in_sync_group
    # Sums have a gradient, and are all that there is.
    own = greatest * tf.one_hot(index, count(), dtype=greatest.dtype)
    return tf.reduce_max(_all_reduce(tf.distribute.ReduceOp.SUM, own))


def _is_alone() -> bool:
    # None outside of the replicas, where a strategy's scope is entered but nothing is run on it.
    context = tf.distribute.get_replica_context()
    return context is None or context.num_replicas_in_sync == 1


def _all_reduce(operation: tf.distribute.ReduceOp, x: Tensor) -> Tensor:
    return x if _is_alone() else tf.distribute.get_replica_context().all_reduce(operation, x)
