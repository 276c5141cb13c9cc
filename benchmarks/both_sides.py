"""The GAN, the hand-written loop and the data of `train_step.py`, and whether the two are equal."""

from __future__ import annotations

import argparse
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from hand_written_loop import HandWrittenLoop

from tfgan_losses import GAN, gan_types, models, random

LATENT_DIM = 128
_SEED, _STEPS_OF_CHECK = 0, 3
_STEPS_OF_SCHEDULES = 10**6  # So many that what changes along a run stands still here.


def make_gan(name: str, args: argparse.Namespace, optimizers: dict | None = None) -> GAN:
    """A compiled GAN of the recipe."""
    keras.utils.set_random_seed(_SEED)
    recipe = gan_types.get(name)
    shape = (args.image_size, args.image_size, 3)
    family = recipe.model or "dcgan"
    gan = GAN(
        models.build_generator(
            family,
            example_shape=shape,
            latent_dim=LATENT_DIM,
            width=args.width,
            normalization=recipe.g_normalization,
        ),
        models.build_discriminator(
            family,
            example_shape=shape,
            width=args.width,
            normalization=args.d_normalization or recipe.d_normalization,
        ),
        latent_dim=LATENT_DIM,
        d_steps=recipe.d_steps,
        ema_decay=args.ema_decay,
        seed=_SEED,
    )
    gan.compile(**{**recipe.compile_arguments(_STEPS_OF_SCHEDULES), **(optimizers or {})})
    return gan


def make_loop(
    name: str, gan: GAN, args: argparse.Namespace, optimizers: dict | None = None, noise: Any = None
) -> HandWrittenLoop:
    """The loop with copies of the networks of a GAN that has not been trained."""
    networks = [keras.models.clone_model(x) for x in (gan.generator, gan.discriminator)]
    for copy, original in zip(networks, (gan.generator, gan.discriminator), strict=True):
        copy.set_weights(original.get_weights())
    recipe = gan_types.get(name)
    own = {"g_optimizer": recipe.make_optimizer(), "d_optimizer": recipe.make_optimizer()}
    return HandWrittenLoop(
        name,
        *networks,
        **(optimizers or own),
        batch_size=args.batch_size,
        latent_dim=LATENT_DIM,
        one_pass=gan.pair.joint_pass and not args.two_passes,
        noise=noise,
    )


def make_dataset(d_steps: int, args: argparse.Namespace) -> tf.data.Dataset:
    """Noise in the shape of images, without end."""
    shape = (20 * args.batch_size, args.image_size, args.image_size, 3)
    images = np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat()
    return dataset.batch(args.batch_size * d_steps, drop_remainder=True).prefetch(2)


class NoiseOfGAN:
    """The draws of `GAN`, so that both sides can be compared."""

    def __init__(self, gan: GAN):
        self.gan, self.step = gan, tf.Variable(0, dtype=tf.int64)
        self.penalty = gan.objective.penalties[0].name if gan.objective.penalties else None

    def latents(self, shape, update):
        if update is None:
            seed = random.step_seed(_SEED, self.step, "generator latents")
        else:
            count = self.step * self.gan.d_steps + update
            seed = random.step_seed(_SEED, count, "critic latents")
        return random.normal(shape[0], shape[1:], seed)

    def uniform(self, shape, update, low, draw):
        count = self.step * self.gan.d_steps + update
        seed = random.step_seed(_SEED, count, self.penalty)
        return random.uniform(shape[0], shape[1:], random.split(seed, 2)[draw], low)


def check(name: str, args: argparse.Namespace) -> bool:
    """Whether `GAN.fit` and the loop, with the same draws and plain SGD, reach the same weights."""
    keras.backend.clear_session()
    rules = [
        {key: keras.optimizers.SGD(0.01) for key in ("g_optimizer", "d_optimizer")}
        for _ in range(2)
    ]
    gan = make_gan(name, args, rules[0])
    noise = NoiseOfGAN(gan)
    loop = make_loop(name, gan, args, rules[1], noise)
    dataset = make_dataset(gan.d_steps, args)
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
    same = apart < 1e-3 and np.allclose(losses[:2], losses[2:], rtol=1e-3, atol=1e-5)
    print(
        f"{name}: {'same' if same else 'DIFFERENT'}; d_loss {losses[0]:.6f} and {losses[2]:.6f}, "
        f"g_loss {losses[1]:.6f} and {losses[3]:.6f}, weights {apart:.1e} of their way apart",
        flush=True,
    )
    return same


def _weights(sides: GAN | HandWrittenLoop) -> np.ndarray:
    variables = [*sides.generator.variables, *sides.discriminator.variables]
    return np.concatenate([np.ravel(x) for x in variables])
