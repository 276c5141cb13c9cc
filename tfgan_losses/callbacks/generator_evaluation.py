"""How good the generator is, in numbers, while it trains."""

from __future__ import annotations

import math

from absl import logging

from tfgan_losses import registry
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.measuring.columns import as_columns, error_column
from tfgan_losses.measuring.measurement import Measurement
from tfgan_losses.measuring.samplers import GANSampler
from tfgan_losses.metrics.base import Estimates, GeneratorMetric
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs


class GeneratorEvaluation(StepCallback):
    """Measures the averaged generator every so many steps and at the last one.

    Put it before what shall see its numbers: it adds them to the logs of the batch, each with its
    standard error under `<name>_error`. So they stand in `MetricsLog` and `TensorBoardLog` at rows
    of their own steps, `Checkpoints` keeps the best by one of them, and callbacks of Keras see them
    too: at the end of an epoch the newest ones, NaN before the first.

    The samples come of seeds of their own, always the same: no draw of the training moves, and
    what differs between two steps is the generator. Where a number cannot be measured, or is not
    finite, it is missing, with one warning of each metric, and the training goes on.

    Under several workers the chief needs one, the others none.

    Args:
        measurement: What is measured, beside which data.
        every: Steps between two evaluations. A multiple of that of `MetricsLog`, so
            that its numbers have a row.

    Attributes:
        newest: What was measured last, by name.

    Raises:
        ValueError: If `every` is not an integer >= 1.
    """

    def __init__(self, measurement: Measurement, every: int):
        super().__init__()
        check_positive(every=every)
        self.measurement, self.every = measurement, every
        self.newest: Estimates = {}
        self._last_step: int | None = None
        self._measured_step = -1
        self._warned_of: set[str] = set()

    @property
    def columns(self) -> dict[str, str]:
        """What is added to logs: all names, with `"min"` or `"max"` for which is better."""
        return self.measurement.columns

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Announces the names, for callbacks that come later."""
        super().on_train_begin(logs)
        self.newest, self._measured_step, self._warned_of = {}, -1, set()
        steps, epochs = ((self.params or {}).get(name) for name in ("steps", "epochs"))
        self._last_step = self.step + steps * epochs if steps and epochs else None
        if logs is not None:
            logs.update(self._newest_logs())

    def steps_until_due(self) -> float:
        """Returns the steps to the next evaluation."""
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Measures if it is time, or if this was the last batch."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every) or self.step == self._last_step:
            self._measure(logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Adds the newest numbers for callbacks that look at epochs."""
        super().on_epoch_end(epoch, logs)
        if logs is not None:
            logs.update(self._newest_logs())

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Measures the last step, unless that was done or somebody has stopped the training."""
        super().on_train_end(logs)
        if self.step != self._measured_step and not self.model.stop_training:
            self._measure(logs)

    def _newest_logs(self) -> Logs:
        return dict.fromkeys(_with_errors(self.columns), math.nan) | as_columns(self.newest)

    def _measure(self, logs: Logs | None) -> None:
        self._measured_step = self.step
        try:
            self.newest = self.measurement.of(GANSampler(self.model), self._warn_of)
        except Exception as error:  # Of data or features. Hours of training are worth more.
            self.newest = {}
            self._warn("The generator", _reason(error))
        found = as_columns(self.newest)
        missing = [name for name in self.newest if name not in found]
        if missing:
            self._warn(", ".join(missing), "not finite")
        if logs is not None:
            logs.update(found)

    def _warn_of(self, metric: GeneratorMetric, error: Exception) -> None:
        self._warn(registry.name_of(metric), _reason(error))

    def _warn(self, what: str, reason: str) -> None:
        """Says it once: it is likely to be so again."""
        if what not in self._warned_of:
            logging.warning(
                "%s could not be measured at step %d, and the run goes on: %s",
                what,
                self.step,
                reason,
            )
        self._warned_of.add(what)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _with_errors(names: dict[str, str]) -> list[str]:
    return [each for name in names for each in (name, error_column(name))]
