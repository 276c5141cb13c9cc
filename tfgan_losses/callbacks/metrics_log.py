"""Training metrics as a table."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import keras
import numpy as np

from tfgan_losses import workers
from tfgan_losses.callbacks.listeners import Listeners
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.run_files.atomic import atomic_path, errors_name
from tfgan_losses.run_files.table import read_table
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs


class MetricsLog(StepCallback):
    """Appends rows to a CSV file with the columns `step` and one per metric.

    A row holds the means over the steps since the row before: the metrics are reset after each
    (at the next batch, so that every callback of this one sees the same). Keras resets them at
    each epoch too, so train in one epoch. Wall time is left out: two runs give the same file.

    A resumed run writes the file that an uninterrupted one writes: means go on from those that the
    model holds, and rows after its step are dropped, as is one at its step that only the end of
    the training caused. With another `every` than before, the first row is over the steps since
    the last row before the resume.

    What an earlier `GeneratorEvaluation` adds has columns too, which are empty in other rows.

    After `minutes` without a row there is one of the means up to there, for people who wait for a
    slow run. Since clocks differ, it is no row of the table yet: it has no line end, its means go
    on, and the next row takes its place. So the table is the same whatever the clock was.

    Of several workers each needs one, since all keep the means; only the chief writes.

    Args:
        path: The file, such as `runs/x/metrics.csv`; its folder is made.
        every: Steps between two rows; the last step gets a row in any case.
        minutes: See above; None is never.
        listeners: Get each row, too.

    Raises:
        ValueError: If `every` is not an integer >= 1.
        OSError: In training, if a row cannot be written.

    Examples:
        >>> import pathlib
        >>> import tempfile
        >>> import numpy as np
        >>> from tfgan_losses import GAN, callbacks
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.zeros([80, 2], "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "metrics.csv")
        ...     log = callbacks.MetricsLog(path, every=5)
        ...     history = gan.fit(points, batch_size=8, verbose=0, callbacks=[log])
        ...     rows = path.read_text().splitlines()
        >>> [row.split(",")[0] for row in rows]
        ['step', '5', '10']
    """

    def __init__(
        self,
        path: str | os.PathLike,
        every: int,
        *,
        minutes: float | None = None,
        listeners: Listeners | None = None,
    ):
        super().__init__()
        check_positive(every=every)
        self.path = Path(path)
        self.every, self.minutes = every, minutes
        self.listeners = listeners or Listeners()
        self._has_open_row = False
        self._columns: list[str] = []
        self._row_step = -1
        self._reset_is_due = False
        self._writes = True
        self._kept_means: list[np.ndarray] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Drops the rows that a resumed run will write again."""
        super().on_train_begin(logs)
        self._columns, self._reset_is_due, self._has_open_row = [], False, False
        self._writes = workers.is_chief(self.model.distribute_strategy)
        row_is_due = self.step % self.every == 0
        self._row_step = self.step if row_is_due else self.step - 1
        self._kept_means = None if row_is_due else [v.numpy() for v in self._variables()]
        if self._writes:
            self._prepare_file()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Goes on with the means of before: Keras has just reset them."""
        super().on_epoch_begin(epoch, logs)
        self._put_means_back()

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Starts new means after a row."""
        if self._reset_is_due:
            self.model.reset_metrics()
            self._reset_is_due = False

    def steps_until_due(self) -> float:
        """Returns the steps to the next row."""
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Writes a row if it is time."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every):
            self._end_row()
        elif self.late(self.minutes) and self._writes:
            self._write_row(end="")
            self.listeners.row(self.step, self.logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Writes what is left since the last row."""
        super().on_train_end(logs)
        self._put_means_back()
        if self.step > self._row_step:
            # Not what the newest batch reported: an interrupt can come before its report.
            means = {metric.name: float(metric.result()) for metric in self.model.metrics}
            self.logs = self._in_order(self.logs | means)
            self._end_row()

    def _prepare_file(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self._columns, rows = read_table(self.path)
            self._rewrite([row for row in rows if _step_of(row) <= self._row_step])

    def _variables(self) -> list[keras.Variable]:
        return [variable for metric in self.model.metrics for variable in metric.variables]

    def _put_means_back(self) -> None:
        if self._kept_means is not None:
            for variable, value in zip(self._variables(), self._kept_means, strict=True):
                variable.assign(value)
        self._kept_means = None

    def _end_row(self) -> None:
        if self._writes:
            self._write_row()
        self._row_step, self._reset_is_due = self.step, True
        # The last thing: a listener may raise.
        if self._writes:
            self.listeners.row(self.step, self.logs)

    def _write_row(self, end: str = "\n") -> None:
        row = {"step": str(self.step)}
        # 9 digits give every float32 back exactly.
        row |= {name: f"{value:.9g}" for name, value in self.logs.items()}
        new_columns = [name for name in row if name not in self._columns]
        if new_columns or self._has_open_row:
            rows = read_table(self.path)[1] if self.path.exists() else []
            self._columns += new_columns
            self._rewrite(rows)
        with errors_name(self.path), open(self.path, "a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._columns, lineterminator=end).writerow(row)
        self._has_open_row = not end

    def _rewrite(self, rows: list[dict[str, str]]) -> None:
        with (
            atomic_path(self.path) as temporary,
            open(temporary, "w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, self._columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _step_of(row: dict[str, str]) -> float:
    """Returns a step that no run reaches for a row that cannot be read."""
    return int(row["step"]) if row["step"].isdigit() else float("inf")
