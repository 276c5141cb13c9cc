"""Checkpoints while training."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from absl import logging

from tfgan_losses.callbacks.atomic import PREFIX, atomic_path
from tfgan_losses.callbacks.checkpoint_files import all_checkpoints, checkpoint_name
from tfgan_losses.callbacks.step_callback import StepCallback, check_positive
from tfgan_losses.callbacks.stop_on_non_finite import (
    first_non_finite_log,
    first_non_finite_variable,
)


class Checkpoints(StepCallback):
    """Writes `step_00001000.weights.h5` with both networks, the EMA, the step and the optimisers.

    A file appears under its name only when it is complete, and only if every metric and every
    weight is finite: the newest checkpoint is always one to go on from.

    Args:
        directory: Where the checkpoints go; made if needed.
        every: Generator updates between two checkpoints; the last step gets one in any case.
        keep: So many of the newest stay.

    Raises:
        ValueError: If `every` or `keep` is not an integer >= 1.
    """

    def __init__(self, directory: str | os.PathLike, every: int, *, keep: int = 3):
        super().__init__()
        check_positive(every=every, keep=keep)
        self.directory = Path(directory)
        self.every = every
        self.keep = keep
        self._saved_step = -1

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Removes what a killed run left half written."""
        super().on_train_begin(logs)
        self.directory.mkdir(parents=True, exist_ok=True)
        for leftover in self.directory.glob(f"{PREFIX}*"):
            leftover.unlink()
        self._saved_step = self.step

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves if it is time."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every):
            self._save()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Saves the last step."""
        super().on_train_end(logs)
        if self.step > self._saved_step:
            self._save()

    def _save(self) -> None:
        bad = first_non_finite_log(self.logs) or first_non_finite_variable(self.model.variables)
        if bad is not None:
            logging.error("No checkpoint at step %d: %s is not finite.", self.step, bad)
            return
        with atomic_path(self.directory / checkpoint_name(self.step)) as temporary:
            self.model.save_weights(temporary)
        self._saved_step = self.step
        for old in all_checkpoints(self.directory)[: -self.keep]:
            old.unlink()
