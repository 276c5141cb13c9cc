"""A gradient penalty and its gradient in several number formats, against float64."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from parts import tf32
from tfgan_losses import GAN, gan_types, penalties, random
from tfgan_losses.datasets import Source
from tfgan_losses.penalties.base import GradientNormPenalty
from tfgan_losses.penalties.measures import squared_norm
from tfgan_losses.training.critic import input_gradients
from tfgan_losses.types import Tensor

FORMATS = ("float32", "tf32", "mixed_bfloat16", "mixed_float16")
# Of a loss in float16, as Keras begins; it is halved until all gradients are finite.
_FIRST_SCALE = 2.0**15


class Evaluated(NamedTuple):
    """A penalty, a number, and its gradient with respect to all weights, [n] in float64."""

    penalty: float
    gradient: np.ndarray


class Errors(NamedTuple):
    """Of a penalty, relative; of its gradient, relative to its norm; 1 - cosine of both."""

    penalty: float
    gradient: float
    angle: float


@contextlib.contextmanager
def number_format(name: str) -> Iterator[None]:
    """Inside it, networks are built and traced in a format: float64 or one of `FORMATS`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if name == "tf32" else name)
    try:
        with tf32.products(name == "tf32"):
            yield
    finally:
        keras.config.set_dtype_policy(before)


class Comparison:
    """One recipe on one data set.

    Args:
        recipe: Name in `gan_types`, with a penalty on the norm of the gradient.
        source: Images.
        batch_size: Real images, and as many generated ones.
        width: Of the networks.
        steps: Of the whole training, which schedules go by.
    """

    def __init__(self, recipe: str, source: Source, *, batch_size: int, width: int, steps: int):
        self._recipe, self._source = recipe, source
        self._width, self._steps, self._batch_size = width, steps, batch_size
        terms = map(penalties.get, gan_types.get(recipe).penalties)
        self._penalty = next(term for term in terms if isinstance(term, GradientNormPenalty))
        self.gan = self._make()

    @property
    def name(self) -> str:
        """The recipe and its penalty."""
        return f"{self._recipe}, {self._penalty.name}"

    def train(self, steps: int) -> None:
        """Makes steps in float32."""
        batches = self._source.batches(
            self._batch_size * self.gan.d_steps, start=int(self.gan.step.numpy())
        ).map(lambda *batch: batch[0])
        self.gan.fit(batches, steps_per_epoch=steps, verbose=0)

    def errors(self) -> dict[str, Errors]:
        """Of each format, and for scale of float64 on another batch, at the weights of now."""
        size = self._batch_size
        reals = tf.split(self._source.take(2 * size)[0], 2)
        latents = random.normal(2 * size, [self.gan.latent_dim], random.step_seed(0, 0, "latents"))
        fakes = tf.split(self.gan.generator(latents, training=True), 2)
        exact = self._evaluated("float64", reals[0], fakes[0])
        found = {name: self._evaluated(name, reals[0], fakes[0]) for name in FORMATS}
        found["float64, another batch"] = self._evaluated("float64", reals[1], fakes[1])
        return {name: _errors(value, exact) for name, value in found.items()}

    def _make(self) -> GAN:
        return GAN.from_recipe(
            self._recipe,
            self._source.example_shape,
            width=self._width,
            steps=self._steps,
            seed=0,
        )

    def _evaluated(self, name: str, real: Tensor, fake: Tensor) -> Evaluated:
        with number_format(name):
            discriminator = self._make().discriminator
            discriminator.set_weights(self.gan.discriminator.get_weights())
            points = self._penalty.points(real, fake, random.step_seed(0, 0, "points"))
            if name == "float64":
                points = tf.cast(points, tf.float64)

            @tf.function
            def evaluate(scale: Tensor) -> tuple[Tensor, list[Tensor]]:
                with tf.GradientTape() as tape:
                    slopes = input_gradients(lambda x: discriminator(x, training=True), points)
                    penalty = tf.reduce_mean(self._penalty.measure(squared_norm(slopes)))
                    loss = tf.cast(scale, penalty.dtype) * penalty
                variables = [v.value for v in discriminator.trainable_variables]
                zero = tf.UnconnectedGradients.ZERO
                return penalty, tape.gradient(loss, variables, unconnected_gradients=zero)

            scale = _FIRST_SCALE if name == "mixed_float16" else 1.0
            while True:
                penalty, gradients = evaluate(tf.constant(scale))
                flat = np.concatenate([np.asarray(g, np.float64).ravel() for g in gradients])
                if scale == 1.0 or np.isfinite(flat).all():
                    return Evaluated(float(penalty), flat / scale)
                scale /= 2


def _errors(found: Evaluated, exact: Evaluated) -> Errors:
    norm = np.linalg.norm(exact.gradient)
    cosine = found.gradient @ exact.gradient / (norm * np.linalg.norm(found.gradient))
    return Errors(
        abs(found.penalty / exact.penalty - 1),
        float(np.linalg.norm(found.gradient - exact.gradient) / norm),
        float(1 - cosine),
    )
