"""The one call of `fit` of a run, or what a finished one lacks, and the ways in which they end."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from tfgan_losses.callbacks.failure import Failure
from tfgan_losses.callbacks.listeners import Listeners
from tfgan_losses.run_files import results

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN
    from tfgan_losses.run_files.directory import RunDirectory


def check_callbacks(callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """Raises ValueError if one that a person gave is none."""
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(
                "Expected callbacks of class keras.callbacks.Callback, in a list. "
                f"Received: one of type {type(callback).__name__}"
            )


def fit_or_end(
    gan: GAN,
    dataset: tf.data.Dataset | tf.distribute.DistributedDataset,
    steps: int,
    callbacks: Sequence[keras.callbacks.Callback],
    given: Sequence[keras.callbacks.Callback],
) -> Failure | None:
    """Trains; a KeyboardInterrupt ends it as a signal does, unless one has been told before.

    So does an error of one of the callbacks that a person gave, which is returned.

    Args:
        gan: What is trained.
        dataset: Its batches.
        steps: So many of them.
        callbacks: All of the run.
        given: Those of them that a person gave.

    Raises:
        ValueError: If one of those has raised something before the first step.
    """
    done = int(gan.step.numpy())
    try:
        # What Keras says of data that end is about other arguments than those of a run.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Your input ran out of data")
            # One epoch: Keras resets the metrics at each.
            gan.fit(
                dataset,
                steps_per_epoch=steps,
                epochs=1,
                shuffle=False,
                verbose=0,
                callbacks=list(callbacks),
            )
    except KeyboardInterrupt:
        if any(getattr(callback, "received", None) for callback in callbacks):
            raise
        _end(gan, callbacks)
    except Exception as error:
        failure = Failure.of(error, given)
        if failure is None:
            raise
        if int(gan.step.numpy()) == done:
            raise failure.at(done) from error
        _end(gan, _without(given, callbacks))
        return failure
    return None


def complete_or_end(
    directory: RunDirectory,
    gan: GAN,
    callbacks: Sequence[keras.callbacks.Callback],
    given: Sequence[keras.callbacks.Callback],
) -> Failure | None:
    """Writes what a finished run lacks; see `results.complete`.

    Args:
        directory: Of the run.
        gan: At its last step.
        callbacks: That write and are told of it.
        given: Those that a person gave.

    Returns:
        An error of one of the callbacks that a person gave, or None.
    """
    try:
        results.complete(directory, callbacks, gan)
    except Exception as error:
        failure = Failure.of(error, given)
        if failure is None:
            raise
        return failure
    return None


def _end(gan: GAN, callbacks: Sequence[keras.callbacks.Callback]) -> None:
    gan.stop_training = True
    for callback in callbacks:
        callback.on_train_end()


def _without(
    given: Sequence[keras.callbacks.Callback], callbacks: Sequence[keras.callbacks.Callback]
) -> list[keras.callbacks.Callback]:
    """The callbacks of the library: those of a person may have ended, and hear nothing more."""
    left = [each for each in callbacks if all(each is not other for other in given)]
    for callback in left:
        if isinstance(callback, Listeners):
            callback.callbacks.clear()
    return left
