"""An error of a callback that a person gave, as the end of a run."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

# What the loops over callbacks, those of Keras and ours, call the one whose turn it is.
_NAMES = ("self", "callback")
# What a training can end by itself with. A state that is not finite is not to be saved.
_OF_TRAINING = (FloatingPointError, MemoryError, tf.errors.OpError)
_LIBRARY = __name__.partition(".")[0]


class Failure(NamedTuple):
    """Which callback has raised what."""

    callback: keras.callbacks.Callback
    error: Exception

    @classmethod
    def of(cls, error: Exception, callbacks: Sequence[keras.callbacks.Callback]) -> Failure | None:
        """Finds the callback that an error comes from.

        Args:
            error: What was raised in a training.
            callbacks: Those that a person gave; the library's own among them do not count.
        """
        if isinstance(error, _OF_TRAINING):
            return None
        for frame, _ in traceback.walk_tb(error.__traceback__):
            for name in _NAMES:
                found = frame.f_locals.get(name)
                if any(found is callback for callback in callbacks) and not _is_own(found):
                    return cls(found, error)
        return None

    def at(self, step: int, hint: str | None = None) -> ValueError:
        """Returns what to raise.

        Args:
            step: Steps of the run so far.
            hint: How a run goes on that is saved; None if it is not.
        """
        name = type(self.callback).__qualname__
        told = " ".join(f"{type(self.error).__name__}: {self.error}".split())
        end = "" if hint is None else f". Everything is saved. To go on: {hint}"
        return ValueError(
            f"Expected callbacks that raise nothing. Received: {name}, which at step {step} "
            f"raised {told}{end}"
        )


def _is_own(callback: object) -> bool:
    return type(callback).__module__.partition(".")[0] == _LIBRARY
