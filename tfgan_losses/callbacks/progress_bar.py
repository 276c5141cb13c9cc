"""Progress over a whole run."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping, Sequence

from tfgan_losses.callbacks.status_line import SEPARATOR, Part, StatusLine, is_rewritable, write
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.measuring.columns import error_column, is_error
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs

_SECONDS_BETWEEN_REFRESHES = 0.1
# What is measured before anything is foretold: the sooner of the two.
_STEPS_MEASURED, _SECONDS_MEASURED = 50, 20.0
_WAITING_WORTH_A_WORD = 0.05


class ProgressBar(StepCallback):
    """Shows the step, the time left and the losses.

    On a terminal and in a notebook this is one line, written again and again, of what fits its
    width; where the output goes to a file, a line now and then. After the first steps another line
    says once how long the rest will take.

    Args:
        steps: Steps of the whole run, those before a resume included.
        interval: Seconds between two lines where there is no terminal.
        every: Steps between two of what a person waits for, such as `{"picture": 1000}`.
        minutes: Of each of these there is one after so many minutes at the latest, or None.
        part: Which part of a longer training this is, such as "scale 2/8".

    Raises:
        ValueError: If `steps` is not an integer >= 1.
    """

    def __init__(
        self,
        steps: int,
        *,
        interval: float = 60.0,
        every: Mapping[str, int] | None = None,
        minutes: float | None = None,
        part: str = "",
    ):
        super().__init__()
        check_positive(steps=steps)
        self.steps = steps
        self.interval = interval
        self.every = dict(every or {})
        self.minutes = minutes
        self.part = part
        self._line: StatusLine | None = None
        self._shown_step: int | None = None
        self._newest: Logs = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Says on a terminal that the first step takes its time."""
        super().on_train_begin(logs)
        self._shown_step, self._foretold, self._newest = None, False, {}
        self._line = StatusLine(sys.stdout) if is_rewritable(sys.stdout) else None
        xla = getattr(self.model, "jit_compile", False)
        if self._line is not None:
            doing = "compiling with XLA" if xla else "compiling"
            self._line.show([*self._steps_done(), Part(doing, "compiling")])
        elif xla:
            self._say("Compiling the step with XLA, which can take a minute.")

    def steps_until_due(self) -> float:
        """Infinity: time is all that counts."""
        return math.inf

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Shows the step if the last one was shown long enough ago."""
        super().on_train_batch_end(batch, logs)
        # What is measured now and then stays in sight.
        self._newest |= self.logs
        now = time.monotonic()
        if self._shown_step is None:
            # The clock starts here: the first step takes long, as it compiles the graph.
            self._first_step, self._started = self.step, now
            self._show(now)
            return
        steps, seconds = self.step - self._first_step, now - self._started
        if not self._foretold and (steps >= _STEPS_MEASURED or seconds >= _SECONDS_MEASURED):
            self._foretold = True
            self._say(self._forecast(seconds / steps))
        interval = self.interval if self._line is None else _SECONDS_BETWEEN_REFRESHES
        if now - self._shown_at >= interval:
            self._show(now)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Shows the last step."""
        super().on_train_end(logs)
        if self._shown_step not in (None, self.step):
            self._show(time.monotonic())
        if self._line is not None:
            self._line.end()

    def _show(self, now: float) -> None:
        self._shown_at, self._shown_step = now, self.step
        measured = [n for n in self._newest if n in self.announced and not is_error(n)]
        losses = [name for name in ("d_loss", "g_loss") if name in self.logs]
        others = [n for n in self.logs if n not in losses and n not in self.announced]
        left, pace = self._pace(now)
        # The most important first.
        parts = self._steps_done() + left + self._numbers(losses) + self._measured(measured) + pace
        parts += self._numbers(others)
        if self._line is None:
            self._say(SEPARATOR.join(part.long for part in parts))
        else:
            self._line.show(parts)

    def _say(self, text: str) -> None:
        if self._line is None:
            write(sys.stdout, f"{text}\n")
        else:
            self._line.write_above(text)

    def _steps_done(self) -> list[Part]:
        done = f"{self.step}/{self.steps}"
        before = f"{self.part} " if self.part else ""
        return [Part(f"{before}step {done}", before + done)]

    def _pace(self, now: float) -> tuple[list[Part], list[Part]]:
        """The time left, and the time of a step, once there are two to measure it by."""
        timed_steps = self.step - self._first_step
        if not timed_steps:
            return [], []
        seconds = (now - self._started) / timed_steps
        left, each = f"{_clock(seconds * self._steps_left)} left", f"{1000 * seconds:.3g} ms/step"
        pace = [Part(each, each)]
        share = self.model.waiting_for_data
        if share is not None and share >= _WAITING_WORTH_A_WORD:
            pace.append(Part(f"{share:.0%} waiting for data", f"{share:.0%} waiting"))
        return [Part(left, left)], pace

    def _numbers(self, names: Sequence[str]) -> list[Part]:
        return [
            Part(f"{name}: {self.logs[name]:.4g}", f"{_shortened(name)} {self.logs[name]:.3g}")
            for name in names
        ]

    def _measured(self, names: Sequence[str]) -> list[Part]:
        """The newest of what is measured now and then, with its standard error."""
        parts = []
        for name in names:
            value, error = self._newest[name], self._newest.get(error_column(name))
            behind = "" if error is None else f" +- {error:.2g}"
            parts.append(Part(f"{name}: {value:.4g}{behind}", f"{name} {value:.3g}"))
        return parts

    @property
    def _steps_left(self) -> int:
        return max(self.steps - self.step, 0)

    def _forecast(self, seconds: float) -> str:
        """What a person can expect if every step takes so many seconds."""
        left = duration(seconds * self._steps_left)
        share = self.model.waiting_for_data
        waiting = "" if share is None else f", {share:.0%} of it waiting for data"
        of_part = f" of {self.part}" if self.part else ""
        told = [f"About {left} left{of_part} at {1000 * seconds:.3g} ms/step{waiting}"]
        for name, every in self.every.items():
            step = every * (self.step // every + 1)
            wait = seconds * (step - self.step)
            if self.minutes is not None and wait > 60 * self.minutes:
                told.append(f"next {name} within {duration(60 * self.minutes)}")
            elif step < self.steps:
                told.append(f"next {name} at step {step} (in {duration(wait)})")
        return "; ".join(told) + "."


def _shortened(name: str) -> str:
    """`gradient_penalty` -> `grad_pena`."""
    return "_".join(word if len(word) <= 5 else word[:4] for word in name.split("_"))


def _clock(seconds: float) -> str:
    """`1:02:05`, which keeps its width while it counts down."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `1 h 50 min`, `3 days 4 h`: no more digits than a person can use."""
    if seconds < 99.5:
        return f"{max(round(seconds), 1)} s"
    if seconds < 99.5 * 60:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} days {hours} h"
