"""What a run keeps of its way, as callbacks."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfgan_losses.callbacks import (
    Checkpoints,
    GANHealth,
    MetricsLog,
    ProgressBar,
    RealPicture,
    SampleWriter,
    TensorBoardLog,
)
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.training.checks import check_positive

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

_IMAGES_PER_PICTURE = 64
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
        monitor: Name of a metric; the checkpoint with its best value stays, too.
        monitor_mode: `"min"` if a lower value of it is better, `"max"` if a higher one is.
        health: Whether what goes wrong is told; see `GANHealth`.

    Raises:
        ValueError: If a number is not an integer >= 1.
    """

    log_every: int = 100
    sample_every: int = 1000
    checkpoint_every: int = 1000
    checkpoint_minutes: int = 10
    keep_checkpoints: int = 3
    monitor: str | None = None
    monitor_mode: str = "min"
    health: bool = True

    def __post_init__(self) -> None:
        check_positive(
            log_every=self.log_every,
            sample_every=self.sample_every,
            checkpoint_every=self.checkpoint_every,
            checkpoint_minutes=self.checkpoint_minutes,
            keep_checkpoints=self.keep_checkpoints,
        )

    def reports(
        self, directory: RunDirectory, source: Source, *, chief: bool = True
    ) -> list[keras.callbacks.Callback]:
        """Returns the callbacks that write metrics and pictures.

        Args:
            directory: Where to.
            source: The data, of which the shape says whether there are pictures; `real.png` shows
                some of it.
            chief: Whether this worker writes; the others keep the means that the chief writes.
        """
        minutes = self.checkpoint_minutes
        metrics = MetricsLog(directory.metrics_csv, self.log_every, minutes=minutes)
        if not chief:
            return [metrics]
        tensorboard = TensorBoardLog(directory.logs, self.log_every, minutes=minutes)
        to_picture, count = _picturing(source)
        if not count:
            return [metrics, tensorboard]
        samples = SampleWriter(
            directory.samples,
            self.sample_every,
            count=count,
            to_picture=to_picture,
            tensorboard=tensorboard,
            minutes=minutes,
        )
        to_picture, count = _picturing(source, pictures.REAL)
        real = RealPicture(directory.real, source, count=count, to_picture=to_picture)
        # Before the TensorBoard log, which closes its file at the end.
        return [real, samples, metrics, tensorboard]

    def watch(self, directory: RunDirectory, source: Source, batch_size: int) -> list[GANHealth]:
        """Returns the callback that tells what goes wrong, unless nobody wants to know."""
        if not self.health:
            return []
        return [GANHealth(source, batch_size=batch_size, path=directory.health)]

    def checkpoints(self, directory: RunDirectory) -> Checkpoints:
        """Returns the callback that writes checkpoints."""
        return Checkpoints(
            directory.checkpoints,
            self.checkpoint_every,
            keep=self.keep_checkpoints,
            monitor=self.monitor,
            mode=self.monitor_mode,
            minutes=self.checkpoint_minutes,
        )

    def progress(self, steps: int, source: Source) -> ProgressBar:
        """Returns the callback that says how far a run is, and when what a person waits for comes.

        Args:
            steps: Generator updates of the whole run.
            source: The data, of which the shape says whether there are pictures.
        """
        every = {"picture": self.sample_every} if _picturing(source)[1] else {}
        return ProgressBar(
            steps,
            every={**every, "checkpoint": self.checkpoint_every},
            minutes=self.checkpoint_minutes,
        )


def _picturing(
    source: Source, color: str = pictures.GENERATED
) -> tuple[Callable[[np.ndarray], np.ndarray] | None, int]:
    """Returns what makes a picture of such examples, and of how many; 0 if nothing does.

    Args:
        source: The data.
        color: Of points.
    """
    shape = tuple(source.example_shape)
    if len(shape) == 3 and shape[-1] in (1, 3, 4):
        return None, _IMAGES_PER_PICTURE
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
