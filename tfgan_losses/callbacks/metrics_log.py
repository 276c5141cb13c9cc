"""Training metrics as a table."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from tfgan_losses.callbacks.atomic import atomic_path
from tfgan_losses.callbacks.step_callback import StepCallback, check_positive


class MetricsLog(StepCallback):
    """Appends rows to a CSV file with the columns `step` and one per metric.

    A row holds the means over the steps since the row before: the metrics are reset after each
    (at the next batch, so that every callback of this one sees the same). Keras resets them at
    each epoch too, so train in one epoch. Wall time is left out: two runs give the same file.

    On a resume, rows after the step of the model are dropped; they will be written again.

    Args:
        path: The file, such as `runs/x/metrics.csv`; its folder is made.
        every: Generator updates between two rows; the last step gets a row in any case.

    Raises:
        ValueError: If `every` is not an integer >= 1.
    """

    def __init__(self, path: str | os.PathLike, every: int):
        super().__init__()
        check_positive(every=every)
        self.path = Path(path)
        self.every = every
        self._columns: list[str] = []
        self._row_step = -1
        self._reset_is_due = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Drops the rows that a resumed run will write again."""
        super().on_train_begin(logs)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._columns, self._row_step, self._reset_is_due = [], self.step, False
        if self.path.exists():
            self._columns, rows = _read(self.path)
            self._rewrite([row for row in rows if _is_until(row, self.step)])

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts new means after a row."""
        if self._reset_is_due:
            self.model.reset_metrics()
            self._reset_is_due = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes a row if it is time."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every):
            self._write_row()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes what is left since the last row."""
        super().on_train_end(logs)
        if self.logs and self.step > self._row_step:
            self._write_row()

    def _write_row(self) -> None:
        row = {"step": str(self.step)}
        # 9 digits give every float32 back exactly.
        row |= {name: f"{value:.9g}" for name, value in self.logs.items()}
        new_columns = [name for name in row if name not in self._columns]
        if new_columns:
            rows = _read(self.path)[1] if self.path.exists() else []
            self._columns += new_columns
            self._rewrite(rows)
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._columns, lineterminator="\n").writerow(row)
        self._row_step, self._reset_is_due = self.step, True

    def _rewrite(self, rows: list[dict[str, str]]) -> None:
        with (
            atomic_path(self.path) as temporary,
            open(temporary, "w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, self._columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, restval="")
        return list(reader.fieldnames or []), list(reader)


def _is_until(row: dict[str, str], step: int) -> bool:
    """False for rows after `step` and for one that a kill cut short."""
    return row["step"].isdigit() and int(row["step"]) <= step and None not in row
