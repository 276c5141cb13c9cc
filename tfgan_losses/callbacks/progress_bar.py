"""Progress over a whole run."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.measuring.columns import error_column, is_error
from tfgan_losses.progress import (
    SEPARATOR,
    Pace,
    Part,
    StatusLine,
    countdown,
    done_at,
    duration,
    hours,
    is_rewritable,
    write,
)
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs

_SECONDS_BETWEEN_REFRESHES = 0.1
# What is measured before anything is foretold: the sooner of the two.
STEPS_MEASURED, SECONDS_MEASURED = 50, 20.0
_WAITING_WORTH_A_WORD = 0.05
# Where the output goes to a file, a long run gets so many lines.
_LINES = 100
# What was foretold is told again if it is wrong by so much of it, and by so many seconds.
_WRONG_SHARE, _WRONG_SECONDS = 0.25, 60.0


class ProgressBar(StepCallback):
    """Shows the step, the time left and the losses.

    On a terminal and in a notebook this is one line, written again and again, of what fits its
    width; where the output goes to a file, a line now and then. After the first steps another line,
    which stays, says how fast they are, how many hours the run takes and when it will be done; it
    comes again if that turns out wrong.

    Args:
        steps: Steps of the whole run, those before a resume included.
        interval: Seconds between two lines where there is no terminal; more in a run of hours,
            which gets about 100 lines.
        every: Steps between two of what a person waits for, such as `{"picture": 1000}`.
        minutes: Of each of these there is one after so many minutes at the latest, or None.
        part: Which part of a longer training this is, such as "scale 2/8".
        after: Maps the seconds of one step of this part to those of all parts that follow, or to
            None if they are not known yet.

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
        after: Callable[[float], float | None] | None = None,
    ):
        super().__init__()
        check_positive(steps=steps)
        self.steps = steps
        self.interval = interval
        self.every = dict(every or {})
        self.minutes = minutes
        self.part = part
        self.after = after or (lambda seconds: None)
        self._line: StatusLine | None = None
        self._shown_step: int | None = None
        # By the clock of this process: when it ends, when that was said, by how many steps.
        self._foretold: tuple[float, float, int] | None = None
        self._newest: Logs = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Says on a terminal that the first step takes its time."""
        super().on_train_begin(logs)
        self._shown_step, self._foretold, self._newest = None, None, {}
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
            self._clock = Pace(self.step, now)
            self._show(now)
            return
        self._clock.reached(self.step, now)
        self._foretell()
        if now - self._shown_at >= self._interval():
            self._show(now)

    def _interval(self) -> float:
        if self._line is not None:
            return _SECONDS_BETWEEN_REFRESHES
        return max(self.interval, (self._clock.seconds or 0.0) * self.steps / _LINES)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Shows the last step."""
        super().on_train_end(logs)
        # On a terminal in any case: what was measured in the end may have taken the line.
        known = self._shown_step is not None
        if known and (self._line is not None or self._shown_step != self.step):
            self._show(time.monotonic())
        if self._line is not None:
            self._line.end()

    def _show(self, now: float) -> None:
        self._shown_at, self._shown_step = now, self.step
        measured = [n for n in self._newest if n in self.announced and not is_error(n)]
        losses = [name for name in ("d_loss", "g_loss") if name in self.logs]
        others = [n for n in self.logs if n not in losses and n not in self.announced]
        left, pace = self._pace()
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

    def _pace(self) -> tuple[list[Part], list[Part]]:
        """The time left, and the time of a step, once there are two to measure it by."""
        seconds = self._clock.seconds
        if seconds is None:
            return [], []
        told = f"{countdown(seconds * self._steps_left)} left"
        left, each = [Part(told, told)], f"{1000 * seconds:.3g} ms/step"
        after = self.after(seconds)
        if after is not None:
            all_left = countdown(seconds * self._steps_left + after)
            left.append(Part(f"{all_left} left in all", f"{all_left} in all"))
        pace = [Part(each, each)]
        if self._waiting():
            pace.append(
                Part(self._waiting(after=" waiting for data"), self._waiting(after=" waiting"))
            )
        return left, pace

    def _waiting(self, before: str = "", after: str = "") -> str:
        """The share of the time that steps wait for data, "" if it is not worth a word."""
        share = self.model.waiting_for_data
        worth = share is not None and share >= _WAITING_WORTH_A_WORD
        return f"{before}{share:.0%}{after}" if worth else ""

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

    def _foretell(self) -> None:
        """Says how long the run takes, once some steps are measured, and again if it was wrong."""
        seconds, steps, gone = self._clock.seconds, self._clock.steps, self._clock.gone
        if seconds is None or self._clock.waits < 2:  # One may be that of another compilation.
            return
        left = seconds * self._steps_left
        if self._foretold is None:
            wrong = steps >= STEPS_MEASURED or gone >= SECONDS_MEASURED
        else:
            told, at, by = self._foretold
            off = abs(gone + left - told)
            # By twice as many steps: it is no use to follow each change of a busy machine.
            wrong = steps >= 2 * by and off > max(_WRONG_SECONDS, _WRONG_SHARE * (told - at))
        if wrong:
            self._foretold = gone + left, gone, steps
            self._say(self._forecast(seconds))

    def _forecast(self, seconds: float) -> str:
        """What a person can expect if every step takes so many seconds."""
        left = seconds * self._steps_left
        of_part = f" of {self.part}" if self.part else ""
        told = [
            f"About {duration(left)} left{of_part}, until {done_at(left)}: "
            f"{_rate(seconds)} steps/s, {hours(seconds * self.steps)} h for all "
            f"{self.steps:,} steps{self._waiting(' (', ' of the time waiting for data)')}"
        ]
        after = self.after(seconds)
        if after is not None:
            told.append(f"{duration(left + after)} left in all, until {done_at(left + after)}")
        return "; ".join([*told, *self._awaited(seconds)]) + "."

    def _awaited(self, seconds: float) -> Iterator[str]:
        for name, every in self.every.items():
            step = every * (self.step // every + 1)
            wait = seconds * (step - self.step)
            if self.minutes is not None and wait > 60 * self.minutes:
                yield f"next {name} within {duration(60 * self.minutes)}"
            elif step < self.steps:
                yield f"next {name} at step {step} (in {duration(wait)})"


def _shortened(name: str) -> str:
    """`gradient_penalty` -> `grad_pena`."""
    return "_".join(word if len(word) <= 5 else word[:4] for word in name.split("_"))


def _rate(seconds: float) -> str:
    """Steps in a second."""
    rate = 1.0 / max(seconds, 1e-9)
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"
