"""Batches that lie on the device before the step asks for them."""

from __future__ import annotations

import functools
from typing import TypeVar

import tensorflow as tf

from tfgan_losses.types import Tensor

_Data = TypeVar("_Data")

# Batches on the device beside the one in use. A copy waits for the step that is queued before it,
# so that one would not be enough.
_AHEAD = 2


def on_device(data: _Data, strategy: tf.distribute.Strategy, steps: int | None) -> _Data:
    """The same batches in the same order, copied to the GPU while the steps before them run.

    What is no `tf.data.Dataset` is given back as it is, and so is all where no GPU is used, where
    a strategy divides and copies the batches by itself, and where the number of batches, which is
    unknown afterwards, would be asked for.

    Args:
        data: Nothing may be done to the result but to iterate over it.
        strategy: Of the training.
        steps: Batches of a pass as the person said, or None.
    """
    if not isinstance(data, tf.data.Dataset) or (steps is None and int(data.cardinality()) >= 0):
        return data
    device = _device_of(strategy)
    if device is None or not _arrives(device):
        return data
    return _copied(data, device)


def _device_of(strategy: tf.distribute.Strategy) -> str | None:
    """The GPU on which a step runs, None if there is none or a strategy chooses."""
    if tf.distribute.has_strategy() or strategy is not tf.distribute.get_strategy():
        return None
    # Where TensorFlow puts what nobody has placed, a `tf.device` around it included.
    device = (tf.ones([1]) + tf.ones([1])).device
    return device if "GPU" in device else None


def _copied(dataset: tf.data.Dataset, device: str) -> tf.data.Dataset:
    return dataset.apply(tf.data.experimental.prefetch_to_device(device, _AHEAD))


@functools.cache
def _arrives(device: str) -> bool:
    """Whether batches come there as they are; tried once, as not every installation can do it."""

    @tf.function
    def following(iterator: tf.data.Iterator) -> tuple[Tensor, Tensor]:
        # As executions ask for it: in a loop, and whether there is one.
        def body(count: Tensor, number: Tensor, label: Tensor) -> tuple[Tensor, ...]:
            batch = iterator.get_next_as_optional()
            zeros = (tf.zeros([]), tf.constant(0))
            return count + 1, *tf.cond(batch.has_value(), batch.get_value, lambda: zeros)

        start = (tf.constant(0), tf.zeros([]), tf.constant(0))
        return tf.while_loop(lambda count, *_: count < 1, body, start)[1:]

    try:
        with tf.device("CPU:0"):
            numbers = tf.data.Dataset.range(3)
            dataset = numbers.map(lambda i: (tf.cast(i, tf.float32), tf.cast(i, tf.int32)))
        iterator = iter(_copied(dataset, device))
        pairs = [following(iterator) for _ in range(3)]
    except (tf.errors.OpError, AttributeError, RuntimeError, TypeError, ValueError):
        return False
    return all(float(x) == int(i) == number for number, (x, i) in enumerate(pairs))
