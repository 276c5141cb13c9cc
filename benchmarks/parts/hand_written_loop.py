"""The training step that one would write for each gan_type without this library.

Plain TensorFlow and Keras optimisers; nothing here calls `tfgan_losses`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras
import tensorflow as tf

Shape: TypeAlias = Sequence[int] | tf.TensorShape

D_LOSSES: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "cross_entropy": lambda real, fake: tf.reduce_mean(
        tf.nn.softplus(-real) + tf.nn.softplus(fake)
    ),
    "least_squares": lambda real, fake: (
        0.5 * tf.reduce_mean(tf.square(real - 1.0) + tf.square(fake))
    ),
    "wasserstein": lambda real, fake: tf.reduce_mean(fake - real),
    "hinge": lambda real, fake: tf.reduce_mean(tf.nn.relu(1.0 - real) + tf.nn.relu(1.0 + fake)),
}
G_LOSSES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "non_saturating": lambda fake: tf.reduce_mean(tf.nn.softplus(-fake)),
    "minimax": lambda fake: -tf.reduce_mean(tf.nn.softplus(fake)),
    "least_squares": lambda fake: 0.5 * tf.reduce_mean(tf.square(fake - 1.0)),
    "linear": lambda fake: -tf.reduce_mean(fake),
}
# gan_type -> (D's loss, G's loss, D's updates per step, where |grad D| is held to 1, one-sided?)
STEPS: dict[str, tuple[str, str, int, str | None, bool]] = {
    "gan": ("cross_entropy", "non_saturating", 1, None, False),
    "minimax": ("cross_entropy", "minimax", 1, None, False),
    "lsgan": ("least_squares", "least_squares", 1, None, False),
    "wgan": ("wasserstein", "linear", 5, None, False),
    "wgan-gp": ("wasserstein", "linear", 5, "between", False),
    "wgan-lp": ("wasserstein", "linear", 5, "between", True),
    "dragan": ("cross_entropy", "non_saturating", 1, "around", False),
    "hinge": ("hinge", "linear", 1, None, False),
    "sngan": ("hinge", "linear", 5, None, False),
}
_CLIP = {"wgan": 0.01}
_PENALTY_WEIGHT = 10.0


class TensorFlowNoise:
    """What a loop draws from: the hidden state of `tf.random`."""

    def latents(self, shape: Shape, update: int | None) -> tf.Tensor:
        """Returns standard normal numbers; `update` is None in that of the generator."""
        return tf.random.normal(shape)

    def uniform(self, shape: Shape, update: int, low: float, draw: int) -> tf.Tensor:
        """Returns numbers in [low, 1) for the penalty; `draw` counts those of one penalty."""
        return tf.random.uniform(shape, low, 1.0)


class HandWrittenLoop:
    """`step(examples)`: the discriminator's updates, unrolled, and one of the generator.

    Args:
        gan_type: A key of `STEPS`.
        generator: Maps latents to images.
        discriminator: Maps images to logits.
        g_optimizer: Of the generator.
        d_optimizer: Of the discriminator.
        batch_size: Real images per discriminator update.
        latent_dim: Latent variables.
        one_pass: Whether real and generated images go through the discriminator as one batch.
        noise: Where draws come from.
    """

    def __init__(
        self,
        gan_type: str,
        generator: keras.Model,
        discriminator: keras.Model,
        g_optimizer: keras.optimizers.Optimizer,
        d_optimizer: keras.optimizers.Optimizer,
        *,
        batch_size: int,
        latent_dim: int,
        one_pass: bool = False,
        noise: TensorFlowNoise | None = None,
    ):
        d_loss, g_loss, self.d_steps, self.penalty_at, self.one_sided = STEPS[gan_type]
        self.d_loss, self.g_loss = D_LOSSES[d_loss], G_LOSSES[g_loss]
        self.clip = _CLIP.get(gan_type)
        self.generator, self.discriminator = generator, discriminator
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer
        g_optimizer.build(generator.trainable_variables)
        d_optimizer.build(discriminator.trainable_variables)
        self.batch_size, self.latent_shape = batch_size, [batch_size, latent_dim]
        self.one_pass = one_pass
        self.noise = noise or TensorFlowNoise()
        self.d_mean, self.g_mean = keras.metrics.Mean(), keras.metrics.Mean()
        self.step = tf.function(self._step)

    def _step(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        for update in range(self.d_steps):
            real = examples[update * self.batch_size : (update + 1) * self.batch_size]
            self.d_mean.update_state(self._discriminator_step(real, update))
        self.g_mean.update_state(self._generator_step())
        return self.d_mean.result(), self.g_mean.result()

    def _discriminator_step(self, real: tf.Tensor, update: int) -> tf.Tensor:
        fake = self.generator(self.noise.latents(self.latent_shape, update), training=True)
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            if self.one_pass:
                both = self.discriminator(tf.concat([real, fake], axis=0), training=True)
                real_logits, fake_logits = tf.split(both, 2)
            else:
                real_logits = self.discriminator(real, training=True)
                fake_logits = self.discriminator(fake, training=True)
            loss = self.d_loss(real_logits, fake_logits)
            if self.penalty_at is not None:
                loss += _PENALTY_WEIGHT * self._penalty(real, fake, update)
        self.d_optimizer.apply(tape.gradient(loss, variables), variables)
        if self.clip is not None:
            for variable in variables:
                variable.assign(tf.clip_by_value(variable, -self.clip, self.clip))
        return loss

    def _penalty(self, real: tf.Tensor, fake: tf.Tensor, update: int) -> tf.Tensor:
        per_example = [self.batch_size, 1, 1, 1]
        if self.penalty_at == "between":
            alpha = self.noise.uniform(per_example, update, 0.0, 0)
            points = alpha * real + (1.0 - alpha) * fake
        else:
            noise = self.noise.uniform(real.shape, update, 0.0, 0)
            alpha = self.noise.uniform(per_example, update, -1.0, 1)
            noise *= 0.5 * tf.math.reduce_std(real)
            points = tf.clip_by_value(real + alpha * noise, -1.0, 1.0)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            logits = self.discriminator(points, training=True)
        gradients = tape.gradient(logits, points)
        norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]) + 1e-12)
        excess = tf.nn.relu(norms - 1.0) if self.one_sided else norms - 1.0
        return tf.reduce_mean(tf.square(excess))

    def _generator_step(self) -> tf.Tensor:
        latents = self.noise.latents(self.latent_shape, None)
        variables = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            fake = self.generator(latents, training=True)
            loss = self.g_loss(self.discriminator(fake, training=True))
        self.g_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss
