"""Trains what is missing, one process after the other, and says how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tfgan_losses.comparing import cost, processes
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job

_ROWS = 100
_SHOW_EVERY = 1.0
_MINUTE, _HOUR = 60, 3600


def train_missing(
    directory: ComparisonDirectory,
    jobs: Sequence[Job],
    steps: int,
    arguments: Sequence[str],
    stop: processes.Stop,
) -> bool:
    """Trains all that are not finished; one that fails does not keep the others from it.

    Args:
        directory: Where they lie.
        jobs: All trainings, in their order.
        steps: Of each.
        arguments: What they have in common, as flags.
        stop: Ends it.

    Returns:
        Whether no signal has ended it.

    Raises:
        OSError: If a process cannot be started or a file cannot be written.
    """
    progress = Progress(jobs, steps)
    for number, job in enumerate(jobs, start=1):
        if directory.is_finished(job, steps):
            progress.say(number, "finished before")
            continue
        command = command_of(directory.run(job).path, job, steps, arguments)
        tick = progress.watching(number, directory)
        attempt = processes.run(command, directory.log(job), stop, tick)
        cost.append(directory.costs(job), attempt)
        progress.ended(number, attempt, directory)
        if stop.received is not None:
            return False
    return True


def command_of(path: Path, job: Job, steps: int, arguments: Sequence[str]) -> list[str]:
    """Returns the words of a training that begins, or goes on if it was begun."""
    return [
        *(sys.executable, "-m", "tfgan_losses", "train"),
        f"--gan_type={job.gan_type}",
        f"--seed={job.seed}",
        *(f"--output_dir={path}", f"--resume={path}"),
        f"--log_every={max(1, steps // _ROWS)}",
        *arguments,
    ]


class Progress:
    """Says on one line what is done and how long the rest may take.

    Args:
        jobs: All trainings.
        steps: Of each.
    """

    def __init__(self, jobs: Sequence[Job], steps: int):
        self._jobs, self._steps = jobs, steps
        self._seconds: list[float] = []
        self._shown = 0.0

    def say(self, number: int, text: str) -> None:
        """Prints a line about a training that stays."""
        job = self._jobs[number - 1]
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        print(f"{clear}[{number}/{len(self._jobs)}] {job}: {text}", flush=True)

    def watching(self, number: int, directory: ComparisonDirectory) -> Callable[[], None]:
        """Returns what shows on a terminal how far a training is; elsewhere, nothing."""
        job, begin = self._jobs[number - 1], time.monotonic()
        if not sys.stdout.isatty():
            return lambda: None

        def show() -> None:
            if time.monotonic() - self._shown < _SHOW_EVERY:
                return
            self._shown = time.monotonic()
            step = directory.step(job)
            gone = self._shown - begin
            left = self._left(number, gone, step / self._steps)
            line = f"[{number}/{len(self._jobs)}] {job}: step {step} of {self._steps}{left}"
            print(f"\r{line}\x1b[K", end="", flush=True)

        return show

    def ended(self, number: int, attempt: cost.Attempt, directory: ComparisonDirectory) -> None:
        """Says how a training ended."""
        if attempt.succeeded:
            self._seconds.append(attempt.wall_seconds)
            self.say(number, f"trained in {duration(attempt.wall_seconds)}{self._left(number)}")
        elif attempt.error:
            log = directory.log(self._jobs[number - 1])
            self.say(number, f"failed: {attempt.error} (all of it: {log})")
        else:
            step = directory.step(self._jobs[number - 1])
            self.say(number, f"interrupted and saved at step {step} of {self._steps}")

    def _left(self, number: int, gone: float = 0.0, part: float = 1.0) -> str:
        """Returns how long all that follows may take.

        Args:
            number: Of the training, from 1.
            gone: Seconds that it has taken so far; 0 after its end.
            part: How much of it is done.
        """
        others = len(self._jobs) - number
        if self._seconds:
            each = sum(self._seconds) / len(self._seconds)
        elif gone and part > 0.02:  # Before that it is all imports and tracing.
            each = gone / part
        else:
            return ""
        seconds = others * each + (max(0.0, each - gone) if gone else 0.0)
        return f", about {duration(seconds)} left" if seconds else ""


def duration(seconds: float) -> str:
    """Returns such as `40 s`, `3 min` or `2.5 h`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
