"""Training that ends well when it is told to end."""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from tfgan_losses import workers
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.interrupts import SIGNALS, Handler, not_ignored
from tfgan_losses.types import Logs

# Steps between two questions to the other workers, each of which costs milliseconds.
_STEPS_TO_AGREE = 10


class StopOnSignal(StepCallback):
    """Stops after the current step on Ctrl-C, or when a machine or a connection goes.

    It says so at once, in one line. A second Ctrl-C raises KeyboardInterrupt. A signal that is
    ignored stays ignored, such as SIGHUP under `nohup`. The handlers are those of before again
    when training ends; as a context manager it keeps its own until the end of the block, so that
    what comes after the training is not cut short. Outside the main thread, where Python allows no
    handlers, this does nothing. Several workers stop together, within 10 steps after one of them
    got a signal.

    Args:
        signals: The signals that end training.

    Attributes:
        received: The first signal that came, or None.
    """

    def __init__(self, signals: Sequence[int] = SIGNALS):
        super().__init__()
        self.signals = tuple(signals)
        self.received: signal.Signals | None = None
        self._previous: dict[int, Handler] = {}
        self._stays = self._has_answered = False

    def __enter__(self) -> StopOnSignal:
        self._install()
        self._stays = True
        return self

    def __exit__(self, *error: object) -> None:
        self._stays = False
        self.restore_handlers()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Installs the handlers."""
        super().on_train_begin(logs)
        if not self._stays:
            self._install()
        elif self.received is not None:
            self._stop()

    def steps_until_due(self) -> float:
        """Infinity: a signal is answered after an execution, which is short."""
        return math.inf

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Asks the other workers, of which none can stop alone."""
        super().on_train_batch_end(batch, logs)
        strategy = self.model.distribute_strategy
        if self.due(_STEPS_TO_AGREE) and workers.are_several(strategy):
            self.model.stop_training |= workers.any_of_all(strategy, self.received is not None)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Puts the earlier handlers back."""
        super().on_train_end(logs)
        if not self._stays:
            self.restore_handlers()

    def restore_handlers(self) -> None:
        """Puts the earlier handlers back; calling it twice does no harm."""
        while self._previous:
            number, handler = self._previous.popitem()
            # None stands for a handler that was not set from Python and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def answer(self, number: int) -> None:
        """Says once that the end has been asked for; may be called from any thread."""
        if not self._has_answered:
            self._has_answered = True
            # A handler may come in the middle of another line, and there may be no terminal left.
            with contextlib.suppress(OSError, RuntimeError):
                name = signal.Signals(number).name
                line = f"\n{name}: finishing this step and saving everything (Ctrl-C ends at once)."
                print(line, file=sys.stderr, flush=True)

    def _install(self) -> None:
        self.received, self._has_answered = None, False
        if threading.current_thread() is threading.main_thread():
            self.restore_handlers()
            numbers = not_ignored(self.signals)
            self._previous = {number: signal.signal(number, self._note) for number in numbers}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.answer(number)
        if self.received is None:
            self.received = signal.Signals(number)
            self._stop()

    def _stop(self) -> None:
        # Here, not at a batch end: the signal may come after that of this callback.
        if self.model is not None:
            self.model.stop_training |= not workers.are_several(self.model.distribute_strategy)
