"""All that is known of a comparison: what `report.json` holds and `report.html` shows."""

from __future__ import annotations

import dataclasses
import itertools
import math
import statistics as standard_statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import tensorflow as tf

from tfgan_losses.comparing import cost
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job
from tfgan_losses.comparing.judging import Measured
from tfgan_losses.comparing.statistics import Summary, summary
from tfgan_losses.health.record import read_findings
from tfgan_losses.run_files.directory import RunDirectory

# What JSON holds, without NaN.
Facts: TypeAlias = dict[str, object]
_FORMAT = 1
_WORDS = {"min": "lower", "max": "higher"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunResult:
    """What is known of one training.

    Attributes:
        job: Which one.
        state: "finished", or how far it is, or why it has failed.
        step: Its last one.
        cost: Of all its processes.
        milliseconds_per_step: The median over its table; None of less than two rows.
        measured: None unless it is finished.
        warnings: (step, sign, text) of `health.csv`.
        rows: Of `metrics.csv`.
    """

    job: Job
    state: str
    step: int
    cost: cost.Cost
    milliseconds_per_step: float | None
    measured: Measured | None
    warnings: list[tuple[int, str, str]]
    rows: list[dict[str, float]]

    @property
    def failure(self) -> str:
        """Why there are no numbers of it, or an empty string."""
        if self.measured is None:
            return self.state.removeprefix("failed: ")
        return self.measured.error


@dataclasses.dataclass(frozen=True, kw_only=True)
class Results:
    """What is known of all.

    Attributes:
        gan_types: The recipes, in the order of the command.
        seeds: Trainings of each.
        steps: Of each training.
        columns: Of what was measured -> `"min"` or `"max"` for which is better; the first decides.
        floor: Column -> of one half of the real examples beside the other.
        runs: The trainings.
        refused: Recipe -> why it was not trained.
        data: What the data is, in words.
        real_picture: HTML.
        measuring: What all were measured with, in plain values.
        settings: Flags of all trainings.
        command: What makes the report again.
        circumstances: Versions and the machine.
    """

    gan_types: list[str]
    seeds: int
    steps: int
    columns: dict[str, str]
    floor: dict[str, float]
    runs: list[RunResult]
    refused: dict[str, str]
    data: str
    real_picture: str
    measuring: Mapping[str, object]
    settings: Mapping[str, object]
    command: str
    circumstances: str

    def of(self, gan_type: str) -> list[RunResult]:
        """Returns the trainings of a recipe."""
        return [run for run in self.runs if run.job.gan_type == gan_type]

    def summary(self, gan_type: str, column: str) -> Summary:
        """Returns a number of a recipe over its seeds."""
        found = [run.measured.numbers.get(column) for run in self.of(gan_type) if run.measured]
        return summary(found)

    def trained(self) -> list[str]:
        """Returns the recipes of which something was to be trained."""
        return [name for name in self.gan_types if name not in self.refused]

    def json(self) -> Facts:
        """Returns all of it but pictures and curves, in plain values."""
        return {
            "format": _FORMAT,
            "command": self.command,
            "circumstances": self.circumstances,
            "data": self.data,
            "seeds": self.seeds,
            "steps": self.steps,
            "settings": dict(self.settings),
            "measuring": dict(self.measuring),
            "better": {name: _WORDS[x] for name, x in self.columns.items()},
            "floor": {name: _finite(value) for name, value in self.floor.items()},
            "recipes": {name: self._recipe(name) for name in self.trained()},
            "refused": dict(self.refused),
            "runs": [_plain(run) for run in self.runs],
        }

    def _recipe(self, name: str) -> Facts:
        summaries = {column: self.summary(name, column) for column in self.columns}
        return {
            column: {
                "mean": _finite(x.mean),
                "standard_error": _finite(x.standard_error),
                "values": [_finite(value) for value in x.values],
            }
            for column, x in summaries.items()
        }


def of_run(
    directory: ComparisonDirectory, job: Job, steps: int, measured: Measured | None
) -> RunResult:
    """Reads what a training has left."""
    run = directory.run(job)
    rows = run.rows()
    return RunResult(
        job=job,
        state=directory.state(job, steps),
        step=directory.step(job),
        cost=cost.of_attempts(cost.read(directory.costs(job))),
        milliseconds_per_step=milliseconds_per_step(run),
        measured=measured,
        warnings=[(x.step, x.sign, x.text) for x in read_findings(run.health)],
        rows=rows,
    )


def milliseconds_per_step(run: RunDirectory) -> float | None:
    """Returns the median over all pairs of rows that the log of TensorBoard has the times of.

    Neither imports and compilation nor pictures, checkpoints and pauses are in it.
    """
    times: dict[int, float] = {}
    for path in sorted(run.logs.glob("events.out.tfevents.*")):
        steps = dict(_times(path))
        pairs = itertools.pairwise(sorted(steps.items()))
        times |= {b[0]: (b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs}
    return 1000 * standard_statistics.median(times.values()) if times else None


def _times(path: Path) -> Iterator[tuple[int, float]]:
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            if any(value.tag == "d_loss" for value in event.summary.value):
                yield event.step, event.wall_time
    except tf.errors.DataLossError:
        return  # A kill has cut it short.


def _plain(run: RunResult) -> Facts:
    measured = run.measured or Measured()
    return {
        "gan_type": run.job.gan_type,
        "seed": run.job.seed,
        "state": run.state,
        "step": run.step,
        "error": run.failure,
        "numbers": {name: _finite(x) for name, x in measured.numbers.items()},
        "standard_errors": {name: _finite(x) for name, x in measured.errors.items()},
        "cost": {
            **dataclasses.asdict(run.cost),
            "milliseconds_per_step": _finite(run.milliseconds_per_step),
        },
        "warnings": [{"step": a, "sign": b, "text": c} for a, b, c in run.warnings],
    }


def _finite(number: float | None) -> float | None:
    """Returns a number as JSON has it, which knows no NaN."""
    return None if number is None or not math.isfinite(number) else float(number)
