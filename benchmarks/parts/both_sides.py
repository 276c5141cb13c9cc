"""The GAN, the hand-written loop and the data of `train_step.py`, and whether the two are equal."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from parts.hand_written_loop import HandWrittenLoop, Shape, TensorFlowNoise
from tfgan_losses import GAN, gan_types, random
from tfgan_losses.types import Tensor

LATENT_DIM = 128
_SEED, _STEPS_OF_CHECK = 0, 3
_STEPS_OF_SCHEDULES = 10**6  # So many that what changes along a run stands still here.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What is trained, whatever the recipe.

    Attributes:
        image_size: Height and width of the images.
        width: Channels of the networks.
        batch_size: Real images per discriminator update.
        ema_decay: Of the average that `GAN.fit` keeps, and the loop does not; None for none.
        d_normalization: None for the recipe's.
        two_passes: Whether the loop never passes real and generated images through the
            discriminator as one batch.
    """

    image_size: int = 32
    width: int = 32
    batch_size: int = 64
    ema_decay: float | None = None
    d_normalization: str | None = None
    two_passes: bool = False


def make_gan(
    name: str,
    setting: Setting,
    *,
    kind: type[GAN] = GAN,
    **compiled: object,
) -> GAN:
    """Returns a compiled GAN of a recipe.

    Args:
        name: Of the recipe.
        setting: Whose images and networks they are.
        kind: Its class.
        **compiled: Arguments of `compile` instead of the recipe's, such as `g_optimizer`.
    """
    keras.utils.set_random_seed(_SEED)
    return kind.from_recipe(
        dataclasses.replace(gan_types.get(name), ema_decay=setting.ema_decay or 0.0),
        (setting.image_size, setting.image_size, 3),
        steps=_STEPS_OF_SCHEDULES,
        latent_dim=LATENT_DIM,
        width=setting.width,
        d_normalization=setting.d_normalization,
        seed=_SEED,
        **compiled,
    )


def make_loop(
    name: str,
    gan: GAN,
    setting: Setting,
    *,
    noise: TensorFlowNoise | None = None,
    **optimizers: keras.optimizers.Optimizer,
) -> HandWrittenLoop:
    """Returns the loop with copies of the networks of a GAN that has not been trained.

    Args:
        name: Of the recipe.
        gan: Of `make_gan`.
        setting: As for `make_gan`.
        noise: Where draws come from.
        **optimizers: As for `make_gan`.
    """
    networks = [keras.models.clone_model(x) for x in (gan.generator, gan.discriminator)]
    for copy, original in zip(networks, (gan.generator, gan.discriminator), strict=True):
        copy.set_weights(original.get_weights())
    recipe = gan_types.get(name)
    own = {"g_optimizer": recipe.make_optimizer(), "d_optimizer": recipe.make_optimizer()}
    return HandWrittenLoop(
        name,
        *networks,
        **(optimizers or own),
        batch_size=setting.batch_size,
        latent_dim=LATENT_DIM,
        one_pass=gan.pair.joint_pass and not setting.two_passes,
        noise=noise,
    )


def make_dataset(d_steps: int, setting: Setting) -> tf.data.Dataset:
    """Returns noise in the shape of images, without end."""
    shape = (20 * setting.batch_size, setting.image_size, setting.image_size, 3)
    images = np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat()
    return dataset.batch(setting.batch_size * d_steps, drop_remainder=True).prefetch(2)


class NoiseOfGAN(TensorFlowNoise):
    """The draws of `GAN`, so that both sides can be compared.

    Attributes:
        step: Steps that were drawn for; whoever compares counts it.
    """

    def __init__(self, gan: GAN):
        self.gan, self.step = gan, tf.Variable(0, dtype=tf.int64)
        self.penalty = next((penalty.name for penalty in gan.objective.penalties), "none")

    def latents(self, shape: Shape, update: int | None) -> Tensor:
        """Returns the latents of an update of the discriminator, or for None of the generator."""
        if update is None:
            return self.gan.pair.latents(tf.zeros(shape), "generator", self.step)
        return self.gan.pair.latents(tf.zeros(shape), "discriminator", self._number_of(update))

    def uniform(self, shape: Shape, update: int, low: float, draw: int) -> Tensor:
        """Returns the numbers that the penalty draws in an update of the discriminator."""
        seed = random.step_seed(_SEED, self._number_of(update), self.penalty)
        return random.uniform(shape[0], shape[1:], random.split(seed, 2)[draw], low)

    def _number_of(self, update: int) -> Tensor:
        return self.step * self.gan.d_steps + update


def check(name: str, setting: Setting) -> bool:
    """Returns whether `GAN.fit` and the loop reach the same weights by the same draws and SGD."""
    keras.backend.clear_session()
    rules = [
        {key: keras.optimizers.SGD(0.01) for key in ("g_optimizer", "d_optimizer")}
        for _ in range(2)
    ]
    gan = make_gan(name, setting, **rules[0])
    noise = NoiseOfGAN(gan)
    loop = make_loop(name, gan, setting, noise=noise, **rules[1])
    dataset = make_dataset(gan.d_steps, setting)
    start = _weights(gan)
    fitted = gan.fit(dataset, steps_per_epoch=_STEPS_OF_CHECK, verbose=0, shuffle=False)
    for batch in dataset.take(_STEPS_OF_CHECK):
        # The slices of the loop are then what GAN takes: every d_steps-th example.
        parts = [batch[part :: gan.d_steps] for part in range(gan.d_steps)]
        means = loop.step(tf.concat(parts, axis=0))
        noise.step.assign_add(1)
    moved = np.linalg.norm(_weights(gan) - start)
    apart = np.linalg.norm(_weights(gan) - _weights(loop)) / moved
    losses = [*(fitted.history[key][0] for key in ("d_loss", "g_loss")), *map(float, means)]
    same = bool(apart < 1e-3 and np.allclose(losses[:2], losses[2:], rtol=1e-3, atol=1e-5))
    print(
        f"{name}: {'same' if same else 'DIFFERENT'}; d_loss {losses[0]:.6f} and {losses[2]:.6f}, "
        f"g_loss {losses[1]:.6f} and {losses[3]:.6f}, weights {apart:.1e} of their way apart",
        flush=True,
    )
    return same


def _weights(sides: GAN | HandWrittenLoop) -> np.ndarray:
    variables = [*sides.generator.variables, *sides.discriminator.variables]
    return np.concatenate([np.ravel(x) for x in variables])
