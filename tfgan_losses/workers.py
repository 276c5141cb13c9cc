"""What a process knows of the other workers of `tf.distribute.MultiWorkerMirroredStrategy`.

Workers train in step, each with its part of every batch. Replicas within a process are the
business of `replicas`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from tfgan_losses.datasets import Source

# What TensorFlow raises in a collective operation when another worker is gone.
_ERRORS_OF_A_LOST_WORKER = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


def are_several(strategy: tf.distribute.Strategy) -> bool:
    """Returns whether the replicas of a strategy are spread over workers."""
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Returns whether this process writes the files; true where there are no other workers."""
    return bool(strategy.extended.should_checkpoint)


def log_shape() -> list[int]:
    """Returns the shape in which Keras' `fit` takes a scalar of a step.

    Under several workers it averages logs over their first axis, elsewhere over none.
    """
    return [1] if are_several(tf.distribute.get_strategy()) else []


def check_seed(seed: int | None) -> None:
    """Raises ValueError if each worker would pick its own."""
    if seed is None and are_several(tf.distribute.get_strategy()):
        raise ValueError("Expected a seed, the same for all workers. Received: seed=None")


def own_batches(
    strategy: tf.distribute.Strategy,
    source: Source,
    batch_size: int,
    *,
    seed: int,
    start: int,
    check: Callable[[tf.data.Dataset], tf.data.Dataset],
) -> tf.data.Dataset | tf.distribute.DistributedDataset:
    """Returns the batches of a source, or this worker's parts of them.

    Args:
        strategy: Of the training.
        source: Real data.
        batch_size: Examples per batch of all workers together.
        seed: Of the order of the data, the same for all workers.
        start: Number of the first batch.
        check: What looks at the batches of a worker, such as `GAN.looked_at`. Without other
            workers `fit` does that.
    """
    if not are_several(strategy):
        return source.batches(batch_size, seed=seed, start=start)

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        shard = context.input_pipeline_id, context.num_input_pipelines
        dataset = source.batches(batch_size, seed=seed, start=start, shard=shard)
        per_replica = context.get_per_replica_batch_size(batch_size)
        return check(dataset).rebatch(per_replica, drop_remainder=True)

    return strategy.distribute_datasets_from_function(of_worker)


@contextlib.contextmanager
def chief_first(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Lets the others do something only when the chief has done it, such as preparing data."""
    if not is_chief(strategy):
        any_of_all(strategy, True)
    yield
    if is_chief(strategy):
        any_of_all(strategy, True)


def any_of_all(strategy: tf.distribute.Strategy, value: bool) -> bool:
    """Returns whether the value is true for one of the workers; all must ask at the same time."""
    if not are_several(strategy):
        return value
    return bool(_reduced(strategy, float(value)) > 0.0)


def check_same_step(
    strategy: tf.distribute.Strategy, step: keras.Variable, directory: str | os.PathLike
) -> None:
    """Raises ValueError unless all workers go on at one step; waits for all of them."""
    if not are_several(strategy):
        return
    own = float(step.numpy())
    mean, mean_square = _reduced(strategy, own), _reduced(strategy, own**2)
    if mean_square - mean**2 > 1e-3:
        raise ValueError(
            "Expected a directory that all workers see, with the checkpoint to go on from. "
            f"Received: directory={str(directory)!r}, in which this worker is at step {own:.0f}, "
            "and another worker is at another step"
        )


@contextlib.contextmanager
def explain_lost_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Raises ConnectionAbortedError where TensorFlow reports that another worker is gone."""
    try:
        yield
    except _ERRORS_OF_A_LOST_WORKER as error:
        if not are_several(strategy):
            raise
        raise ConnectionAbortedError(
            "Another worker was lost. Start all workers again to go on from the newest checkpoint."
        ) from error


def _reduced(strategy: tf.distribute.Strategy, value: float) -> float:
    """Returns the mean of a number over all workers."""
    with strategy.scope():
        return float(_mean(tf.constant(value, tf.float64)))


@tf.function
def _mean(value: tf.Tensor) -> tf.Tensor:
    strategy = tf.distribute.get_strategy()
    values = strategy.run(tf.identity, args=(value,))
    return strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)
