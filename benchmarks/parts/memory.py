"""The memory of a process while it trains, and whether it grows."""

from __future__ import annotations

import csv
import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

LIMIT = 0.05  # Growth that counts as none.
TABLE_HEAD = (
    "| minute | steps | resident MiB | proportional MiB | files | threads |\n"
    "|--:|--:|--:|--:|--:|--:|"
)
_LINE_SECONDS = 60
_clock = time.perf_counter


@dataclasses.dataclass(frozen=True)
class Sample:
    """The process at one moment; memory in MiB."""

    seconds: float
    steps: int
    resident: float
    proportional: float
    files: int
    threads: int

    def line(self) -> str:
        """Returns the line of a table whose head is `TABLE_HEAD`."""
        return (
            f"| {self.seconds / 60:.1f} | {self.steps} | {self.resident:.1f} | "
            f"{self.proportional:.1f} | {self.files} | {self.threads} |"
        )


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the samples say.

    Attributes:
        settled: Resident MiB at the first sample that counts.
        last: At the last one.
        highest: The most of those that count.
        growth: Of `highest` over `settled`, as a part of it.
        slope: MiB per hour, least squares.
        steps: Generator updates.
        first_rate: Updates per second in the first third of the time.
        last_rate: In the last third.
    """

    settled: float
    last: float
    highest: float
    growth: float
    slope: float
    steps: int
    first_rate: float
    last_rate: float

    @property
    def flat(self) -> bool:
        """Returns whether the memory was never more than `LIMIT` above what it settled at."""
        return self.highest <= (1 + LIMIT) * self.settled


def judge(samples: Sequence[Sample], settle: float) -> Verdict:
    """Returns what samples say of a process.

    Args:
        samples: In the order of time.
        settle: Seconds at the beginning that do not count.

    Raises:
        ValueError: If fewer than two samples count.
    """
    counted = [sample for sample in samples if sample.seconds >= settle]
    if len(counted) < 2:
        raise ValueError(f"Expected two samples after {settle} s. Received: {len(counted)}")
    seconds, resident = np.array([(s.seconds, s.resident) for s in counted]).T
    times, steps = np.array([(s.seconds, s.steps) for s in samples], float).T
    thirds = np.linspace(times[0], times[-1], 4)
    rates = np.diff(np.interp(thirds, times, steps)) / np.diff(thirds)
    return Verdict(
        settled=float(resident[0]),
        last=float(resident[-1]),
        highest=float(resident.max()),
        growth=float(resident.max() / resident[0] - 1),
        slope=float(3600 * np.polyfit(seconds - seconds[0], resident, 1)[0]),
        steps=samples[-1].steps,
        first_rate=float(rates[0]),
        last_rate=float(rates[-1]),
    )


def measure(seconds: float, steps: int) -> Sample:
    """Looks at this process, under Linux.

    Args:
        seconds: Of the clock.
        steps: Generator updates so far.
    """
    status, rollup = Path("/proc/self/status"), Path("/proc/self/smaps_rollup")
    return Sample(
        seconds=seconds,
        steps=steps,
        resident=_field(status, "VmRSS:") / 2**10,
        proportional=_field(rollup, "Pss:") / 2**10,
        files=len(os.listdir("/proc/self/fd")),
        threads=_field(status, "Threads:"),
    )


def _field(path: Path, name: str) -> int:
    line = next(x for x in path.read_text().splitlines() if x.startswith(name))
    return int(line.split()[1])


class Watch(keras.callbacks.Callback):
    """Takes samples while training, prints one a minute, and stops when the time is over.

    Args:
        seconds: How long to train.
        every: Seconds from one sample to the next.

    Attributes:
        samples: Taken so far.
    """

    def __init__(self, seconds: float, every: float):
        super().__init__()
        self.seconds, self.every = seconds, every
        self.samples: list[Sample] = []

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._start = _clock()
        self._next_sample = self._next_line = 0.0
        print(TABLE_HEAD)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        now = _clock() - self._start
        over = now >= self.seconds
        if now < self._next_sample and not over:
            return
        self._next_sample = now + self.every
        sample = measure(now, batch + 1)
        self.samples.append(sample)
        if now >= self._next_line or over:
            self._next_line += _LINE_SECONDS
            print(sample.line(), flush=True)
        self.model.stop_training |= over


def write_csv(path: Path, samples: Sequence[Sample]) -> None:
    """Writes the samples, a line for each."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in dataclasses.fields(Sample)])
        writer.writerows(dataclasses.astuple(sample) for sample in samples)


def draw(path: Path, samples: Sequence[Sample], settle_minutes: float) -> None:
    """Draws the memory over the time, and from when on it counts."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    minutes = [sample.seconds / 60 for sample in samples]
    axes.plot(minutes, [sample.resident for sample in samples], label="resident")
    axes.plot(minutes, [sample.proportional for sample in samples], label="proportional")
    axes.axvline(settle_minutes, color="grey", linestyle=":", label="counts from here")
    axes.set(xlabel="minutes", ylabel="MiB", ylim=(0, None))
    axes.legend()
    figure.savefig(path)
