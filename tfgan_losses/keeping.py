"""What a run keeps of its way, as callbacks."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfgan_losses import conditioning, extractors, metrics as metrics_lib, monitoring
from tfgan_losses.callbacks import (
    Checkpoints,
    GANHealth,
    GeneratorEvaluation,
    Listeners,
    MetricsLog,
    ProgressBar,
    RealPicture,
    SampleWriter,
    TensorBoardLog,
)
from tfgan_losses.extractors import FeatureExtractor
from tfgan_losses.measuring.measurement import Measurement, check_count
from tfgan_losses.monitoring import Monitor
from tfgan_losses.registry import Identifier
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.training.checks import check_positive

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN

# Of a run, and real examples beside which they measure: enough for small networks and features,
# and cheap.
_EVALUATIONS = 10
_REAL_EXAMPLES = 2000
_POINTS_PER_PICTURE = 2000


@dataclasses.dataclass(frozen=True)
class Keeping:
    """What a run keeps of its way, and how often.

    Attributes:
        log_every: Steps between two rows of metrics, which are means over them.
        sample_every: Steps between two pictures of samples.
        checkpoint_every: Steps between two checkpoints.
        checkpoint_minutes: After so long without one there is a checkpoint, a picture, a point for
            TensorBoard, or a row that the next one replaces. `metrics.csv` ends up the same.
        keep_checkpoints: So many of the newest checkpoints stay.
        metrics: What is measured about the averaged generator on the way: names or specs of
            `tfgan_losses.metrics`, or its objects; None or an empty string for nothing.
        extractor: What gives the features for it: `"auto"`, the pixels of images and the
            coordinates of points; another name that `tfgan_losses.extractors.get` takes; or a
            `FeatureExtractor`.
        eval_every: Steps between two evaluations, a multiple of `log_every`; None for about ten of
            them in the run. The last step has one in any case.
        eval_samples: Generated examples of an evaluation. Their seeds are always the same, and
            belong to no draw of the training.
        monitor: Name of a metric or of a measured number, `"frechet"` for `"frechet[pixels]"`; the
            checkpoint with its best value stays, too, and its generator is exported as
            `best_generator/`.
        monitor_mode: `"min"` if a lower value of it is better, `"max"` if a higher one is; None for
            what the measured number says, and else `"min"`.
        health: Whether what goes wrong is told; see `GANHealth`.
        images_per_picture: So many samples that are images are in a picture.
        part: Which part of a longer training this is, for the line that tells how far it is.
        after: What the parts after it take, likewise; see `ProgressBar`.

    Raises:
        ValueError: If a number is not an integer >= 1, `eval_samples` not one >= 2, or `eval_every`
            no multiple of `log_every`.
    """

    log_every: int = 100
    sample_every: int = 1000
    checkpoint_every: int = 1000
    checkpoint_minutes: int = 10
    keep_checkpoints: int = 3
    metrics: Identifier = "frechet"
    extractor: str | FeatureExtractor = "auto"
    eval_every: int | None = None
    eval_samples: int = 500
    monitor: str | None = None
    monitor_mode: str | None = None
    health: bool = True
    images_per_picture: int = 64
    part: str = ""
    after: Callable[[float], float | None] | None = None

    def __post_init__(self) -> None:
        check_positive(
            log_every=self.log_every,
            sample_every=self.sample_every,
            checkpoint_every=self.checkpoint_every,
            checkpoint_minutes=self.checkpoint_minutes,
            keep_checkpoints=self.keep_checkpoints,
            images_per_picture=self.images_per_picture,
        )
        if self.eval_every is not None:
            check_positive(eval_every=self.eval_every)
            if self.eval_every % self.log_every:
                raise ValueError(
                    "Expected eval_every to be a multiple of log_every, so that what is measured "
                    f"has a row of its step. Received: eval_every={self.eval_every}, "
                    f"log_every={self.log_every}"
                )
        check_count(eval_samples=self.eval_samples)

    def evaluation(self, gan: GAN, source: Source, *, steps: int) -> GeneratorEvaluation | None:
        """Returns the callback that measures the generator, or None if nothing is measured.

        No data is read before the first evaluation.

        Args:
            gan: What is trained.
            source: The data that it is measured beside, of which up to 2000 examples are read.
            steps: Steps of the whole run.

        Raises:
            ValueError: If a name is unknown, or a metric needs what there is not.
        """
        check_positive(steps=steps)
        chosen = metrics_lib.get_all(self.metrics or ())
        if not chosen:
            return None
        measurement = Measurement.beside(
            source,
            chosen,
            _extractor(self.extractor, source),
            samples=self.eval_samples,
            real_samples=_REAL_EXAMPLES,
        )
        if "labels" in measurement.needs and not isinstance(gan.condition, conditioning.Labels):
            asking = ", ".join(repr(metric) for metric in chosen if "labels" in metric.needs)
            raise ValueError(
                f"Expected a GAN that is conditioned on labels for the metric {asking}. "
                f"Received: metrics={self.metrics!r}, condition={gan.condition}"
            )
        in_rows = max(1, round(steps / (_EVALUATIONS * self.log_every)))
        return GeneratorEvaluation(measurement, self.eval_every or in_rows * self.log_every)

    def monitored(self, gan: GAN, evaluation: GeneratorEvaluation | None) -> Monitor | None:
        """Returns the column of `metrics.csv` that `monitor` means, if there is one.

        Raises:
            ValueError: If there is no such column.
        """
        if self.monitor is None:
            return None
        known = {metric.name: "min" for metric in gan.metrics}
        measured = {} if evaluation is None else evaluation.columns
        return monitoring.find(self.monitor, self.monitor_mode, known | measured)

    def reports(
        self,
        directory: RunDirectory,
        source: Source,
        evaluation: GeneratorEvaluation | None = None,
        *,
        chief: bool = True,
        listeners: Listeners | None = None,
    ) -> list[keras.callbacks.Callback]:
        """Returns the callbacks that measure, and write metrics and pictures.

        Args:
            directory: Where to.
            source: The data, of which the shape says whether there are pictures; `real.png` shows
                some of it.
            evaluation: Measures; None if nothing does.
            chief: Whether this worker writes; the others keep the means that the chief writes.
            listeners: Get the rows and pictures, too.
        """
        minutes = self.checkpoint_minutes
        path = directory.metrics_csv
        metrics = MetricsLog(path, self.log_every, minutes=minutes, listeners=listeners)
        if not chief:
            return [metrics]
        tensorboard = TensorBoardLog(directory.logs, self.log_every, minutes=minutes)
        logs = [metrics, tensorboard] if evaluation is None else [evaluation, metrics, tensorboard]
        to_picture, count = _picturing(source, self.images_per_picture)
        if not count:
            return logs
        samples = SampleWriter(
            directory.samples,
            self.sample_every,
            count=count,
            to_picture=to_picture,
            tensorboard=tensorboard,
            minutes=minutes,
            listeners=listeners,
        )
        to_picture, count = _picturing(source, self.images_per_picture, pictures.REAL)
        real = RealPicture(
            directory.real, source, count=count, to_picture=to_picture, listeners=listeners
        )
        # Before the TensorBoard log, which closes its file at the end.
        return [real, samples, *logs]

    def watch(
        self,
        directory: RunDirectory,
        source: Source,
        batch_size: int,
        listeners: Listeners | None = None,
    ) -> list[GANHealth]:
        """Returns the callback that tells what goes wrong, unless nobody wants to know."""
        if not self.health:
            return []
        path = directory.health
        return [GANHealth(source, batch_size=batch_size, path=path, listeners=listeners)]

    def checkpoints(self, directory: RunDirectory, monitor: Monitor | None = None) -> Checkpoints:
        """Returns the callback that writes checkpoints.

        Args:
            directory: Where to.
            monitor: What decides which is the best.
        """
        name, mode = monitor or (None, "min")
        return Checkpoints(
            directory.checkpoints,
            self.checkpoint_every,
            keep=self.keep_checkpoints,
            monitor=name,
            mode=mode,
            minutes=self.checkpoint_minutes,
        )

    def progress(self, steps: int, source: Source) -> ProgressBar:
        """Returns the callback that says how far a run is, and when what a person waits for comes.

        Args:
            steps: Steps of the whole run.
            source: The data, of which the shape says whether there are pictures.
        """
        every = (
            {"picture": self.sample_every} if _picturing(source, self.images_per_picture)[1] else {}
        )
        return ProgressBar(
            steps,
            every={**every, "checkpoint": self.checkpoint_every},
            minutes=self.checkpoint_minutes,
            part=self.part,
            after=self.after,
        )


def _picturing(
    source: Source, images: int, color: str = pictures.GENERATED
) -> tuple[Callable[[np.ndarray], np.ndarray] | None, int]:
    """Returns what makes a picture of such examples, and of how many; 0 if nothing does.

    Args:
        source: The data.
        images: In a picture of images.
        color: Of points.
    """
    shape = tuple(source.example_shape)
    if pictures.are_images(shape):
        return None, images
    if shape != (2,):
        return None, 0
    mixture = getattr(source, "mixture", None)
    to_picture = functools.partial(
        pictures.scatter,
        centers=getattr(mixture, "centers", None),
        density=getattr(mixture, "density", None),
        color=color,
    )
    return to_picture, _POINTS_PER_PICTURE


def _extractor(chosen: str | FeatureExtractor, source: Source) -> FeatureExtractor:
    if not isinstance(chosen, str):
        return chosen
    return extractors.get("pixels" if chosen == "auto" else chosen, source)
