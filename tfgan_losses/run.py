"""What turns a GAN and a data set into a directory of results."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from tfgan_losses import callbacks as callbacks_lib, memory, workers
from tfgan_losses.callbacks.failure import Failure
from tfgan_losses.keeping import Keeping
from tfgan_losses.monitoring import Monitor
from tfgan_losses.run_files import disk_space, initial_weights, learning_rates, record, results
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.run_fit import check_callbacks, complete_or_end, fit_or_end
from tfgan_losses.training import data_checks
from tfgan_losses.training.checks import check_positive

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN


class Run:
    """Trains into a directory.

    That holds `metrics.csv`, `logs/` for TensorBoard, `samples/` and `samples.gif`, `curves.png`,
    `checkpoints/`, `generator/`, a SavedModel, `gan.keras` and `run.json`, and `best_generator/`
    where `Keeping` has a monitor; `RunDirectory` reads them. While it trains, the directory is
    locked for every other process.

    Args:
        directory: Made if needed; or a `RunDirectory`, which may be locked already.
        resume: Whether to go on with a run that the directory holds. One that was killed before
            its first checkpoint starts at the beginning.
        resume_hint: What to print to a person who wants to go on after an interruption, such as
            the command.

    Attributes:
        directory: A `RunDirectory`.

    Raises:
        ValueError: If the directory cannot be written to, holds a run and `resume` is False, or
            holds none and it is True.

    Examples:
        >>> import tempfile
        >>> from tfgan_losses import GAN, Run, datasets
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = Run(f"{folder}/run")
        ...     finished = run.train(gan, datasets.load("ring8"), steps=2, batch_size=8)
        ...     checkpoint = run.directory.newest_checkpoint()
        step 1/2 - ...
        >>> finished, int(gan.step)
        (True, 2)
    """

    def __init__(
        self,
        directory: str | os.PathLike | RunDirectory,
        *,
        resume: bool = False,
        resume_hint: str | None = None,
    ):
        if not isinstance(directory, RunDirectory):
            directory = RunDirectory(directory)
        self.directory: RunDirectory = directory
        self.resume_hint = resume_hint or f'Run("{self.directory.path}", resume=True).train(...)'
        self._resumes = resume
        self.directory.check_resume(resume)
        self.directory.make()

    def __repr__(self) -> str:
        return f"Run({str(self.directory.path)!r})"

    def train(
        self,
        gan: GAN,
        source: Source,
        *,
        steps: int,
        batch_size: int,
        keeping: Keeping | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        init_from: str | os.PathLike | None = None,
    ) -> bool:
        """Trains up to a step, from the newest checkpoint of the directory if there is one.

        Under several workers all must call this, with one directory that all see; the first of
        them, the chief, writes everything.

        A killed or interrupted and resumed run ends with the weights, the state of the optimisers
        and the `metrics.csv` of an uninterrupted one, to the bit on one CPU under
        `tf.config.experimental.enable_op_determinism`.

        A run that goes on keeps the learning rates of its checkpoint, which callbacks may have
        changed, unless the GAN is compiled with other numbers than those that `run.json` has: then
        those count from here on, and a line says so.

        Args:
            gan: A compiled `GAN`.
            source: Real data: has `batches(batch_size, seed=..., start=...)` and `example_shape`.
                Or a `datasets.Dataset` of Hugging Face, or a `keras.utils.PyDataset`, as
                `datasets.from_hugging_face` and `datasets.from_py_dataset` read it.
            steps: Steps of the whole run, those before a resume included.
            batch_size: Real examples for each update of the discriminator.
            keeping: What is kept and measured on the way; None for `Keeping()`.
            callbacks: More of them; they run after pictures and before the checkpoint of a step.
                One that has `on_report` gets every number and picture; see `callbacks.Listener`.
            init_from: A run, checkpoint or `.keras` file of another GAN, whose networks a new run
                starts from; see `initialize_from`. Once the run has a checkpoint, that counts.

        Returns:
            False if a signal or Ctrl-C (or one of `callbacks`, or the end of the batches of the
            source) stopped the run before `steps`; everything is saved then, too.

        Raises:
            ValueError: If the GAN is not compiled, the source is none, a number is not an
                integer >= 1, another process holds the directory, the run was begun with other
                data, another objective, other optimisers or from other weights, `init_from` is no
                GAN of which a layer fits, the newest checkpoint belongs to another architecture,
                there are checkpoints and none is whole, data cannot be read any more, what shall be
                measured cannot be, the monitor is no column, or one of `callbacks` has raised
                something: after the first step, all is saved then, as when a signal stops the run.
            FloatingPointError: If a metric or a weight is not finite; the newest checkpoint is
                from before.
            MemoryError: If a step needs more memory than there is.
            OSError: If results cannot be written; what was written before is whole.
            ConnectionAbortedError: If another worker is lost.
        """
        source = _source(gan, source)
        gan.check_compiled("Run.train")
        check_callbacks(callbacks)
        keeping = keeping or Keeping()
        evaluation = keeping.evaluation(gan, source, steps=steps)
        monitor = keeping.monitored(gan, evaluation)
        chief = workers.is_chief(gan.distribute_strategy)
        stop = self._stop = callbacks_lib.StopOnSignal()
        hear = callbacks_lib.Listeners(callbacks)
        reports = keeping.reports(self.directory, source, evaluation, chief=chief, listeners=hear)
        own = [callbacks_lib.StopOnNonFinite(), stop, *reports, *callbacks, hear]
        if chief:
            own += keeping.watch(self.directory, source, batch_size, hear)
            own += [keeping.checkpoints(self.directory, monitor), keeping.progress(steps, source)]
        best = failure = None
        with self.directory.lock if chief else contextlib.nullcontext():
            self.directory.check_resume(
                self._resumes
            )  # Another process may have trained here since __init__.
            self._begin(gan, source, steps, batch_size, evaluation, monitor, init_from)
            if chief:
                needed = disk_space.of_run(gan, keeping, steps)
                disk_space.warn_if_short(self.directory.path, needed)
            with stop:
                if _step_of(gan) >= steps:
                    at = f"at step {_step_of(gan)} of {steps}"
                    print(f"{self.directory.path} is {at}: nothing to train.")
                    told = [*reports, *hear.callbacks, hear]
                    failure = complete_or_end(self.directory, gan, told, callbacks)
                else:
                    failure = self._fit(gan, source, steps, batch_size, own, callbacks)
                if chief:
                    best = results.write(self.directory, gan, monitor)
        if failure is not None:
            raise failure.at(_step_of(gan), self.resume_hint) from failure.error
        finished = _step_of(gan) >= steps
        if chief and finished:
            self._tell(source, evaluation, best)
        elif chief:
            # Nobody has asked for an end.
            ended = not gan.stop_training
            results.tell_of_stop(_step_of(gan), steps, stop.received, self.resume_hint, ended)
        return finished

    def _tell(
        self,
        source: Source,
        evaluation: callbacks_lib.GeneratorEvaluation | None,
        best: results.Best | None,
    ) -> None:
        """Prints what came of a run that is done."""
        results.tell(self.directory, source, evaluation, best)

    def check(
        self,
        gan: GAN,
        source: Source,
        *,
        steps: int,
        batch_size: int,
        keeping: Keeping | None = None,
        init_from: str | os.PathLike | None = None,
    ) -> None:
        """Restores the newest checkpoint if the run can go on like this. Writes nothing.

        Takes and raises what `train` does.
        """
        source = _source(gan, source)
        keeping = keeping or Keeping()
        evaluation = keeping.evaluation(gan, source, steps=steps)
        monitor = keeping.monitored(gan, evaluation)
        self._check(gan, source, steps, batch_size, evaluation, monitor, init_from)
        disk_space.warn_if_short(self.directory.path, disk_space.of_run(gan, keeping, steps))

    def _check(
        self,
        gan: GAN,
        source: Source,
        steps: int,
        batch_size: int,
        evaluation: callbacks_lib.GeneratorEvaluation | None,
        monitor: Monitor | None,
        init_from: str | os.PathLike | None,
    ) -> tuple[record.Record | None, record.Record]:
        """Does what `check` says; returns the record that the run has, and what it becomes."""
        check_positive(steps=steps, batch_size=batch_size)
        data_checks.check_batch_size(batch_size * gan.d_steps, **gan.batch_divisors)
        now = record.of(
            gan,
            source,
            steps=steps,
            batch_size=batch_size,
            measuring=evaluation and evaluation.measurement.facts_by_extractor(),
            monitor=monitor,
        )
        before = record.read(self.directory.record) if self._resumes else None
        if before is not None:
            record.check_same(self.directory.record, before, now, init_from)
        if not self._restore(gan):
            self._initialize(gan, before, now, init_from)
        elif before is not None:
            for line in learning_rates.take_over(gan, before, now):
                print(line)
        if before is not None:
            record.with_measuring_of_before(before, now)
        return before, now

    def _initialize(
        self,
        gan: GAN,
        before: record.Record | None,
        now: record.Record,
        init_from: str | os.PathLike | None,
    ) -> None:
        """Gives a run without a checkpoint the networks that it starts from, if there are any."""
        source = init_from or record.origin(before)
        if source is not None:
            found = initial_weights.initialize_from(gan, source)
            now["init_from"] = {"path": found.path, "file": found.file, "step": found.step}
            print(found)

    def _begin(
        self,
        gan: GAN,
        source: Source,
        steps: int,
        batch_size: int,
        evaluation: callbacks_lib.GeneratorEvaluation | None,
        monitor: Monitor | None,
        init_from: str | os.PathLike | None,
    ) -> None:
        """Finds what there is to go on with, and writes down what is trained with what."""
        before, now = self._check(gan, source, steps, batch_size, evaluation, monitor, init_from)
        self._resumes = True
        workers.check_same_step(gan.distribute_strategy, gan.step, self.directory.path)
        if workers.is_chief(gan.distribute_strategy) and _step_of(gan) < steps:
            for line in record.notes(before, now) if before else ():
                print(line)
            record.write(self.directory.record, now)
            self.directory.write_class_names(getattr(source, "class_names", None))

    def _restore(self, gan: GAN) -> bool:
        """Loads the newest checkpoint; returns whether there is one."""
        checkpoint = self.directory.newest_checkpoint()
        if checkpoint is not None:
            callbacks_lib.restore(gan, checkpoint)
            print(f"Going on at step {_step_of(gan)} from {checkpoint}")
        elif self.directory.checkpoint_files():
            raise ValueError(
                f"Expected a whole checkpoint in {self.directory.checkpoints}; delete it to start "
                "at the beginning. Received: none that is whole"
            )
        elif self._resumes:
            print(f"No checkpoint in {self.directory.path} yet: starting at step {_step_of(gan)}.")
        return checkpoint is not None

    def _fit(
        self,
        gan: GAN,
        source: Source,
        steps: int,
        batch_size: int,
        callbacks: list[keras.callbacks.Callback],
        given: Sequence[keras.callbacks.Callback],
    ) -> Failure | None:
        """Trains; returns what one of the callbacks that a person gave has ended it by."""
        done = _step_of(gan)
        dataset = workers.own_batches(
            gan.distribute_strategy,
            source,
            batch_size * gan.d_steps,
            seed=gan.seed,
            start=done,
            check=gan.looked_at,
        )
        from tfgan_losses.datasets.images import explain_bad_batches  # And Pillow with it.

        name = str(getattr(source, "name", "of this source"))
        try:
            with (
                workers.explain_lost_workers(gan.distribute_strategy),
                memory.explain_lack(),
                explain_bad_batches(name),
            ):
                return fit_or_end(gan, dataset, steps - done, callbacks, given)
        except FloatingPointError as error:
            results.draw_curves(self.directory)
            kept = self.directory.newest_checkpoint()
            told = "No checkpoint was written before." if kept is None else f"Kept: {kept}"
            raise FloatingPointError(f"{error} {told}") from None


def _step_of(gan: GAN) -> int:
    # int(gan.step) fails under a strategy of several replicas.
    return int(gan.step.numpy())


def _source(gan: GAN, given: Source) -> Source:
    from tfgan_losses.datasets.handed import as_source  # And Pillow with it.

    source = as_source(given, num_classes=getattr(gan.condition, "num_classes", None))
    data_checks.check_source(source)
    return source
