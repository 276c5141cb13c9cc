"""Callbacks of Keras that look for something that a GAN calls otherwise, or does not have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import keras

from tfgan_losses.training.finiteness import first_non_finite_variable

_BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


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

    def steps_until_due(self) -> float:
        """Infinity: a running mean that is not finite stays so."""
        return math.inf

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Asks the inner callback."""
        losses = [(logs or {}).get(key, 0.0) for key in ("d_loss", "g_loss")]
        self.inner.on_train_batch_end(batch, {"loss": sum(losses)})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows a weight that is not finite as a loss that is not."""
        if first_non_finite_variable(self.model) is not None:
            self.inner.on_train_batch_end(epoch, {"loss": math.nan})


def steps_until_due(callback: keras.callbacks.Callback) -> float:
    """Returns after how many steps a callback has to see a batch, or infinity.

    One that knows has a method of this name. Of others that look at batches it is 1, but for what
    those of Keras do at the end of an epoch only.
    """
    if hasattr(callback, "steps_until_due"):
        return callback.steps_until_due()
    saving = keras.callbacks.ModelCheckpoint | keras.callbacks.BackupAndRestore
    if isinstance(callback, saving) and callback.save_freq in ("epoch", False):
        return math.inf
    return 1.0 if any(_overrides(callback, hook) for hook in _BATCH_HOOKS) else math.inf


def _overrides(callback: keras.callbacks.Callback, hook: str) -> bool:
    method = getattr(callback, hook)
    return getattr(method, "__func__", method) is not getattr(keras.callbacks.Callback, hook)
