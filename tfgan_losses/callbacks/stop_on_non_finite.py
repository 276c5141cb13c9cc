"""An end to runs that have diverged."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from tfgan_losses.callbacks.step_callback import StepCallback


class StopOnNonFinite(StepCallback):
    """Raises as soon as a metric is NaN or infinite, and at the end if a weight is.

    Put it first in the list of callbacks, so that no other writes a checkpoint or a row of such a
    state. The model is left as it is.

    Attributes:
        bad: `(name, value, step)` of the first bad quantity in the order of the metrics, or None.

    Raises:
        FloatingPointError: In training, with that quantity and what to try.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bad: tuple[str, float, int] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets an earlier training."""
        super().on_train_begin(logs)
        self.bad = None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at every metric."""
        super().on_train_batch_end(batch, logs)
        name = first_non_finite_log(self.logs)
        if name is not None:
            self._stop(name, self.logs[name])

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Looks at the weights: the metrics of the last step were computed before its update."""
        super().on_train_end(logs)
        name = first_non_finite_variable(self.model.trainable_variables)
        if name is not None:
            self._stop(name, math.nan)

    def _stop(self, name: str, value: float) -> None:
        self.bad = (name, value, self.step)
        raise FloatingPointError(
            f"Training has diverged: {name} is {value} at step {self.step}. Things to try: a "
            "lower learning rate, a larger penalty weight, spectral normalisation in the "
            "discriminator, inputs scaled to [-1, 1], float32 instead of float16."
        )


def first_non_finite_log(logs: dict[str, Any]) -> str | None:
    """The name of the first metric that is NaN or infinite, or None."""
    for name, value in logs.items():
        if isinstance(value, int | float) and not math.isfinite(value):
            return name
    return None


def first_non_finite_variable(variables: Iterable[keras.Variable]) -> str | None:
    """The path of the first variable that holds a NaN or an infinite value, or None."""
    for variable in variables:
        if not bool(ops.all(ops.isfinite(variable))):
            return variable.path
    return None
