"""Callbacks of Keras that look for something that a GAN calls otherwise, or does not have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import keras

from tfgan_losses.training.finiteness import first_non_finite_variable


def accepted(
    callbacks: object,
) -> keras.callbacks.CallbackList | list[keras.callbacks.Callback] | None:
    """The callbacks of a call of `fit` as a GAN can use them.

    Raises:
        ValueError: If one cannot be used; the message names what takes its place.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList) or callbacks is None:
        return callbacks
    given = callbacks if isinstance(callbacks, Iterable) else [callbacks]
    return [_accepted(callback) for callback in given]


def _accepted(callback: keras.callbacks.Callback) -> keras.callbacks.Callback:
    if isinstance(callback, keras.callbacks.SwapEMAWeights):
        raise ValueError(
            "Expected GAN(..., ema_decay=0.999), whose average makes samples, pictures and "
            "exports. Received: callbacks with SwapEMAWeights, which needs an optimiser with "
            "use_ema=True"
        )
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        path = str(callback.filepath)
        # Now, not at the end of the first epoch.
        if path.endswith(".h5") and not callback.save_weights_only:
            raise ValueError(
                "Expected a ModelCheckpoint of a file that ends in .keras, or with "
                f"save_weights_only=True of one in .weights.h5. Received: filepath={path!r}"
            )
    if isinstance(callback, keras.callbacks.TerminateOnNaN):
        return _WithALoss(callback)
    return callback


class _WithALoss(keras.callbacks.Callback):
    """Shows `TerminateOnNaN` the sum of both losses, which is finite only if both are.

    And after each epoch the weights, since a ReLU can hide NaN in them from the losses.
    """

    def __init__(self, inner: keras.callbacks.Callback):
        super().__init__()
        self.inner = inner

    def set_model(self, model: keras.Model) -> None:
        """Sets that of the inner callback."""
        super().set_model(model)
        self.inner.set_model(model)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Asks the inner callback."""
        losses = [(logs or {}).get(key, 0.0) for key in ("d_loss", "g_loss")]
        self.inner.on_train_batch_end(batch, {"loss": sum(losses)})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows a weight that is not finite as a loss that is not."""
        if first_non_finite_variable(self.model) is not None:
            self.inner.on_train_batch_end(epoch, {"loss": math.nan})
