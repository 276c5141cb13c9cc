"""What a trained GAN is used for: samples, and a generator that goes elsewhere."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import sampling
from tfgan_losses.exporting import writing
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.training import data_checks
from tfgan_losses.training.checks import check_positive
from tfgan_losses.training.two_player_model import TwoPlayerModel
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Tensor


class SamplingModel(TwoPlayerModel):
    """The part of `GAN` that makes samples.

    Attributes:
        latent_dim: Number of standard normal latent variables.
        ema_generator: The averaged generator, or None.
    """

    latent_dim: int
    ema_generator: keras.Model | None

    @property
    def sampler(self) -> keras.Model:
        """The generator to draw samples with: the average if one is kept."""
        return self.generator if self.ema_generator is None else self.ema_generator

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Samples, float32, for latents [batch, latent_dim], as `generate` makes them.

        Under a condition, for a list of latents and encoded labels or codes.
        """
        return tf.cast(self.sampler(inputs, training=training), tf.float32)

    @functools.cached_property
    def draw(self) -> Callable[..., Tensor]:
        """`call` of such inputs as one graph, which `generate` runs for each part of a batch."""
        return sampling.graph_of(lambda inputs: self.call(inputs), self.latent_dim, self.condition)

    def generate(
        self,
        count: int,
        *,
        seed: int = 0,
        labels: np.ndarray | Sequence[int | str] | int | str | None = None,
        codes: np.ndarray | Iterable[float] | None = None,
        truncation: Truncation | float | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draws samples.

        Args:
            count: How many.
            seed: An integer that determines the latents, the same ones at every step of a training;
                another integer for other samples.
            labels: Classes of the samples: a number or a name of `class_names` for each, one-hot
                [count, num_classes], or one number or name for all. Drawn evenly if None. Only for
                a GAN with such a condition.
            codes: Codes of the samples, [count, factors]: a column for each code, with the index
                of a class or a number in [-1, 1]; or one row for all. Drawn if None.
            truncation: Latents of less variety, which make likelier samples: a number above 0 that
                none is beyond, or a `Truncation`.
            batch_size: How many to make at a time.

        Returns:
            Float32 array [count, ...], what the generator makes, for metrics, too. Images are in
            [-1, 1] if it ends in tanh; those of a linear output, as r3gan's, leave it a little, and
            are shown by `np.clip(images, -1, 1)`. `sample` of the export clips.

        Raises:
            ValueError: If count or batch_size is no integer >= 1, seed no integer of 64 bits,
                truncation not above 0, or labels or codes do not fit the condition.
        """
        check_positive(count=_plain(count), batch_size=_plain(batch_size))
        _check_seed(seed)
        values = data_checks.check_values(self.condition, count, labels=labels, codes=codes)
        inputs = sampling.generator_inputs(
            count, self.latent_dim, self.condition, seed, values, truncation=truncation
        )
        return self._in_batches(inputs, batch_size)

    def generate_rows(self, columns: int, *, seed: int = 0) -> np.ndarray:
        """Samples for a picture with one class, or one value of the first code, in each row.

        Args:
            columns: Samples per row; those of a column have the same latents.
            seed: Determines the latents.

        Returns:
            Float32 array [condition.rows * columns, ...].

        Raises:
            ValueError: If the GAN has no condition, columns is no integer >= 1, or seed no integer.
        """
        check_positive(columns=_plain(columns))
        _check_seed(seed)
        if self.condition is None:
            raise ValueError("Expected a GAN with a condition. Received: condition=None")
        return self._in_batches(
            sampling.row_inputs(columns, self.latent_dim, self.condition, seed), 256
        )

    def _in_batches(self, inputs: Tensor | list[Tensor], batch_size: int) -> np.ndarray:
        count = len(tf.nest.flatten(inputs)[0])
        parts = [slice(start, start + batch_size) for start in range(0, count, batch_size)]
        return np.concatenate(
            [self.draw(tf.nest.map_structure(lambda x, p=part: x[p], inputs)) for part in parts]
        )

    def export_generator(self, path: str | os.PathLike) -> None:
        """Writes the generator, with the averaged weights if an average is kept.

        A path that ends in `.tflite`, `.onnx` or `.keras` is a new file of that format, from
        latents, and labels or codes, to `samples`, in inference mode and float32. It is written
        only if its own runtime makes the generator's samples of it; docs/export.md says more.

        Any other path is the directory of a SavedModel that needs only TensorFlow to be used. It
        has the signatures `serving_default` (latents [batch, latent_dim] -> samples) and `sample`
        (count, seed -> samples, those of `generate`). Under a condition, `serving_default` takes
        labels or codes, too, and `sample` may be given them; a label is the number of a class, and
        the function `class_names()` returns the names of all, if they have any.

        `sample` gives images [height, width, 1 or 3] that can be shown, clipped to [-1, 1];
        `serving_default` what the network makes.

        Raises:
            ValueError: If the packages of a format are missing, its file is there, or the format
                cannot hold the generator.
            OSError: If it cannot be written.
        """
        writing.export(TrainedGenerator(self.sampler, self.latent_dim, self.condition), path)


def _plain(number: object) -> object:
    """An integer of NumPy as one of Python; anything else as it is."""
    return int(number) if isinstance(number, np.integer) else number


def _check_seed(seed: object) -> None:
    seed = _plain(seed)
    if isinstance(seed, bool) or not isinstance(seed, int) or not -(2**63) <= seed < 2**63:
        raise ValueError(
            "Expected seed to be an integer of 64 bits, such as seed=0; another one gives other "
            f"samples. Received: seed={seed!r}"
        )
