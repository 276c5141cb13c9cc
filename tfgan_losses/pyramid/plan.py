"""What decides the training of a pyramid, and the GAN of each of its scales.

As in SinGAN's paper and the authors' code, but for this: the noise that reconstructs the image is
one draw, as in the paper (their code draws it anew in every iteration of the coarsest scale); each
of the generator's updates has noise of its own (theirs repeats one graph); at the coarsest scale
every channel has its own noise (theirs has one for all); and between two scales images are enlarged
bilinearly, which XLA can compile.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.gan import GAN
from tfgan_losses.gan_types import GANType
from tfgan_losses.models.patch import build_critic, build_stage
from tfgan_losses.pyramid import images
from tfgan_losses.pyramid.concurrent import graded
from tfgan_losses.pyramid.pyramid import Pyramid, upsample
from tfgan_losses.pyramid.scales import Scales
from tfgan_losses.training.checks import check_positive

# Of the noise beside what the scales below leave to be made.
_NOISE = 0.1


@dataclasses.dataclass(frozen=True)
class Plan:
    """How a pyramid is trained on one image.

    Attributes:
        recipe: Of whose networks only the objective and the optimisers count.
        image: Float32 `[height, width, channels]` in [-1, 1].
        scales: Of the image.
        steps: Generator updates at each scale.
        width: Channels of the convolutions of the coarsest scale.
        concurrent: So many of the newest stages train together.
        seed: Decides the initial weights and every random draw.
        compile_arguments: Of `GAN.compile`, instead of the recipe's; optimisers are made anew for
            each scale.

    Raises:
        ValueError: If a number is out of its range, the image is none, or the recipe asks for more
            than a generator of one image.
    """

    recipe: GANType
    image: np.ndarray
    scales: Scales
    steps: int
    width: int = 32
    concurrent: int = 1
    seed: int = 0
    compile_arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        check_positive(steps=self.steps, width=self.width, concurrent=self.concurrent)
        images.check_image(self.image)
        kind, _ = self.recipe.discriminator
        if self.recipe.condition is not None or kind != "plain":
            raise ValueError(
                "Expected a recipe without a condition and with a plain discriminator for one "
                f"image. Received: recipe={self.recipe.name!r}, condition="
                f"{self.recipe.condition!r}, discriminator={kind!r}"
            )
        if self.recipe.ema_decay:
            raise ValueError(
                "Expected a recipe with ema_decay=0, since a scale starts from the networks of the "
                f"one below as they are. Received: ema_decay={self.recipe.ema_decay!r}"
            )

    @functools.cached_property
    def reals(self) -> list[np.ndarray]:
        """The image at each scale, `[height, width, channels]`."""
        return images.at_scales(self.image, self.scales)

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of the convolutions at each scale."""
        return self.scales.widths(self.width)

    def source(self, scale: int) -> MemorySource:
        """The data of one scale: its image."""
        height, width = self.scales.sizes[scale]
        return MemorySource.from_arrays(self.reals[scale][None], name=f"image {height}x{width}")

    def gan(self, scale: int, below: GAN | None = None) -> GAN:
        """The compiled GAN of one scale before its first step.

        Its generator is the pyramid up to there. Stage and critic start as copies of those below,
        where they have as many channels.

        Args:
            scale: Its number, 0 for the coarsest.
            below: That of the scale before, trained; its stages are used, not copied.
        """
        seed = random.derived_seed(self.seed, f"scale {scale}")
        channels, width = self.image.shape[-1], self.widths[scale]
        amplitude = 1.0 if below is None else self._amplitude(scale, below)
        stage = build_stage(channels, width=width, amplitude=amplitude, seed=seed)
        critic = build_critic(channels, width=width, seed=random.derived_seed(seed, "critic"))
        stages = [stage]
        if below is not None:
            stages = [*below.generator.stages, stage]
            if self.widths[scale - 1] == width:
                stage.set_weights(stages[-2].get_weights())
                critic.set_weights(below.discriminator.get_weights())
        for number, each in enumerate(stages):
            each.trainable = number > scale - self.concurrent
        generator = Pyramid(stages, self.scales.sizes[: scale + 1], seed=self.seed)
        gan = GAN(generator, critic, latent_dim=generator.latent_dim, seed=seed)
        arguments = self._compile_arguments()
        trained = [each for each in stages if each.trainable]
        arguments["g_optimizer"] = graded(arguments["g_optimizer"], trained)
        gan.compile(**arguments)
        return gan

    def _amplitude(self, scale: int, below: GAN) -> float:
        """That of the noise: a tenth of what the scales below leave to be made."""
        left = images.error(self.reals[scale], self._enlarged(scale, below))
        # So that the last bits of another machine make no other network.
        return float(f"{_NOISE * left:.5g}")

    def _enlarged(self, scale: int, below: GAN) -> np.ndarray:
        reconstruction = below.generator.reconstruct()
        return upsample(reconstruction, tf.constant(self.reals[scale][None])).numpy()[0]

    def reconstruction_error(self, gan: GAN) -> float:
        """The RMSE between the image and what the fixed noise makes, both in [-1, 1]."""
        scale = len(gan.generator.stages) - 1
        return images.error(self.reals[scale], gan.generator.reconstruct().numpy()[0])

    def _compile_arguments(self) -> dict[str, Any]:
        of_recipe = {
            **self.recipe.compile_arguments(self.steps),
            "augmentation": self.recipe.augmentation_of(self.image.shape),
        }
        arguments = {**of_recipe, **self.compile_arguments}
        for role in ("g_optimizer", "d_optimizer"):
            optimizer = keras.optimizers.get(arguments[role])
            arguments[role] = type(optimizer).from_config(optimizer.get_config())
        return arguments
