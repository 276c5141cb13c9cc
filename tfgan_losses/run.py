"""What turns a GAN and a data set into a directory of results."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_losses import callbacks as callbacks_lib, workers
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.atomic import naming
from tfgan_losses.training import data_checks
from tfgan_losses.training.checks import check_positive

_IMAGES_PER_PICTURE = 64
_POINTS_PER_PICTURE = 2000


class Run:
    """A run directory.

    It holds `metrics.csv`, `logs/` for TensorBoard, `samples/` and `samples.gif`, `curves.png`,
    `checkpoints/` and `generator/`, a SavedModel.

    Args:
        directory: Made if needed.
        resume: Whether to go on with a run that the directory holds. Without one, a resumed run
            starts at the beginning.
        resume_hint: What to print to a person who wants to go on after an interruption, such as
            the command.

    Raises:
        ValueError: If the directory cannot be written to, or holds a run and `resume` is False.
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        *,
        resume: bool = False,
        resume_hint: str | None = None,
    ):
        self.directory = Path(directory)
        self.metrics_csv = self.directory / "metrics.csv"
        self.logs = self.directory / "logs"
        self.samples = self.directory / "samples"
        self.checkpoints = self.directory / "checkpoints"
        self.generator = self.directory / "generator"
        self.resume_hint = resume_hint or f'Run("{directory}", resume=True).train(...)'
        _check_writable(self.directory)
        results = [self.metrics_csv, self.logs, self.samples, self.checkpoints, self.generator]
        found = [path.name for path in results if path.exists()]
        if found and not resume:
            raise ValueError(
                f"Expected a new or empty directory, or resume=True to go on with the run in it. "
                f"Received: directory={str(directory)!r}, which holds {', '.join(found)}"
            )

    def train(
        self,
        gan: keras.Model,
        source: Any,
        *,
        steps: int,
        batch_size: int,
        sample_every: int = 1000,
        checkpoint_every: int = 1000,
        log_every: int = 100,
        keep: int = 3,
        monitor: str | None = None,
        mode: str = "min",
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> bool:
        """Trains up to a step, from the newest checkpoint of the directory if there is one.

        Under several workers all must call this, with one directory that all see; the first of
        them, the chief, writes everything.

        A killed or interrupted and resumed run ends with the weights, the state of the optimisers
        and the `metrics.csv` of an uninterrupted one, to the bit on one CPU under
        `tf.config.experimental.enable_op_determinism`.

        Args:
            gan: A compiled `GAN`.
            source: Real data: has `batches(batch_size, seed=..., start=...)` and `example_shape`.
            steps: Generator updates of the whole run, those before a resume included.
            batch_size: Real examples for each update of the discriminator.
            sample_every: Generator updates between two pictures of samples.
            checkpoint_every: Generator updates between two checkpoints.
            log_every: Generator updates between two rows of metrics, which are means over them.
            keep: So many of the newest checkpoints stay.
            monitor: Name of a metric; the checkpoint with its best value stays, too.
            mode: `"min"` if a lower value of it is better, `"max"` if a higher one is.
            callbacks: More of them; they run after pictures and before the checkpoint of a step.

        Returns:
            False if a signal or Ctrl-C (or one of `callbacks`) stopped the run before `steps`;
            everything is saved then, too.

        Raises:
            ValueError: If a number is not an integer >= 1, the steps that are left are no
                multiple of the GAN's `steps_per_execution`, the newest checkpoint belongs to
                another architecture, or there are checkpoints and none is whole.
            FloatingPointError: If a metric or a weight is not finite; the newest checkpoint is
                from before.
            ConnectionAbortedError: If another worker is lost.
        """
        check_positive(steps=steps, batch_size=batch_size)
        data_checks.check_batch_size(batch_size * gan.d_steps, **gan.division)
        chief = workers.is_chief(gan.distribute_strategy)
        stop = callbacks_lib.StopOnSignal()
        reports = self._reports(source, sample_every, log_every, chief=chief)
        checkpoints = callbacks_lib.Checkpoints(
            self.checkpoints, checkpoint_every, keep=keep, monitor=monitor, mode=mode
        )
        own = [callbacks_lib.StopOnNonFinite(), stop, *reports, *callbacks]
        if chief:
            own += [checkpoints, callbacks_lib.ProgressBar(steps)]
        self._restore(gan)
        workers.check_same_step(gan, self.directory)
        if _step_of(gan) >= steps:
            print(f"{self.directory} is at step {_step_of(gan)} of {steps}: nothing to train.")
            _complete(reports, gan)
        else:
            _check_executions(gan, steps - _step_of(gan))
            try:
                self._fit(gan, source, steps, batch_size, own)
            finally:
                stop.restore_handlers()
        finished = _step_of(gan) >= steps
        if not chief:
            return finished
        self._write_results(gan)
        if finished:
            self._print_results(source)
        else:
            cause = f" by {stop.received.name}" if stop.received else ""
            print(f"Stopped{cause} at step {_step_of(gan)} of {steps}; everything is saved.")
            print(f"To go on: {self.resume_hint}")
        return finished

    def _reports(
        self, source: Any, sample_every: int, log_every: int, *, chief: bool
    ) -> list[keras.callbacks.Callback]:
        metrics = callbacks_lib.MetricsLog(self.metrics_csv, log_every)
        if not chief:
            return [metrics]  # All keep the means that the chief writes.
        tensorboard = callbacks_lib.TensorBoardLog(self.logs, log_every)
        reports = [metrics, tensorboard]
        draw, count = _drawing(source)
        if not count:
            return reports
        samples = callbacks_lib.SampleWriter(
            self.samples, sample_every, count=count, draw=draw, tensorboard=tensorboard
        )
        # Before the TensorBoard log, which closes its file at the end.
        return [samples, *reports]

    def _restore(self, gan: keras.Model) -> None:
        checkpoint = callbacks_lib.latest_checkpoint(self.checkpoints)
        if checkpoint is not None:
            callbacks_lib.restore(gan, checkpoint)
            print(f"Going on at step {_step_of(gan)} from {checkpoint}")
        elif callbacks_lib.all_checkpoints(self.checkpoints):
            raise ValueError(
                f"Expected a whole checkpoint in {self.checkpoints}; delete it to start at the "
                "beginning. Received: none that is whole"
            )

    def _fit(
        self,
        gan: keras.Model,
        source: Any,
        steps: int,
        batch_size: int,
        callbacks: list[keras.callbacks.Callback],
    ) -> None:
        done = _step_of(gan)
        dataset = workers.own_batches(gan, source, batch_size * gan.d_steps, start=done)
        try:
            with workers.noticing_losses(gan.distribute_strategy):
                _fit_or_end(gan, dataset, steps - done, callbacks)
        except FloatingPointError as error:
            self._draw_curves()
            kept = callbacks_lib.latest_checkpoint(self.checkpoints)
            kept = "No checkpoint was written before." if kept is None else f"Kept: {kept}"
            raise FloatingPointError(f"{error} {kept}") from None

    def _write_results(self, gan: keras.Model) -> None:
        self._export(gan)
        self._draw_curves()
        samples = sorted(self.samples.glob("step_*.png"))
        if samples:
            gif = self.directory / "samples.gif"
            with naming(gif):
                pictures.write_gif(samples, gif)

    def _export(self, gan: keras.Model) -> None:
        """Leaves the earlier generator in place until the new one is complete."""
        new, old = self.directory / "unfinished_generator", self.directory / "old_generator"
        if old.exists() and not self.generator.exists():
            old.rename(self.generator)  # A kill between the two renames below.
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            with naming(self.generator):
                gan.export_generator(new)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if self.generator.exists():
            self.generator.rename(old)
        new.rename(self.generator)
        shutil.rmtree(old, ignore_errors=True)

    def _draw_curves(self) -> None:
        curves = self.directory / "curves.png"
        if self.metrics_csv.exists() and self.metrics_csv.read_text().count("\n") > 1:
            with naming(curves):
                pictures.plot_curves(self.metrics_csv, curves)

    def _print_results(self, source: Any) -> None:
        noun = "images" if len(source.example_shape) == 3 else "samples"
        if self.samples.exists():
            print(f"Samples:   {self.samples}, {self.directory / 'samples.gif'}")
        print(f"Curves:    {self.directory / 'curves.png'}, tensorboard --logdir {self.logs}")
        print(f"Generator: {self.generator}. It needs only TensorFlow:")
        print("    import tensorflow as tf")
        print(f'    generator = tf.saved_model.load("{self.generator}")')
        print(f"    {noun} = generator.sample(16, seed=0)")


def _step_of(gan: keras.Model) -> int:
    # int(gan.step) fails under a strategy of several replicas.
    return int(gan.step.numpy())


def _fit_or_end(
    gan: keras.Model, dataset: Any, steps: int, callbacks: list[keras.callbacks.Callback]
) -> None:
    """Trains; a KeyboardInterrupt ends it as a signal does."""
    try:
        # One epoch: Keras resets the metrics at each.
        gan.fit(
            dataset, steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0, callbacks=callbacks
        )
    except KeyboardInterrupt:
        for callback in callbacks:
            callback.on_train_end()


def _complete(reports: list[keras.callbacks.Callback], gan: keras.Model) -> None:
    """Writes the last row and picture if a kill came between the last checkpoint and these."""
    for callback in reports:
        callback.set_model(gan)
        callback.on_train_begin()
    for callback in reports:
        callback.on_train_end()


def _drawing(source: Any) -> tuple[Callable[[np.ndarray], np.ndarray] | None, int]:
    """How to draw samples of this kind, and how many of them; 0 for what has no picture."""
    shape = tuple(source.example_shape)
    if len(shape) == 3 and shape[-1] in (1, 3):
        return None, _IMAGES_PER_PICTURE
    if shape != (2,):
        return None, 0
    mixture = getattr(source, "mixture", None)
    if mixture is None:
        return None, _POINTS_PER_PICTURE
    draw = functools.partial(pictures.scatter, centers=mixture.centers, density=mixture.density)
    return draw, _POINTS_PER_PICTURE


def _check_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ValueError(
            "Expected a directory that can be made and written to. "
            f"Received: directory={str(directory)!r}: {error}"
        ) from error


def _check_executions(gan: keras.Model, steps: int) -> None:
    """Keras would run the last execution in full, and so beyond the last step."""
    if steps % gan.steps_per_execution:
        raise ValueError(
            f"Expected the number of steps to train to be a multiple of the GAN's "
            f"steps_per_execution={gan.steps_per_execution}. Received: {steps} steps to train"
        )
