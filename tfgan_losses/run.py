"""What turns a GAN and a data set into a directory of results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from tfgan_losses import callbacks as callbacks_lib, workers
from tfgan_losses.keeping import Keeping
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.curves import plot_curves
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.training import data_checks
from tfgan_losses.training.checks import check_positive

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN


class Run:
    """Trains into a directory.

    That holds `metrics.csv`, `logs/` for TensorBoard, `samples/` and `samples.gif`, `curves.png`,
    `checkpoints/` and `generator/`, a SavedModel; `RunDirectory` reads them.

    Args:
        directory: Made if needed.
        resume: Whether to go on with a run that the directory holds. Without one, a resumed run
            starts at the beginning.
        resume_hint: What to print to a person who wants to go on after an interruption, such as
            the command.

    Attributes:
        directory: A `RunDirectory`.

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
        self.directory = RunDirectory(directory)
        self.resume_hint = resume_hint or f'Run("{directory}", resume=True).train(...)'
        self.directory.make()
        found = self.directory.results()
        if found and not resume:
            raise ValueError(
                f"Expected a new or empty directory, or resume=True to go on with the run in it. "
                f"Received: directory={str(directory)!r}, which holds {', '.join(found)}"
            )

    def train(
        self,
        gan: GAN,
        source: Source,
        *,
        steps: int,
        batch_size: int,
        keeping: Keeping | None = None,
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
            keeping: What is kept on the way; None for `Keeping()`.
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
            OSError: If results cannot be written; what was written before is whole.
            ConnectionAbortedError: If another worker is lost.
        """
        check_positive(steps=steps, batch_size=batch_size)
        data_checks.check_batch_size(batch_size * gan.d_steps, **gan.batch_divisors)
        keeping = keeping or Keeping()
        chief = workers.is_chief(gan.distribute_strategy)
        stop = callbacks_lib.StopOnSignal()
        reports = keeping.reports(self.directory, source, chief=chief)
        own = [callbacks_lib.StopOnNonFinite(), stop, *reports, *callbacks]
        if chief:
            own += [keeping.checkpoints(self.directory), callbacks_lib.ProgressBar(steps)]
        self._restore(gan)
        workers.check_same_step(gan.distribute_strategy, gan.step, self.directory.path)
        if _step_of(gan) >= steps:
            at = f"at step {_step_of(gan)} of {steps}"
            print(f"{self.directory.path} is {at}: nothing to train.")
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

    def _restore(self, gan: GAN) -> None:
        checkpoint = self.directory.newest_checkpoint()
        if checkpoint is not None:
            callbacks_lib.restore(gan, checkpoint)
            print(f"Going on at step {_step_of(gan)} from {checkpoint}")
        elif callbacks_lib.all_checkpoints(self.directory.checkpoints):
            raise ValueError(
                f"Expected a whole checkpoint in {self.directory.checkpoints}; delete it to start "
                "at the beginning. Received: none that is whole"
            )

    def _fit(
        self,
        gan: GAN,
        source: Source,
        steps: int,
        batch_size: int,
        callbacks: list[keras.callbacks.Callback],
    ) -> None:
        done = _step_of(gan)
        dataset = workers.own_batches(
            gan.distribute_strategy,
            source,
            batch_size * gan.d_steps,
            seed=gan.seed,
            start=done,
            check=gan.looked_at,
        )
        try:
            with workers.explain_lost_workers(gan.distribute_strategy):
                _fit_or_end(gan, dataset, steps - done, callbacks)
        except FloatingPointError as error:
            self._draw_curves()
            kept = self.directory.newest_checkpoint()
            told = "No checkpoint was written before." if kept is None else f"Kept: {kept}"
            raise FloatingPointError(f"{error} {told}") from None

    def _write_results(self, gan: GAN) -> None:
        self.directory.replace_generator(gan.export_generator)
        self._draw_curves()
        samples = sorted(self.directory.samples.glob("step_*.png"))
        if samples:
            pictures.write_gif(samples, self.directory.animation)

    def _draw_curves(self) -> None:
        if self.directory.rows():
            plot_curves(self.directory.metrics_csv, self.directory.curves)

    def _print_results(self, source: Source) -> None:
        directory = self.directory
        noun = "images" if len(source.example_shape) == 3 else "samples"
        if directory.samples.exists():
            print(f"Samples:   {directory.samples}, {directory.animation}")
        print(f"Curves:    {directory.curves}, tensorboard --logdir {directory.logs}")
        print(f"Generator: {directory.generator}. It needs only TensorFlow:")
        print("    import tensorflow as tf")
        print(f'    generator = tf.saved_model.load("{directory.generator}")')
        print(f"    {noun} = generator.sample(16, seed=0)")


def _step_of(gan: GAN) -> int:
    # int(gan.step) fails under a strategy of several replicas.
    return int(gan.step.numpy())


def _fit_or_end(
    gan: GAN,
    dataset: tf.data.Dataset | tf.distribute.DistributedDataset,
    steps: int,
    callbacks: list[keras.callbacks.Callback],
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


def _complete(reports: list[keras.callbacks.Callback], gan: GAN) -> None:
    """Writes the last row and picture if a kill came between the last checkpoint and these."""
    for callback in reports:
        callback.set_model(gan)
        callback.on_train_begin()
    for callback in reports:
        callback.on_train_end()


def _check_executions(gan: GAN, steps: int) -> None:
    """Raises ValueError where Keras would run the last execution beyond the last step."""
    if steps % gan.steps_per_execution:
        raise ValueError(
            f"Expected the number of steps to train to be a multiple of the GAN's "
            f"steps_per_execution={gan.steps_per_execution}. Received: {steps} steps to train"
        )
