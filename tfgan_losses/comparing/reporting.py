"""From trainings to `report.json` and `report.html`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from absl.flags import FlagValues

from tfgan_losses.comparing import (
    judging,
    leaderboard,
    markup,
    page,
    results,
    sample_pictures,
    settings,
)
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job
from tfgan_losses.extractors import QUANTISATION
from tfgan_losses.flags import comparing, setting
from tfgan_losses.progress import Pace, duration
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.circumstances import circumstances

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.measuring import Measurement

_WORTH_A_WORD = 5.0  # seconds


def report(
    flags: FlagValues,
    directory: ComparisonDirectory,
    jobs: Sequence[Job],
    refused: dict[str, str],
    command: str,
) -> bool:
    """Measures what is finished, writes the report and says where it is.

    Returns:
        Whether there is a number of any training.

    Raises:
        ValueError: If the data cannot be measured.
        OSError: If the report cannot be written.
    """
    source = setting.load_source(flags)
    measuring = judging.measurement(flags, source)
    finished = [job for job in jobs if directory.is_finished(job, flags.steps)]
    pace = Pace(0, time.monotonic())
    runs = []
    for number, job in enumerate(jobs, start=1):
        measured = None
        if job in finished:
            left = _left(pace, len(finished))
            print(f"[{number}/{len(jobs)}] {job}: measured{left}", flush=True)
            measured = judging.judge(directory.run(job), directory.measured(job), measuring, source)
            pace.reached(pace.steps + 1, time.monotonic())
        runs.append(results.of_run(directory, job, flags.steps, measured))
    found = _results(flags, measuring, source, runs, refused, command)
    _write(directory, found)
    _tell(directory, found)
    return any(run.measured and run.measured.numbers for run in runs)


def _left(pace: Pace, count: int) -> str:
    """Returns how long it takes to measure the rest, if that is worth a word."""
    seconds = (pace.seconds or 0.0) * (count - pace.steps)
    return f", about {duration(seconds)} left" if seconds >= _WORTH_A_WORD else ""


def _results(
    flags: FlagValues,
    measuring: Measurement,
    source: BaseSource,
    runs: list[results.RunResult],
    refused: dict[str, str],
    command: str,
) -> results.Results:
    floor = judging.floor(measuring)
    resizing = measuring.extractor.resizing(tuple(source.example_shape))
    return results.Results(
        gan_types=comparing.recipes_in(flags.gan_types),
        seeds=flags.seeds,
        steps=flags.steps,
        columns=measuring.columns,
        floor={name: estimate.value for name, estimate in floor.items()},
        runs=runs,
        refused=refused,
        data=_data(source),
        real_picture=_real_picture(source),
        measuring={
            "metrics": [repr(metric) for metric in measuring.metrics],
            "extractor": measuring.extractor.name,
            **measuring.extractor.facts(),
            **({"resizing": resizing} if resizing else {}),
            "quantisation": QUANTISATION if len(source.example_shape) == 3 else "none: float32",
            "samples": measuring.samples,
            "real examples": len(measuring.real),
            "seed": measuring.seed,
        },
        settings=settings.of(flags),
        command=command,
        circumstances=circumstances(),
    )


def _data(source: BaseSource) -> str:
    size = "endless" if source.size is None else f"{source.size:,}"
    classes = f", {source.num_classes} classes" if source.num_classes else ""
    more = f"; {source.preparation}" if source.preparation else ""
    return f"{source.name}, {size} examples of shape {source.example_shape}{classes}{more}"


def _real_picture(source: BaseSource) -> str:
    count = sample_pictures.count(source)
    if not count:
        return ""
    examples = source.take(count if source.size is None else min(count, source.size))[0]
    return sample_pictures.html_of(np.asarray(examples), source, what="Real data", kind="real")


def _write(directory: ComparisonDirectory, found: results.Results) -> None:
    with atomic_path(directory.record) as path:
        text = json.dumps(found.json(), indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    with atomic_path(directory.report) as path:
        path.write_text(page.html(found), encoding="utf-8")


def _tell(directory: ComparisonDirectory, found: results.Results) -> None:
    column = next(iter(found.columns))
    width = max(map(len, found.gan_types))
    print(f"\n{'':{width}}  {column}, mean ± standard error over seeds: {found.seeds}")
    for name in leaderboard.order(found):
        summary = found.summary(name, column)
        print(f"{name:{width}}  {markup.in_words(summary.mean, summary.standard_error)}")
    print(f"\nReport: {directory.report}, {directory.record.name} beside it")
