"""What a run leaves when it ends or is stopped: models and pictures of all of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import keras

from tfgan_losses.callbacks.generator_evaluation import GeneratorEvaluation
from tfgan_losses.exporting import savedmodel_format
from tfgan_losses.measuring.columns import error_column, in_words
from tfgan_losses.monitoring import Monitor
from tfgan_losses.run_files import checkpoint_files, pictures
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.curves import plot_curves
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN


class Best(NamedTuple):
    """The best checkpoint of a run: what it is best by, the value of that, and its step."""

    monitor: str
    value: float
    step: int


def write(directory: RunDirectory, gan: GAN, monitor: Monitor | None = None) -> Best | None:
    """Writes the generator, that of the best checkpoint, the whole model, curves and animation.

    Args:
        directory: Where to.
        gan: As it is at the end.
        monitor: What decides which checkpoint is the best; None if nothing does.

    Returns:
        The best checkpoint, if there is one that is whole.

    Raises:
        OSError: If one cannot be written; what was written before is whole.
    """
    directory.replace_generator(gan.export_generator)
    best = None if monitor is None else _write_best(directory, gan, monitor)
    _write_gan(directory, gan)
    draw_curves(directory)
    samples = sorted(directory.samples.glob("step_*.png"))
    if samples:
        pictures.write_gif(samples, directory.animation)
    return best


def _write_best(directory: RunDirectory, gan: GAN, monitor: Monitor) -> Best | None:
    found = checkpoint_files.best_checkpoint(directory.checkpoints, monitor.name, monitor.mode)
    if found is None:
        return None
    path, value = found
    with checkpoint_files.as_of(gan, path):
        directory.replace_generator(gan.export_generator, best=True)
    return Best(monitor.name, value, checkpoint_files.best_step(path))


def complete(
    directory: RunDirectory, reports: Sequence[keras.callbacks.Callback], gan: GAN
) -> None:
    """Writes the last row and picture if a kill came between the last checkpoint and these."""
    reports, measured = list(reports), dict[str, float]()
    for evaluation in [each for each in reports if isinstance(each, GeneratorEvaluation)]:
        measured = _measured_at(int(gan.step.numpy()), directory, evaluation)
        if measured:
            reports.remove(evaluation)
    announced, logs = dict(measured), dict(measured)
    for callback in reports:
        callback.set_model(gan)
        callback.on_train_begin(announced)
    for callback in reports:
        callback.on_train_end(logs)


def _measured_at(
    step: int, directory: RunDirectory, evaluation: GeneratorEvaluation
) -> dict[str, float]:
    """Returns what the table knows of a step, if it is all that would be measured."""
    row = next((row for row in directory.rows()[::-1] if row["step"] == step), {})
    wanted = [each for name in evaluation.columns for each in (name, error_column(name))]
    whole = row.keys() >= evaluation.columns.keys()
    return {name: row[name] for name in wanted if name in row} if whole else {}


def draw_curves(directory: RunDirectory) -> None:
    """Draws the curves, if there are rows yet."""
    if directory.rows():
        plot_curves(directory.metrics_csv, directory.curves)


def tell(
    directory: RunDirectory,
    source: Source,
    evaluation: GeneratorEvaluation | None = None,
    best: Best | None = None,
) -> None:
    """Prints where everything is, and how good the generator is, as far as it was measured."""
    if directory.samples.exists():
        print(f"Samples:   {directory.samples}, {directory.animation}")
    print(f"Curves:    {directory.curves}, tensorboard --logdir {directory.logs}")
    for number, line in enumerate(_measured(directory, evaluation) if evaluation else ()):
        print(f"{'' if number else 'Measured:':11}{line}")
    if best is not None:
        told = f"{directory.best_generator}, of step {best.step}"
        print(f"Best:      {told}, by {best.monitor} {best.value:.4g}")
    print(f"Generator: {directory.generator}. It needs only TensorFlow:")
    for line in savedmodel_format.lines_of_python(directory.generator, source.example_shape):
        print(f"    {line}")


def _measured(directory: RunDirectory, evaluation: GeneratorEvaluation) -> Iterator[str]:
    """The newest of each number in the table, with its interval and what it was measured on."""
    rows, measurement = directory.rows(), evaluation.measurement
    counts = f"{measurement.samples} samples against {measurement.real_samples} real"
    for name in evaluation.columns:
        row = next((row for row in rows[::-1] if name in row), None)
        if row is not None:
            at = "" if row is rows[-1] else f" at step {row['step']:.0f}"
            told = in_words(name, row[name], row.get(error_column(name)))
            yield f"{told}{at} ({counts})"


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
