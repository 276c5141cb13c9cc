"""How far the trainings of a comparison are, on one line or, in a file, on one each minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from tfgan_losses import progress
from tfgan_losses.comparing import cost
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job
from tfgan_losses.progress import Part, StatusLine

_SECONDS_BETWEEN_REFRESHES = 1.0
# Where there is no terminal.
_SECONDS_BETWEEN_LINES = 60.0
# Of a training: before that it is all imports and tracing.
_LEAST_PART = 0.02


class Progress:
    """Says what is done and how long the rest may take.

    A training takes as long as others of its recipe took, in earlier calls too; one of a recipe
    that none has finished yet, as long as the mean of all.

    Args:
        directory: Of the comparison.
        jobs: All trainings.
        steps: Of each.
    """

    def __init__(self, directory: ComparisonDirectory, jobs: Sequence[Job], steps: int):
        self._directory, self._jobs, self._steps = directory, jobs, steps
        self._line = StatusLine(sys.stdout) if progress.is_rewritable(sys.stdout) else None
        self._seconds: dict[str, list[float]] = {}
        for job in jobs:
            if directory.is_finished(job, steps):
                self._note(job, cost.of_attempts(cost.read(directory.costs(job))).wall_seconds)

    def to_do(self) -> float | None:
        """Returns the seconds of all that is not finished; None if nothing is, to know it by."""
        return self._after(0)

    def say(self, number: int, text: str) -> None:
        """Prints a line about a training that stays."""
        line = f"{self._name(number)}: {text}"
        if self._line is not None:
            self._line.write_above(line)
        else:
            progress.write(sys.stdout, f"{line}\n")

    def watching(self, number: int) -> Callable[[], None]:
        """Returns what shows how far a training is, to be called again and again."""
        rewritable = self._line is not None
        interval = _SECONDS_BETWEEN_REFRESHES if rewritable else _SECONDS_BETWEEN_LINES
        begin, before = time.monotonic(), self._directory.step(self._jobs[number - 1])
        shown = begin if not rewritable else begin - interval

        def show() -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= interval:
                shown = now
                self._show(number, now - begin, before)

        return show

    def ended(self, number: int, attempt: cost.Attempt) -> None:
        """Says how a training ended."""
        job = self._jobs[number - 1]
        if attempt.succeeded:
            self._note(job, attempt.wall_seconds)
            took = progress.duration(attempt.wall_seconds)
            left = self._after(number)
            self.say(number, f"trained in {took}{f', {_in_words(left)}' if left else ''}")
        elif attempt.error:
            self.say(number, f"failed: {attempt.error} (all of it: {self._directory.log(job)})")
        else:
            step = self._directory.step(job)
            self.say(number, f"interrupted and saved at step {step} of {self._steps}")

    def _show(self, number: int, gone: float, before: int) -> None:
        step = self._directory.step(self._jobs[number - 1])
        count = f"{step}/{self._steps}"
        parts = [
            Part(f"{self._name(number)}: step {count}", f"[{number}/{len(self._jobs)}] {count}")
        ]
        left = self._left(number, gone, before, step)
        if left is not None:
            parts.append(Part(_in_words(left), f"{progress.duration(left)} left"))
            parts.append(Part(f"until {progress.done_at(left)}", progress.done_at(left)))
        if self._line is not None:
            self._line.show(parts)
        else:
            text = progress.SEPARATOR.join(part.long for part in parts)
            progress.write(sys.stdout, f"{text}\n")

    def _name(self, number: int) -> str:
        return f"[{number}/{len(self._jobs)}] {self._jobs[number - 1]}"

    def _note(self, job: Job, seconds: float | None) -> None:
        if seconds is not None:
            self._seconds.setdefault(job.gan_type, []).append(seconds)

    def _left(self, number: int, gone: float, before: int, step: int) -> float | None:
        """Returns the seconds of a training that has begun, and of all after it; None if unknown.

        Args:
            number: Of the training, from 1.
            gone: Seconds that this process of it has taken so far.
            before: The step at which it began.
            step: That it is at.
        """
        part = (step - before) / self._steps
        whole = gone / part if part > _LEAST_PART else self._expected(self._jobs[number - 1])
        after = self._after(number, whole)
        if whole is None or after is None:
            return None
        to_do = whole * (self._steps - before) / self._steps
        return max(to_do - gone, 0.0) + after

    def _after(self, number: int, whole: float | None = None) -> float | None:
        """Returns the seconds of all that come after a training; `whole` of one if none is done."""
        jobs = self._jobs[number:]
        jobs = [job for job in jobs if not self._directory.is_finished(job, self._steps)]
        each = [self._expected(job, whole) for job in jobs]
        return None if None in each else sum(x for x in each if x is not None)

    def _expected(self, job: Job, otherwise: float | None = None) -> float | None:
        known = self._seconds.get(job.gan_type) or [x for y in self._seconds.values() for x in y]
        return sum(known) / len(known) if known else otherwise


def _in_words(seconds: float) -> str:
    return f"about {progress.duration(seconds)} left"
