"""What a trained GAN is used for: samples, and a generator that goes elsewhere."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import sampling
from tfgan_losses.export import write_saved_model
from tfgan_losses.training import data_checks
from tfgan_losses.training.two_player_model import TwoPlayerModel
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
    def _draw(self) -> Callable[..., Tensor]:
        widths = [self.latent_dim] + ([self.condition.size] if self.condition else [])
        specs = [tf.TensorSpec([None, width], tf.float32) for width in widths]
        signature = [specs if self.condition else specs[0]]
        return tf.function(lambda inputs: self.call(inputs), input_signature=signature)

    def generate(
        self,
        count: int,
        *,
        seed: int = 0,
        labels: np.ndarray | int | None = None,
        codes: np.ndarray | Iterable[float] | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draws samples.

        Args:
            count: How many.
            seed: Determines the latents; the same seed gives the same latents at every step.
            labels: Classes of the samples, integers [count] or one-hot [count, num_classes], or
                one integer for all. Drawn evenly if None. Only for a GAN with such a condition.
            codes: Codes of the samples, [count, factors]: a column for each code, with the index
                of a class or a number in [-1, 1]; or one row for all. Drawn if None.
            batch_size: How many to make at a time.

        Returns:
            Float32 array [count, ...], images in [-1, 1].

        Raises:
            ValueError: If count is not positive, or labels or codes do not fit the condition.
        """
        if count < 1:
            raise ValueError(f"Expected count >= 1. Received: count={count}")
        values = data_checks.check_values(self.condition, count, labels=labels, codes=codes)
        inputs = sampling.generator_inputs(count, self.latent_dim, self.condition, seed, values)
        return self._in_batches(inputs, batch_size)

    def generate_rows(self, columns: int, *, seed: int = 0) -> np.ndarray:
        """Samples for a picture with one class, or one value of the first code, in each row.

        Args:
            columns: Samples per row; those of a column have the same latents.
            seed: Determines the latents.

        Returns:
            Float32 array [condition.rows * columns, ...].

        Raises:
            ValueError: If the GAN has no condition.
        """
        if self.condition is None:
            raise ValueError("Expected a GAN with a condition. Received: condition=None")
        return self._in_batches(
            sampling.row_inputs(columns, self.latent_dim, self.condition, seed), 256
        )

    def _in_batches(self, inputs: Tensor | list[Tensor], batch_size: int) -> np.ndarray:
        count = len(tf.nest.flatten(inputs)[0])
        parts = [slice(start, start + batch_size) for start in range(0, count, batch_size)]
        return np.concatenate(
            [self._draw(tf.nest.map_structure(lambda x, p=part: x[p], inputs)) for part in parts]
        )

    def export_generator(self, path: str | os.PathLike) -> None:
        """Writes the generator as a SavedModel that needs only TensorFlow to be used.

        It has the signatures `serving_default` (latents [batch, latent_dim] -> samples) and
        `sample` (count, seed -> samples, those of `generate`), in inference mode, with the
        averaged weights if an average is kept. Under a condition, `serving_default` takes labels
        or codes, too, and `sample` may be given them.
        """
        write_saved_model(self.sampler, self.latent_dim, self.condition, path)
