"""The base of callbacks that act every so many steps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import keras

from tfgan_losses.types import Logs

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN


class StepCallback(keras.callbacks.Callback):
    """Knows how many steps the model has made, without asking the device each time.

    Attributes:
        model: The `GAN`.
        step: Steps so far, those before a resume included (int).
        logs: What the newest batch reported, in the order of the model's metrics.
        announced: Names of what an earlier callback adds to logs now and then, such as the numbers
            of `GeneratorEvaluation`.

    Subclasses that override a method call that of this class first. They see every step; one that
    acts only now and then says so in `steps_until_due`, and lets several steps be made at once.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import GAN, callbacks
        >>> class EveryFifth(callbacks.StepCallback):
        ...     def on_train_batch_end(self, batch, logs=None):
        ...         super().on_train_batch_end(batch, logs)
        ...         if self.due(5):
        ...             print(f"step {self.step} has a loss of D: {'d_loss' in self.logs}")
        ...     def steps_until_due(self):
        ...         return self.steps_until(5)
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.zeros([80, 2], "float32")
        >>> history = gan.fit(points, batch_size=8, verbose=0, callbacks=[EveryFifth()])
        step 5 has a loss of D: True
        step 10 has a loss of D: True
    """

    model: GAN

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.logs: Logs = {}
        self.announced: frozenset[str] = frozenset()
        self._previous_step = 0
        self._batches_of_epoch = 0
        self._last_due = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Reads the step of the model, which may come from a checkpoint."""
        self.step = self._previous_step = int(self.model.step.numpy())
        self.logs = {}
        self.announced = frozenset(logs or ())
        self._batches_of_epoch = 0
        self._last_due = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Starts at 0, as Keras does in each epoch."""
        self._batches_of_epoch = 0

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Counts the batches of one execution; `batch` is the index of the last of them."""
        self._previous_step = self.step
        self.step += batch + 1 - self._batches_of_epoch
        self._batches_of_epoch = batch + 1
        self.logs = self._in_order(logs or {})

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Asks the model again: an interrupt can come between a step and its batch end."""
        step = int(self.model.step.numpy())
        if step != self.step:
            # What was measured then is of the step before.
            self.logs = {n: value for n, value in self.logs.items() if n not in self.announced}
        self.step = step
        self.logs |= {n: v for n, v in (logs or {}).items() if n in self.announced}

    def steps_until_due(self) -> float:
        """Returns how many steps, from now on, may be made before this callback has to see one.

        It is asked after `on_train_batch_begin`. Infinity if time or the end of the training is all
        that it waits for; no execution takes long.
        """
        return 1.0

    def steps_until(self, every: int) -> int:
        """Returns the steps from now to the next multiple of `every`."""
        return every - self.step % every

    def due(self, every: int) -> bool:
        """Returns whether the newest batch, or execution, has reached a multiple of `every`."""
        reached = self.step // every > self._previous_step // every
        return self._noted(reached)

    def late(self, minutes: float | None) -> bool:
        """Returns whether nothing was due for so long, in a run of slow steps; None is never."""
        if minutes is None:
            return False
        return self._noted(time.monotonic() - self._last_due >= 60.0 * minutes)

    def _noted(self, acts: bool) -> bool:
        if acts:
            self._last_due = time.monotonic()
        return acts

    def _in_order(self, logs: Logs) -> Logs:
        """Undoes the alphabetic order that Keras gives to logs before callbacks see them."""
        names = [metric.name for metric in self.model.metrics if metric.name in logs]
        return {name: logs[name] for name in dict.fromkeys([*names, *logs])}
