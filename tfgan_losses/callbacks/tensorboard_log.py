"""Training metrics and pictures for TensorBoard."""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs


class TensorBoardLog(StepCallback):
    """Writes the metrics as scalars over steps.

    Together with a `MetricsLog` of the same `every` the values are the means over these steps.

    Args:
        directory: Where the event files go; made at the first one.
        every: Steps between two points.
        minutes: After so long without a point there is one, of the means up to there; None is
            never.

    Raises:
        ValueError: If `every` is not an integer >= 1.
    """

    def __init__(self, directory: str | os.PathLike, every: int, *, minutes: float | None = None):
        super().__init__()
        check_positive(every=every)
        self.directory = os.fspath(directory)
        self.every, self.minutes = every, minutes
        self._writer: tf.summary.SummaryWriter | None = None
        self._written_step = -1

    def steps_until_due(self) -> float:
        """Returns the steps to the next point."""
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Writes the scalars if it is time."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every) or self.late(self.minutes):
            self._write()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Writes what is left since the last point, and closes the event file."""
        trained = bool(self.logs)
        super().on_train_end(logs)
        if self.step > self._written_step and trained:
            self._write()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """Writes one picture, uint8 [H, W, 3].

        It goes into the same event file: TensorBoard follows only one in a folder.
        """
        writer = self._opened()
        with writer.as_default(step=step):
            tf.summary.image(name, image[None])
        writer.flush()

    def _write(self) -> None:
        writer = self._opened()
        with writer.as_default(step=self.step):
            for name, value in self.logs.items():
                tf.summary.scalar(name, value)
        writer.flush()
        self._written_step = self.step

    def _opened(self) -> tf.summary.SummaryWriter:
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(self.directory)
        return self._writer
