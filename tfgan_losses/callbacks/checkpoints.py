"""Checkpoints while training."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.callbacks.stop_on_non_finite import (
    first_non_finite_log,
    stop,
)
from tfgan_losses.names import did_you_mean
from tfgan_losses.run_files.atomic import PREFIX, atomic_path
from tfgan_losses.run_files.checkpoint_files import (
    all_best,
    all_checkpoints,
    best_checkpoint,
    best_name,
    checkpoint_name,
    checkpoint_step,
    write_checkpoint,
)
from tfgan_losses.training.checks import check_positive
from tfgan_losses.training.finiteness import first_non_finite_variable
from tfgan_losses.types import Logs


class Checkpoints(StepCallback):
    """Writes `step_00001000.weights.h5` with both networks, the EMA, the step and the optimisers.

    A file appears under its name only when it is complete and on the disk, ends in a checksum of
    itself, and is written only if every metric and every weight is finite: the newest checkpoint
    is always one to go on from.

    Args:
        directory: Where the checkpoints go; made if needed.
        every: Steps between two checkpoints; the last step gets one in any case.
        keep: So many of the newest stay.
        monitor: Name of a log, such as a metric of the GAN: of the checkpoints at multiples of
            `every`, a copy of the best stays, too, as `best_g_loss_0.25_step_00001000.weights.h5`.
            Metrics are means; see `MetricsLog` for over which steps. A number of an earlier
            `GeneratorEvaluation` counts wherever it is measured, also between two checkpoints.
        mode: `"min"` if a lower value is better, `"max"` if a higher one is.
        minutes: After so long without a checkpoint there is one, at whatever step; None is never.

    Raises:
        ValueError: If `every` or `keep` is not an integer >= 1 or the mode is unknown; in training,
            if nothing is logged under the name of `monitor`.
        OSError: In training, if a checkpoint cannot be written; the earlier ones stay whole.
        FloatingPointError: In training, if a metric or a weight is not finite when it is time.

    Examples:
        >>> import pathlib
        >>> import tempfile
        >>> import numpy as np
        >>> from tfgan_losses import GAN, callbacks
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.zeros([80, 2], "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoints = callbacks.Checkpoints(folder, every=5)
        ...     history = gan.fit(points, batch_size=8, verbose=0, callbacks=[checkpoints])
        ...     names = [path.name for path in callbacks.all_checkpoints(folder)]
        >>> names
        ['step_00000005.weights.h5', 'step_00000010.weights.h5']
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        every: int,
        *,
        keep: int = 3,
        monitor: str | None = None,
        mode: str = "min",
        minutes: float | None = None,
    ):
        super().__init__()
        check_positive(every=every, keep=keep)
        if mode not in ("min", "max"):
            raise ValueError(f"Expected mode to be 'min' or 'max'. Received: mode={mode!r}")
        self.directory = Path(directory)
        self.every = every
        self.keep = keep
        self.monitor = monitor
        self.mode = mode
        self.minutes = minutes
        self._saved_step = -1
        self._best: tuple[Path, float] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Removes what a killed run left half written, and looks for the best so far."""
        super().on_train_begin(logs)
        self.directory.mkdir(parents=True, exist_ok=True)
        for leftover in self.directory.glob(f"{PREFIX}*"):
            leftover.unlink()
        self._saved_step = self.step
        self._best = None
        if self.monitor is not None:
            self._best = best_checkpoint(self.directory, self.monitor, self.mode)

    def steps_until_due(self) -> float:
        """Returns the steps to the next checkpoint."""
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Saves if it is time."""
        super().on_train_batch_end(batch, logs)
        due = self.due(self.every)
        if due or self.late(self.minutes):
            self._save()
        if self.monitor is not None and (due or self.monitor in self.announced):
            self._keep_best()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Saves the last step."""
        super().on_train_end(logs)
        if self.step > self._saved_step:
            self._save()

    def _save(self) -> None:
        self._check_finite()
        write_checkpoint(self.model, self.directory / checkpoint_name(self.step))
        self._saved_step = self.step
        # A newer one, from which a resumed run could not go on, may be there. It does not count.
        own = [p for p in all_checkpoints(self.directory) if checkpoint_step(p) <= self.step]
        for old in own[: -self.keep]:
            old.unlink()

    def _check_finite(self) -> None:
        bad = first_non_finite_log(self.logs) or first_non_finite_variable(self.model)
        if bad is not None:
            stop(self.model, f"{bad} is not finite at step {self.step}, which has no checkpoint")

    def _keep_best(self) -> None:
        if self.monitor not in self.logs:
            if self.monitor in self.announced:  # Not measured at this step.
                return
            raise ValueError(
                f"Expected monitor to be one of the logs {list(self.logs)}. "
                f"Received: monitor={self.monitor!r}{did_you_mean(self.monitor, self.logs)}"
            )
        value = float(self.logs[self.monitor])
        if self._best is not None and not self._is_better(value, self._best[1]):
            return
        path = self.directory / best_name(self.monitor, value, self.step)
        self._write_best(path)
        for other, _ in all_best(self.directory, self.monitor):
            if other != path:
                other.unlink()
        self._best = path, value

    def _is_better(self, value: float, known: float) -> bool:
        return value < known if self.mode == "min" else value > known

    def _write_best(self, path: Path) -> None:
        if self._saved_step == self.step:
            with atomic_path(path) as temporary:
                shutil.copyfile(self.directory / checkpoint_name(self.step), temporary)
        else:
            self._check_finite()
            write_checkpoint(self.model, path)
