"""What turns one image into a directory with a trained pyramid."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tfgan_losses import callbacks as callbacks_lib, gan_types
from tfgan_losses.keeping import Keeping
from tfgan_losses.pyramid import results
from tfgan_losses.pyramid.plan import Plan
from tfgan_losses.pyramid.scales import Scales
from tfgan_losses.pyramid.space import of_pyramid
from tfgan_losses.pyramid.time_left import TimeLeft
from tfgan_losses.run import Run
from tfgan_losses.run_files import disk_space, record
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.run_files.results import Best

if TYPE_CHECKING:
    import signal

    import keras

    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN
    from tfgan_losses.gan_types import GANType

STEPS = 2000
# A batch is an image: there is no other.
BATCH_SIZE = 1
_IMAGES_PER_PICTURE = 9


class PyramidRun:
    """Trains a pyramid on one image into a directory, scale after scale.

    That holds `scale_00/`, the coarsest, and so on, each the directory of a `Run`; `scales.csv`
    with how well each reconstructs the image; and in the end `pyramid.keras`, `generator/`, a
    SavedModel of all scales, and `samples/`.

    Args:
        directory: Made if needed; or a `RunDirectory`, which may be locked already.
        resume: Whether to go on with a run that the directory holds.
        resume_hint: What to print to a person who wants to go on after an interruption, such as
            the command.

    Attributes:
        directory: A `RunDirectory`.

    Raises:
        ValueError: If the directory cannot be written to, holds a run and `resume` is False, or
            holds none and it is True.
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
        path = self.directory.path
        self.resume_hint = resume_hint or f'PyramidRun("{path}", resume=True).train(...)'
        self._resumes = resume
        self.directory.check_resume(resume)
        self.directory.make()

    def __repr__(self) -> str:
        return f"PyramidRun({str(self.directory.path)!r})"

    def train(
        self,
        recipe: str | GANType,
        image: np.ndarray,
        *,
        steps: int = STEPS,
        scales: Scales | None = None,
        keeping: Keeping | None = None,
        **arguments: Any,
    ) -> bool:
        """Trains all scales, from the newest checkpoint of the directory if there is one.

        A killed or interrupted and resumed run ends with the weights of an uninterrupted one, to
        the bit on one CPU under `tf.config.experimental.enable_op_determinism`.

        Args:
            recipe: A `gan_types` name, such as `"singan"`, or a recipe: of its networks nothing
                counts.
            image: `[height, width, channels]` in [-1, 1].
            steps: Generator updates at each scale.
            scales: Those to train; None for `Scales.of` the image.
            keeping: What is kept on the way at each scale; None for few pictures and no numbers
                about the images, of which there is one.
            **arguments: Of `Plan`: `width`, `concurrent`, `seed`, `compile_arguments`.

        Returns:
            False if a signal or Ctrl-C stopped the run before its end; everything is saved then,
            too.

        Raises:
            ValueError: If the image is none, or too small for the scales, a number is out of its
                range, the recipe asks for more than one image has, another process holds the
                directory, or the run was begun with something else.
            FloatingPointError: If a metric or a weight is not finite.
            MemoryError: If a step needs more memory than there is.
            OSError: If results cannot be written; what was written before is whole.
        """
        plan = plan_of(recipe, image, steps=steps, scales=scales, **arguments)
        return self.follow(plan, keeping=keeping)

    def follow(
        self,
        plan: Plan,
        *,
        keeping: Keeping | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> bool:
        """Does what `train` says.

        Args:
            plan: How the pyramid is trained.
            keeping: As of `train`.
            callbacks: More of them, for the run of each scale.
        """
        keeping = keeping or default_keeping()
        with self.directory.lock:
            self.directory.check_resume(self._resumes)  # Another may have trained here meanwhile.
            gan = self._begin(plan)
            disk_space.warn_if_short(self.directory.path, of_pyramid(plan, gan, keeping))
            with _without_retracing_warnings(), callbacks_lib.StopOnSignal() as stop:
                times = TimeLeft(plan)
                for scale in range(len(plan.scales.sizes)):
                    if stop.received is not None:
                        self._tell_of_stop(plan, stop.received)
                        return False
                    gan = gan if scale == 0 else plan.gan(scale, gan)
                    own = results.keeping_of(keeping, plan, scale, times)
                    if not self._train_scale(plan, scale, gan, own, callbacks, stop):
                        return False
                results.write(self.directory, plan, gan)
        results.tell(self.directory, plan)
        return True

    def check(self, plan: Plan) -> None:
        """Checks that the run can go on like this, and says where it stands. Writes nothing.

        Raises:
            ValueError: If the run was begun with something else.
        """
        self._check(plan, plan.gan(0))
        done = len(results.finished(self.directory))
        print(f"{self.directory.path}: {done} of {len(plan.scales.sizes)} scales are done.")

    def _check(self, plan: Plan, gan: GAN) -> record.Record:
        """Does what `check` says; returns what `run.json` becomes."""
        now = _record(plan, gan)
        before = record.read(self.directory.record) if self._resumes else None
        if before is not None:
            record.check_same(self.directory.record, before, now)
        return now

    def _begin(self, plan: Plan) -> GAN:
        """Writes down what is trained with what; returns the GAN of the coarsest scale."""
        gan = plan.gan(0)
        record.write(self.directory.record, self._check(plan, gan))
        self._resumes = True
        return gan

    def _train_scale(
        self,
        plan: Plan,
        scale: int,
        gan: GAN,
        keeping: Keeping,
        callbacks: Sequence[keras.callbacks.Callback],
        stop: callbacks_lib.StopOnSignal,
    ) -> bool:
        """Trains one scale, or loads what came of it; returns whether it is done."""
        directory = self.directory.scale(scale)
        if scale < len(results.finished(self.directory)):
            callbacks_lib.restore(gan, results.last_checkpoint(directory, plan.steps))
            return True
        print(results.heading(plan, scale, gan))
        run = _RunOfScale(directory, resume=directory.was_begun(), resume_hint=self.resume_hint)
        finished = run.train(
            gan,
            plan.source(scale),
            steps=plan.steps,
            batch_size=BATCH_SIZE,
            keeping=keeping,
            callbacks=callbacks,
        )
        if finished:
            results.add_scale(self.directory, plan, scale, gan)
            # One that came after its last step stops the pyramid before the next scale.
            stop.received = stop.received or run.received
        return finished

    def _tell_of_stop(self, plan: Plan, received: signal.Signals) -> None:
        """Prints where the run stands; of a stop within a scale that has told itself."""
        done = len(results.finished(self.directory))
        print(f"Stopped by {received.name} after {done} of {len(plan.scales.sizes)} scales.")
        print(f"To go on: {self.resume_hint}")


class _RunOfScale(Run):
    """The run of one scale, of which the pyramid tells what came."""

    @property
    def received(self) -> signal.Signals | None:
        """The signal that came while it trained, also after its last step."""
        return self._stop.received

    def _tell(
        self,
        source: Source,
        evaluation: callbacks_lib.GeneratorEvaluation | None,
        best: Best | None,
    ) -> None:
        pass


@contextlib.contextmanager
def _without_retracing_warnings() -> Iterator[None]:
    """TensorFlow counts functions by their place in the code; each scale has its own, once."""

    def keep(message: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in message.getMessage()

    logger = tf.get_logger()
    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)


def plan_of(
    recipe: str | GANType,
    image: np.ndarray,
    *,
    steps: int = STEPS,
    scales: Scales | None = None,
    **arguments: Any,
) -> Plan:
    """Returns the plan that `PyramidRun.train` follows; takes and raises what that does."""
    recipe = gan_types.get(recipe) if isinstance(recipe, str) else recipe
    height, width = np.shape(image)[:2] if np.ndim(image) == 3 else (0, 0)
    scales = scales or Scales.of(height, width)
    return Plan(recipe, image, scales, steps, **arguments)


def default_keeping(**arguments: Any) -> Keeping:
    """What a pyramid keeps of its way.

    Nothing is measured: the distances of sets compare no image with itself, and a generator that
    memorises one is meant to.

    Args:
        **arguments: Of `Keeping`, instead.
    """
    own = {"metrics": None, "health": False, "images_per_picture": _IMAGES_PER_PICTURE}
    return Keeping(**{**own, **arguments})


def _record(plan: Plan, gan: GAN) -> record.Record:
    now = record.of(gan, plan.source(len(plan.reals) - 1), steps=plan.steps, batch_size=BATCH_SIZE)
    now["training"] |= {
        "seed": plan.seed,
        "steps_per_scale": plan.steps,
        "scales": [list(size) for size in plan.scales.sizes],
        "widths": list(plan.widths),
        "concurrent": plan.concurrent,
    }
    return now
