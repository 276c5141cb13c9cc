"""Deep critics between a Swiss roll and the same with noise, with clipped weights or a penalty."""

from __future__ import annotations

import dataclasses

import critics
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import make_swiss_roll

from tfgan_losses import constraints, losses, random

LAYERS, WIDTH, BATCH, STEPS = 12, 64, 256, 400
# In the plane, and divided by about its standard deviation.
SWISS_ROLL = np.float32(make_swiss_roll(10_000, noise=0.25, random_state=0)[0][:, [0, 2]] / 7)
_EVALUATION_SEEDS = tf.constant([[1, 2], [1, 3]], tf.int64)


@dataclasses.dataclass(frozen=True)
class Critic:
    """A trained critic.

    Attributes:
        gradient_norms: |dL/da| of the adversarial loss L, for the activations a [batch, width] of
            each hidden layer from first to last, [layers].
        weights: All kernels in a row, divided by the limit or by the largest of them, [n].
        felt: Whether the loss of a batch depends on the weight: not if its unit is never active.
        gap: E_p D - E_q D.
    """

    gradient_norms: np.ndarray
    weights: np.ndarray
    felt: np.ndarray
    gap: float

    @property
    def ratio(self) -> float:
        """Gradient norm at the first hidden layer over that at the last."""
        return self.gradient_norms[0] / self.gradient_norms[-1]

    @property
    def gain(self) -> float:
        """What a layer multiplies the gradient with on its way back, the geometric mean."""
        return self.ratio ** (1 / (LAYERS - 1))

    @property
    def steady_layers(self) -> int:
        """How many layers change the gradient in the direction in which all together do."""
        steps = np.diff(np.log(self.gradient_norms))
        return int(np.sum(np.sign(steps) == -np.sign(np.log(self.ratio))))

    @property
    def at_bounds(self) -> float:
        """Share of the weights that the loss feels within 5 % of the limit."""
        return share_at_bounds(self.weights[self.felt])


def deep_network(**options: str | dict[str, object]) -> keras.Model:
    """A critic of `LAYERS` hidden layers of ReLUs."""
    return critics.network(2, width=WIDTH, layers=LAYERS, activation="relu", **options)


def uniform_within(limit: float) -> keras.Model:
    """A critic whose weights start between the bounds, in float64.

    In float32 the difference of a real and a generated example is lost in the rounding of the
    biases long before the last layer if the limit is 0.01.
    """
    config = {"minval": -limit, "maxval": limit}
    return deep_network(
        initializer={"class_name": "RandomUniform", "config": config}, dtype="float64"
    )


def clipped(limit: float, *, steps: int = STEPS) -> Critic:
    """Trains with RMSprop, as WGAN does, but so that the size of a gradient does not matter."""
    critic = uniform_within(limit)
    # The epsilon of 1e-7 would hold back every weight with a gradient below that.
    optimizer = keras.optimizers.RMSprop(limit / 50, epsilon=1e-60)
    constraint = constraints.get(f"weight_clipping(limit={limit})")
    critics.train(critic, real, fake, steps=steps, constraint=constraint, optimizer=optimizer)
    return examine(critic, limit)


def penalised(*, steps: int = STEPS) -> Critic:
    """Trains with the gradient penalty."""
    critic = deep_network()
    critics.train(critic, real, fake, steps=steps, penalty="gradient_penalty(weight=10)")
    return examine(critic, None)


def from_usual_start(limit: float) -> tuple[tuple[float, float], float]:
    """What comes of it with the settings of Keras: `Results.usual_start` and `usual_gap`."""
    critic = deep_network(initializer="glorot_uniform")
    constraint = constraints.get(f"weight_clipping(limit={limit})")
    constraint(critic.trainable_variables)
    before = share_at_bounds(kernels(critic) / limit)
    optimizer = keras.optimizers.RMSprop(limit / 50)
    critics.train(critic, real, fake, steps=STEPS, constraint=constraint, optimizer=optimizer)
    return (before, share_at_bounds(kernels(critic) / limit)), examine(critic, limit).gap


def real(seed: tf.Tensor) -> tf.Tensor:
    """Points of the Swiss roll, float32 [batch, 2]."""
    chosen = tf.cast(random.uniform(BATCH, [], seed) * len(SWISS_ROLL), tf.int32)
    return tf.gather(tf.constant(SWISS_ROLL), chosen)


def fake(seed: tf.Tensor) -> tf.Tensor:
    """Other points of it plus normal noise of standard deviation 1, float32 [batch, 2]."""
    points, noise = random.split(seed, 2)
    return real(points) + random.normal(BATCH, [2], noise)


def many(sampler: critics.Sampler) -> np.ndarray:
    """8 batches, [8 batch, 2]."""
    return np.concatenate([sampler(tf.constant([2, i], tf.int64)) for i in range(8)])


def examine(critic: keras.Model, limit: float | None) -> Critic:
    """Looks at a critic with a fixed batch; without a limit weights are relative to the largest."""
    points = tf.concat([f(s) for f, s in zip((real, fake), _EVALUATION_SEEDS, strict=True)], 0)
    dense = critic.layers[1:]
    with tf.GradientTape() as tape:
        activations = [dense[0](points)]
        for layer in dense[1:]:
            activations.append(layer(activations[-1]))
        logits = tf.split(activations[-1], 2)
        loss = tf.reduce_mean(losses.get("wasserstein").discriminator_loss(*logits))
    sources = [activations[:-1], [layer.kernel for layer in dense]]
    of_activations, of_kernels = tape.gradient(loss, sources)
    weights = kernels(critic)
    return Critic(
        gradient_norms=np.array([np.linalg.norm(np.float64(g)) for g in of_activations]),
        weights=weights / (limit or abs(weights).max()),
        felt=np.concatenate([np.ravel(g) for g in of_kernels]) != 0,
        gap=-float(loss),
    )


def kernels(critic: keras.Model) -> np.ndarray:
    """All kernels of a critic in a row, [n]."""
    return np.concatenate([layer.kernel.numpy().ravel() for layer in critic.layers[1:]])


def aligned_gain(limit: float) -> float:
    """c width / 2: what half of the weights +-c of a unit make of a gradient if no sign cancels."""
    return limit * WIDTH / 2


def share_at_bounds(relative_weights: np.ndarray) -> float:
    """Share of weights, divided by their limit, that are within 5 % of it."""
    return float(np.mean(abs(relative_weights) > 0.95))
