"""The base of callbacks that act every so many generator updates."""

from __future__ import annotations

from typing import Any

import keras


class StepCallback(keras.callbacks.Callback):
    """Knows how many generator updates the model has made, without asking the device each time.

    Attributes:
        step: Generator updates so far, those before a resume included (int).
        logs: What the newest batch reported, in the order of the model's metrics.

    Subclasses that override a method call that of this class first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.logs: dict[str, float] = {}
        self._previous_step = 0
        self._batches_of_epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Reads the step of the model, which may come from a checkpoint."""
        self.step = self._previous_step = int(self.model.step.numpy())
        self.logs = {}
        self._batches_of_epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras counts batches from 0 in each epoch."""
        self._batches_of_epoch = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts the batches of one execution; `batch` is the index of the last of them."""
        self._previous_step = self.step
        self.step += batch + 1 - self._batches_of_epoch
        self._batches_of_epoch = batch + 1
        self.logs = self._in_order(logs or {})

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Asks the model again: an interrupt can come between a step and its batch end."""
        self.step = int(self.model.step.numpy())

    def due(self, every: int) -> bool:
        """Has the newest batch (or the several of one execution) reached a multiple of `every`?"""
        return self.step // every > self._previous_step // every

    def _in_order(self, logs: dict[str, Any]) -> dict[str, float]:
        """Undoes the alphabetic order that Keras gives to logs before callbacks see them."""
        names = [metric.name for metric in self.model.metrics if metric.name in logs]
        return {name: logs[name] for name in dict.fromkeys([*names, *logs])}
