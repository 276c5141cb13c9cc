"""What a run leaves when it ends or is stopped: models and pictures of all of it."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from tfgan_losses import export
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.curves import plot_curves
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN


def write(directory: RunDirectory, gan: GAN) -> None:
    """Writes the generator, the whole model, the curves and the animation.

    Raises:
        OSError: If one cannot be written; what was written before is whole.
    """
    directory.replace_generator(gan.export_generator)
    _write_gan(directory, gan)
    draw_curves(directory)
    samples = sorted(directory.samples.glob("step_*.png"))
    if samples:
        pictures.write_gif(samples, directory.animation)


def complete(reports: Sequence[keras.callbacks.Callback], gan: GAN) -> None:
    """Writes the last row and picture if a kill came between the last checkpoint and these."""
    for callback in reports:
        callback.set_model(gan)
        callback.on_train_begin()
    for callback in reports:
        callback.on_train_end()


def draw_curves(directory: RunDirectory) -> None:
    """Draws the curves, if there are rows yet."""
    if directory.rows():
        plot_curves(directory.metrics_csv, directory.curves)


def tell(directory: RunDirectory, source: Source) -> None:
    """Prints where everything is."""
    if directory.samples.exists():
        print(f"Samples:   {directory.samples}, {directory.animation}")
    print(f"Curves:    {directory.curves}, tensorboard --logdir {directory.logs}")
    print(f"Generator: {directory.generator}. It needs only TensorFlow:")
    for line in export.lines_of_python(directory.generator, source.example_shape):
        print(f"    {line}")


def tell_of_stop(
    step: int, steps: int, received: signal.Signals | None, hint: str, data_ended: bool = False
) -> None:
    """Prints where a run was stopped, by which signal or for want of data, and how it goes on."""
    cause = f" by {received.name}" if received else ""
    print(f"Stopped{cause} at step {step} of {steps}; everything is saved.")
    if data_ended and not received:
        print(
            "The batches of the source have ended. Expected batches without end from "
            "source.batches(...), such as those of dataset.repeat()."
        )
    print(f"To go on: {hint}")


def _write_gan(directory: RunDirectory, gan: GAN) -> None:
    try:
        with atomic_path(directory.gan) as path:
            gan.save(path)
    except (TypeError, NotImplementedError) as error:
        # Networks of a class that does not say how it is made. The run is whole without.
        print(f"Without {directory.gan}, as these networks cannot be saved: {error}")
