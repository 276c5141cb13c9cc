"""Progress over a whole run."""

from __future__ import annotations

import sys
import time

import keras

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs


class ProgressBar(StepCallback):
    """Shows the step, the time left and the losses.

    On a terminal and in a notebook this is the bar of Keras; where the output goes to a file, a
    line now and then.

    Args:
        steps: Generator updates of the whole run, those before a resume included.
        interval: Seconds between two lines where there is no terminal.

    Raises:
        ValueError: If `steps` is not an integer >= 1.
    """

    def __init__(self, steps: int, *, interval: float = 30.0):
        super().__init__()
        check_positive(steps=steps)
        self.steps = steps
        self.interval = interval
        self._bar: keras.utils.Progbar | None = None
        self._shown_step: int | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Shows nothing yet."""
        super().on_train_begin(logs)
        self._shown_step = None
        self._bar = _ResumedBar(self.steps, self.step) if _is_interactive() else None

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Updates the bar, or prints a line if the last one is old enough."""
        super().on_train_batch_end(batch, logs)
        if self._bar is not None:
            self._bar.update(self.step, list(self.logs.items()), finalize=False)
        elif self._shown_step is None:
            # The clock starts here: the first step takes long, as it compiles the graph.
            self._first_step, self._started = self.step, time.monotonic()
            self._print_line()
        elif time.monotonic() - self._shown_at >= self.interval:
            self._print_line()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Shows the last step."""
        super().on_train_end(logs)
        if self._bar is not None:
            self._bar.update(self.step, list(self.logs.items()), finalize=True)
        elif self._shown_step not in (None, self.step):
            self._print_line()

    def _print_line(self) -> None:
        self._shown_at, self._shown_step = time.monotonic(), self.step
        parts = [f"step {self.step}/{self.steps}"]
        timed_steps = self.step - self._first_step
        if timed_steps:
            seconds = (self._shown_at - self._started) / timed_steps
            left = _duration(seconds * max(self.steps - self.step, 0))
            parts += [f"{1000 * seconds:.3g} ms/step", f"{left} left"]
        parts += [f"{name}: {value:.4g}" for name, value in self.logs.items()]
        print(" - ".join(parts), flush=True)


class _ResumedBar(keras.utils.Progbar):
    """Keras' bar, which would take a resumed run for an infinitely fast one."""

    def __init__(self, steps: int, first_step: int):
        # No averages here: the logs of a GAN are running means already.
        super().__init__(steps, unit_name="step", stateless_metrics=set())
        self._first_step = first_step

    def _estimate_step_duration(self, current: int | None, now: float) -> float:
        done = (current or 0) - self._first_step
        return super()._estimate_step_duration(max(done, 0), now)


def _is_interactive() -> bool:
    return sys.stdout.isatty() or "ipykernel" in sys.modules


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
