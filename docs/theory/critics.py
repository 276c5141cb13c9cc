"""Small critics between two fixed distributions, and what they are judged by."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import scipy.optimize
import tensorflow as tf
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from tfgan_losses import constraints, losses, penalties, random

# Maps a seed, int64 [2], to a batch of examples, float32 [batch, dimension].
Sampler = Callable[[tf.Tensor], tf.Tensor]


def gaussian(mean: ArrayLike, std: ArrayLike, *, batch: int = 256, dimension: int = 1) -> Sampler:
    """Draws [batch, dimension] from a normal distribution with independent coordinates."""
    mean, std = tf.constant(mean, tf.float32), tf.constant(std, tf.float32)
    return lambda seed: mean + std * random.normal(batch, [dimension], seed)


def network(
    dimension: int,
    *,
    width: int = 64,
    layers: int = 2,
    activation: str = "elu",
    initializer: str | dict[str, object] = "he_normal",
    dtype: str = "float32",
    seed: int = 0,
) -> keras.Model:
    """A critic [batch, dimension] -> [batch, 1] with `layers` hidden layers.

    `initializer` is a name or a config: one object would give all layers the same numbers.
    """
    keras.utils.set_random_seed(seed)
    options = {"kernel_initializer": initializer, "dtype": dtype}
    inputs = hidden = keras.Input([dimension], dtype=dtype)
    for _ in range(layers):
        hidden = keras.layers.Dense(width, activation, **options)(hidden)
    return keras.Model(inputs, keras.layers.Dense(1, **options)(hidden))


def train(
    critic: keras.Model,
    real: Sampler,
    fake: Sampler,
    *,
    steps: int,
    loss: str = "wasserstein",
    penalty: str | tuple[str, ...] = (),
    constraint: str | constraints.WeightClipping | None = None,
    optimizer: keras.optimizers.Optimizer | None = None,
    seed: int = 0,
) -> None:
    """Trains a critic, with a fresh batch of each distribution at every step.

    Args:
        critic: A built model, [batch, dimension] -> [batch, 1].
        real: Sampler of p.
        fake: Sampler of q, with batches of the same size.
        steps: Updates of the critic.
        loss: What `tfgan_losses.losses.get` takes.
        penalty: What `tfgan_losses.penalties.get_all` takes; its weight may be a schedule.
        constraint: What `tfgan_losses.constraints.get` takes.
        optimizer: None is Adam whose rate falls from 2e-3 to 0 along half a cosine.
        seed: Of all draws.
    """
    loss, terms, constraint = (
        losses.get(loss),
        penalties.get_all(penalty),
        constraints.get(constraint),
    )
    variables = critic.trainable_variables
    decay = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    optimizer = optimizer or keras.optimizers.Adam(decay, beta_1=0.5, beta_2=0.99)
    optimizer.build(variables)

    def update(step: tf.Tensor) -> None:
        x, y = (
            real(random.step_seed(seed, step, "real")),
            fake(random.step_seed(seed, step, "fake")),
        )
        with tf.GradientTape() as tape:
            # In one pass, so that spectral normalisation makes one power iteration for each update.
            logits = tf.split(critic(tf.concat([x, y], 0), training=True), 2)
            total = tf.reduce_mean(loss.discriminator_loss(*logits))
            for term in terms:
                draws = random.step_seed(seed, step, term.name)
                total += tf.reduce_mean(term(critic, x, y, seed=draws, step=step))
        optimizer.apply(tape.gradient(total, variables), variables)
        if constraint is not None:
            constraint(variables)

    @tf.function
    def run() -> None:
        for step in tf.range(steps):
            update(step)

    run.get_concrete_function()()


def outputs(critic: keras.Model, points: ArrayLike) -> np.ndarray:
    """Raw outputs at points [n] or [n, dimension], float64 [n]."""
    return np.asarray(critic(_batch(points), training=False), np.float64)[:, 0]


def slopes(critic: keras.Model, points: ArrayLike) -> np.ndarray:
    """|grad D| at points [n] or [n, dimension], float64 [n]."""
    gradients = penalties.input_gradients(critic, _batch(points))
    return np.sqrt(np.asarray(penalties.squared_norm(gradients), np.float64))


def optimal_assignment(points: np.ndarray, others: np.ndarray) -> float:
    """W1 of two sets of points, [n, dimension] each: the mean distance of the best matching."""
    distances = cdist(points, others)
    return float(distances[scipy.optimize.linear_sum_assignment(distances)].mean())


def _batch(points: ArrayLike) -> tf.Tensor:
    return tf.constant(np.reshape(points, [len(points), -1]), tf.float32)
