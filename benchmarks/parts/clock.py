"""Seconds per step of `GAN.fit`, of its step in a bare loop, and of the hand-written loop.

A block of `GAN.fit` is its second epoch: what a call of `fit` costs once is over by then, and no
callback asks to see single steps, so that executions are as long as a user's. A block of a loop
begins after its first step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import keras
import numpy as np
import tensorflow as tf

from parts.hand_written_loop import HandWrittenLoop
from tfgan_losses import GAN
from tfgan_losses.types import Report, TensorLike


class _Clock(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.start = _now()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        # Numbers are there when the device has made them, and not before.
        _wait_for((logs or {}).values())
        self.seconds = _now() - self.start


def _now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def _wait_for(values: Iterable[TensorLike]) -> None:
    for value in values:
        np.asarray(value)


def fit_block(gan: GAN, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Returns seconds per step of `GAN.fit`, on the wall and on all cores of the CPU.

    Args:
        gan: A compiled GAN.
        dataset: Batches without end.
        steps: Of the block; as many are made before it.
    """
    clock = _Clock()
    gan.fit(dataset, steps_per_epoch=steps, epochs=2, verbose=0, shuffle=False, callbacks=[clock])
    return clock.seconds / steps


def loop_block(loop: HandWrittenLoop, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Returns the same of the loop."""
    return _block(loop.step, dataset, steps)


def bare_block(
    step: Callable[[tf.Tensor], Report], dataset: tf.data.Dataset, steps: int
) -> np.ndarray:
    """Returns the same of `for batch in dataset: step(batch)`; the step is of `bare_step`."""
    return _block(lambda batch: step(batch).values(), dataset, steps)


def bare_step(gan: GAN) -> Callable[[tf.Tensor], Report]:
    """Returns the function of one batch that the executions of `GAN.fit` call, compiled once."""
    gan.make_train_function()
    return gan.train_function._one


def _block(
    step: Callable[[tf.Tensor], Iterable[tf.Tensor]], dataset: tf.data.Dataset, steps: int
) -> np.ndarray:
    batches = iter(dataset)
    _wait_for(step(next(batches)))
    start = _now()
    for _ in range(steps):
        values = step(next(batches))
    _wait_for(values)
    return (_now() - start) / steps
