"""Seconds per step of `GAN.fit` and of the hand-written loop.

A block is clocked from the end of its first step to that of its last, so that what a call of `fit`
costs once is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from parts.hand_written_loop import HandWrittenLoop
from tfgan_losses import GAN


class _Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self.ends: list[np.ndarray] = []

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self.ends.append(_now())

    def per_step(self) -> np.ndarray:
        return (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)


def _now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def fit_block(gan: GAN, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Returns seconds per step of `GAN.fit`, on the wall and on all cores of the CPU.

    Args:
        gan: A compiled GAN.
        dataset: Batches without end.
        steps: At least 2.
    """
    clock = _Clock()
    gan.fit(dataset, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[clock])
    return clock.per_step()


def loop_block(loop: HandWrittenLoop, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Returns the same of the loop, which looks at its means after each step, as callbacks do."""
    clock = _Clock()
    clock.on_train_begin()
    for number, batch in enumerate(dataset.take(steps)):
        _ = [float(mean) for mean in loop.step(batch)]
        clock.on_train_batch_end(number)
    return clock.per_step()
