"""An end to runs that have diverged."""

from __future__ import annotations

import math
from typing import NoReturn

import keras

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.training.finiteness import first_non_finite_variable
from tfgan_losses.types import Logs

# Steps between two looks at all weights, which cost about a hundredth of one.
_LOOK_EVERY = 100


class StopOnNonFinite(StepCallback):
    """Raises as soon as a metric is NaN or infinite, or a weight is found to be.

    It looks at the metrics of every step, and at the weights every 100 steps and at the end: a
    ReLU makes 0 of NaN, so that losses can stay finite when weights are not.

    Put it first in the list of callbacks, so that no other writes a checkpoint or a row of such a
    state. The model is left as it is.

    Attributes:
        bad: `(name, value, step)` of the first bad quantity in the order of the metrics, or None.

    Raises:
        FloatingPointError: In training, with that quantity and what to try.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import GAN, callbacks
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.zeros([80, 2], "float32")
        >>> kernel = gan.generator.trainable_variables[0]
        >>> kernel = kernel.assign(np.full(kernel.shape, np.nan))
        >>> stop = callbacks.StopOnNonFinite()
        >>> try:
        ...     history = gan.fit(points, batch_size=8, verbose=0, callbacks=[stop])
        ... except FloatingPointError as error:
        ...     print(str(error).partition(":")[0])
        Training has diverged
    """

    def __init__(self) -> None:
        super().__init__()
        self.bad: tuple[str, float, int] | None = None
        self._finite_at = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forgets an earlier training."""
        super().on_train_begin(logs)
        self.bad = None
        self._finite_at = self.step

    def steps_until_due(self) -> float:
        """Returns the steps to the next look at the weights; means that are bad stay so."""
        return self.steps_until(_LOOK_EVERY)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Looks at every metric, and every so often at the weights."""
        super().on_train_batch_end(batch, logs)
        name = first_non_finite_log(self.logs)
        if name is not None:
            self.bad = (name, self.logs[name], self.step)
            stop(self.model, f"{name} is {self.logs[name]} at step {self.step}")
        if self.due(_LOOK_EVERY):
            self._look_at_weights()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Looks at the weights: the metrics of the last step were computed before its update."""
        super().on_train_end(logs)
        self._look_at_weights()

    def _look_at_weights(self) -> None:
        name = first_non_finite_variable(self.model)
        if name is None:
            self._finite_at = self.step
            return
        self.bad = (name, math.nan, self.step)
        # Metrics would have stopped the run: what is found here has hidden from them.
        since = f", and was finite at step {self._finite_at}" if self._finite_at < self.step else ""
        stop(self.model, f"{name} is not finite at step {self.step}{since}")


def stop(model: keras.Model, found: str) -> NoReturn:
    """Raises FloatingPointError with what was found, and what to try for such a model."""
    half = any(layer.compute_dtype == "float16" for layer in model._flatten_layers())
    instead = ", mixed_bfloat16 or float32 instead of float16" if half else ""
    raise FloatingPointError(
        f"Training has diverged: {found}. The examples are finite, since others are refused. "
        "Things to try: a lower learning rate, a larger penalty weight, spectral normalisation in "
        f"the discriminator{instead}."
    )


def first_non_finite_log(logs: Logs) -> str | None:
    """Returns the name of the first metric that is NaN or infinite, or None."""
    for name, value in logs.items():
        if isinstance(value, int | float) and not math.isfinite(value):
            return name
    return None
