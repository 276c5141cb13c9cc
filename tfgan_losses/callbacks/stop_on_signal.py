"""Training that ends well when it is told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TypeAlias

from tfgan_losses import workers
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.types import Logs

# What `signal.signal` gives back.
_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None
# Steps between two questions to the other workers, each of which costs milliseconds.
_STEPS_TO_AGREE = 10


class StopOnSignal(StepCallback):
    """Stops after the current step on Ctrl-C or when a scheduler takes the machine back.

    A second Ctrl-C raises KeyboardInterrupt at once. The handlers are those of before again when
    training ends; when it ends by an exception, call `restore_handlers`. Outside the main thread,
    where Python allows no handlers, this does nothing. Several workers stop together, within 10
    steps after one of them got a signal.

    Args:
        signals: The signals that end training.

    Attributes:
        received: The first signal that came, or None.
    """

    def __init__(self, signals: Sequence[int] = (signal.SIGINT, signal.SIGTERM)):
        super().__init__()
        self.signals = tuple(signals)
        self.received: signal.Signals | None = None
        self._previous: dict[int, _Handler] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Installs the handlers."""
        super().on_train_begin(logs)
        self.received = None
        if threading.current_thread() is threading.main_thread():
            self.restore_handlers()
            self._previous = {number: signal.signal(number, self._note) for number in self.signals}

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Asks the other workers, of which none can stop alone."""
        super().on_train_batch_end(batch, logs)
        strategy = self.model.distribute_strategy
        if self.due(_STEPS_TO_AGREE) and workers.are_several(strategy):
            self.model.stop_training |= workers.any_of_all(strategy, self.received is not None)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Puts the earlier handlers back."""
        super().on_train_end(logs)
        self.restore_handlers()

    def restore_handlers(self) -> None:
        """Puts the earlier handlers back; calling it twice does no harm."""
        while self._previous:
            number, handler = self._previous.popitem()
            # None stands for a handler that was not set from Python and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.received is None:
            self.received = signal.Signals(number)
            # Here, not at a batch end: the signal may come after that of this callback.
            self.model.stop_training |= not workers.are_several(self.model.distribute_strategy)
