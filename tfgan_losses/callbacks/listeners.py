"""The hook of callbacks that send what a run measures and shows somewhere else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import keras

from tfgan_losses.types import Logs


@runtime_checkable
class Listener(Protocol):
    """A callback that gets every number and every picture of a run, such as that of a tracker."""

    def on_report(self, step: int, scalars: dict[str, float], pictures: dict[str, Path]) -> object:
        """Takes what there is to report; a step may be reported several times.

        Args:
            step: Steps so far, those before a resume included. It never falls during a training.
            scalars: Each row of `metrics.csv`, means over the steps since the row before, with
                `g_learning_rate` and `d_learning_rate`; or `health_<sign>`, 1 where a sign of a
                failing training is told.
            pictures: PNG files by name: `samples`, and `real` when a run begins.
        """


class Listeners(keras.callbacks.Callback):
    """Hands reports on to those callbacks that listen.

    Put it behind them in the list: what is reported before they have begun waits until then.

    Args:
        callbacks: Any; those without `on_report` get nothing.
    """

    def __init__(self, callbacks: Iterable[keras.callbacks.Callback] = ()):
        super().__init__()
        self.callbacks = [each for each in callbacks if isinstance(each, Listener)]
        self._have_begun = False
        self._waiting: list[tuple[int, dict[str, float], dict[str, Path]]] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Hands on what has waited."""
        self._have_begun = True
        waiting, self._waiting = self._waiting, []
        for report in waiting:
            self._report(*report)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Lets the reports of a next training wait again."""
        self._have_begun = False

    def scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        """Reports numbers."""
        self._report(step, {name: float(value) for name, value in scalars.items()}, {})

    def row(self, step: int, row: Mapping[str, float]) -> None:
        """Reports a row of `metrics.csv`, and the learning rates of this step beside it."""
        if self.callbacks:
            self.scalars(step, {**row, **_learning_rates(self.model)})

    def picture(self, step: int, name: str, path: str | os.PathLike) -> None:
        """Reports a picture that has been written."""
        self._report(step, {}, {name: Path(path)})

    def _report(self, step: int, scalars: dict[str, float], pictures: dict[str, Path]) -> None:
        if not self._have_begun:
            self._waiting.append((step, scalars, pictures))
            return
        for callback in self.callbacks:
            callback.on_report(step, dict(scalars), dict(pictures))


def _learning_rates(model: keras.Model) -> dict[str, float]:
    names = ("g_optimizer", "d_optimizer")
    optimizers = {name: getattr(model, name, None) for name in names}
    return {
        f"{name[0]}_learning_rate": float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        for name, optimizer in optimizers.items()
        if optimizer is not None
    }
