"""The generators of all scales of one image, as one model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class Pyramid(keras.Model):
    """Stages from coarse to fine, each of which adds to the image of the one before.

    As a model it is a generator like any other: latents `[batch, latent_dim]`, the noise of all
    scales one after the other, -> images of the finest size. So `GAN` trains it; the stages below
    the newest have `trainable = False`.

    Args:
        stages: Of `models.patch.build_stage`.
        sizes: Height and width of each scale.
        seed: Decides the noise at the coarsest scale that reconstructs the image.

    Attributes:
        latent_dim: Length of the latent vector of one image.
        reconstruction_noise: `[1, height, width, channels]` of the coarsest scale, a variable.

    References:
        Shaham et al., 2019, SinGAN: Learning a Generative Model from a Single Natural Image,
        arXiv:1905.01164.
    """

    def __init__(
        self,
        stages: Sequence[keras.Model],
        sizes: Sequence[tuple[int, int]],
        *,
        seed: int = 0,
        **kwargs: Any,
    ):
        kwargs.setdefault("name", "generator")
        super().__init__(**kwargs)
        self.stages, self.seed = list(stages), seed
        self.sizes = [(int(height), int(width)) for height, width in sizes]
        self.channels = int(self.stages[0].output_shape[-1])
        self.latent_dim = sum(math.prod(shape) for shape in self._shapes())
        fixed = random.normal(1, self._shapes()[0], random.step_seed(seed, 0, "reconstruction"))
        self.reconstruction_noise = self.add_weight(
            name="reconstruction_noise",
            shape=fixed.shape,
            initializer=lambda shape, dtype=None: tf.cast(fixed, dtype),
            trainable=False,
        )
        self.built = True

    def _shapes(self) -> list[tuple[int, int, int]]:
        return [(*size, self.channels) for size in self.sizes]

    @property
    def input_shape(self) -> Shape:
        """Shape of a batch of latents."""
        return (None, self.latent_dim)

    @property
    def output_shape(self) -> Shape:
        """Shape of a batch of images."""
        return (None, *self._shapes()[-1])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Shape of the images of latents."""
        return (input_shape[0], *self._shapes()[-1])

    def call(self, latents: Tensor, training: bool = False) -> Tensor:
        """Images of the finest size for latents `[batch, latent_dim]`."""
        return self.compose(self.split(latents), training=training)

    def split(self, latents: Tensor) -> list[Tensor]:
        """The noise `[batch, height, width, channels]` of each scale in latents."""
        shapes = self._shapes()
        parts = tf.split(latents, [math.prod(shape) for shape in shapes], axis=1)
        return [tf.reshape(part, (-1, *shape)) for part, shape in zip(parts, shapes, strict=True)]

    def compose(
        self,
        noises: Sequence[Tensor],
        previous: Tensor | None = None,
        *,
        first: int = 0,
        training: bool = False,
    ) -> Tensor:
        """Images from noise of any sizes, each scale's being that of its noise.

        Args:
            noises: `[batch, height, width, channels]` of the scales from `first` on.
            previous: Image that the first of them starts from, of any size; None for zeros.
            first: Number of the scale to start at.
            training: As of Keras; stages that are not trained infer in any case.
        """
        stages = self.stages[first : first + len(noises)]
        for stage, noise in zip(stages, noises, strict=True):
            previous = tf.zeros_like(noise) if previous is None else upsample(previous, noise)
            previous = stage([noise, previous], training=training and stage.trainable)
        return previous

    def reconstruct(self, *, training: bool = False) -> Tensor:
        """The image `[1, height, width, channels]` that the fixed noise stands for."""
        return self(self.reconstruction_latents(), training=training)

    def reconstruction_latents(self) -> Tensor:
        """Latents `[1, latent_dim]`: the fixed noise at the coarsest scale, zeros above it."""
        first = tf.reshape(self.reconstruction_noise, (1, -1))
        return tf.pad(first, [[0, 0], [0, self.latent_dim - first.shape[1]]])

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "stages": [keras.saving.serialize_keras_object(stage) for stage in self.stages],
            "sizes": self.sizes,
            "seed": self.seed,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Pyramid:
        """The pyramid that `get_config` describes."""
        stages = [
            keras.saving.deserialize_keras_object(stage, custom_objects=custom_objects)
            for stage in config["stages"]
        ]
        return cls(**{**config, "stages": stages})


def upsample(image: Tensor, like: Tensor) -> Tensor:
    """Resizes images to the height and width of others, bilinearly, which XLA can compile."""
    return tf.image.resize(image, tf.shape(like)[1:3], method="bilinear")
