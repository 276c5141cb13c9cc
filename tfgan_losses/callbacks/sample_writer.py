"""Pictures of samples while training."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfgan_losses.callbacks.listeners import Listeners
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.callbacks.tensorboard_log import TensorBoardLog
from tfgan_losses.run_files import pictures
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs

_COLUMNS_OF_A_ROW = 8


class SampleWriter(StepCallback):
    """Writes `step_00001000.png`: what the generator makes of always the same latents.

    One picture before the first step, one every `every` steps, one at the end. Under a condition,
    a grid of images has one class, or one value of the first code, in each row.

    Args:
        directory: Where the pictures go; made if needed.
        every: Steps between two pictures.
        count: Samples per picture.
        seed: Chooses the latents, which stay the same for all pictures.
        to_picture: Turns samples [count, ...] into uint8 [H, W, 3]. Without it, images
            [count, h, w, c] are shown as a grid and 2-D points [count, 2] as a scatter plot.
        tensorboard: Gets the pictures too.
        minutes: After so long without a picture there is one, at whatever step; None is never.
        listeners: Get the file of each picture, too.

    Raises:
        ValueError: If `every` or `count` is not an integer >= 1, or, in training, if the samples
            are neither images nor 2-D points and `to_picture` is not given.

    Examples:
        >>> import pathlib
        >>> import tempfile
        >>> import numpy as np
        >>> from tfgan_losses import GAN, callbacks
        >>> gan = GAN.from_recipe("hinge", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.zeros([80, 2], "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     writer = callbacks.SampleWriter(folder, every=10, count=16)
        ...     history = gan.fit(points, batch_size=8, verbose=0, callbacks=[writer])
        ...     names = sorted(path.name for path in pathlib.Path(folder).iterdir())
        >>> names
        ['step_00000000.png', 'step_00000010.png']
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        every: int,
        *,
        count: int = 64,
        seed: int = 0,
        to_picture: Callable[[np.ndarray], np.ndarray] | None = None,
        tensorboard: TensorBoardLog | None = None,
        minutes: float | None = None,
        listeners: Listeners | None = None,
    ):
        super().__init__()
        check_positive(every=every, count=count)
        self.directory = Path(directory)
        self.every = every
        self.count = count
        self.seed = seed
        self.to_picture = to_picture
        self.tensorboard = tensorboard
        self.minutes = minutes
        self.listeners = listeners or Listeners()
        self._written_step = -1

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Shows the untrained generator."""
        super().on_train_begin(logs)
        self.directory.mkdir(parents=True, exist_ok=True)
        # After a kill between the last checkpoint and the last picture, that one is missing.
        self._written_step = self.step if self._path().exists() else -1
        if self.step == 0:
            self._write()

    def steps_until_due(self) -> float:
        """Returns the steps to the next picture."""
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Writes a picture if it is time."""
        super().on_train_batch_end(batch, logs)
        if self.due(self.every) or self.late(self.minutes):
            self._write()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Writes that of the last step."""
        super().on_train_end(logs)
        if self.step > self._written_step:
            self._write()

    def _path(self) -> Path:
        return self.directory / f"step_{self.step:08d}.png"

    def _write(self) -> None:
        picture = self._picture()
        pictures.write_png(self._path(), picture)
        if self.tensorboard is not None:
            self.tensorboard.write_image("samples", picture, self.step)
        self._written_step = self.step
        self.listeners.picture(self.step, "samples", self._path())

    def _picture(self) -> np.ndarray:
        gan = self.model
        if self.to_picture is None and gan.condition is not None and len(gan.example_shape) == 3:
            rows = gan.generate_rows(_COLUMNS_OF_A_ROW, seed=self.seed)
            return pictures.image_grid(rows, columns=_COLUMNS_OF_A_ROW)
        samples = np.asarray(gan.generate(self.count, seed=self.seed), np.float32)
        return (self.to_picture or samples_to_picture)(samples)


def samples_to_picture(samples: np.ndarray) -> np.ndarray:
    """Returns a grid of images [n, h, w, c] or a plot of points [n, 2]; uint8 [H, W, 3].

    Raises:
        ValueError: For any other shape.
    """
    if samples.ndim == 4:
        return pictures.image_grid(samples)
    if samples.ndim == 2 and samples.shape[1] == 2:
        return pictures.scatter(samples)
    raise ValueError(
        "Expected samples that are images [n, h, w, c] or 2-D points [n, 2]; for others, pass "
        f"to_picture=... to SampleWriter. Received: samples of shape {samples.shape}"
    )
