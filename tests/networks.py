"""Tiny networks and data for the tests."""

import keras
import numpy as np
import tensorflow as tf

LATENT_DIM = 6


def generator(example_shape=(4, 4, 1), *, batch_normalization=True):
    layers = [keras.layers.Dense(16, activation="relu")]
    if batch_normalization:
        layers.append(keras.layers.BatchNormalization())
    size = int(np.prod(example_shape))
    layers += [keras.layers.Dense(size, activation="tanh"), keras.layers.Reshape(example_shape)]
    return keras.Sequential([keras.Input((LATENT_DIM,)), *layers])


def discriminator(example_shape=(4, 4, 1), *, extra=(), activation=None):
    return keras.Sequential(
        [
            keras.Input(example_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(16),
            *extra,
            keras.layers.LeakyReLU(0.2),
            keras.layers.Dense(1, activation=activation),
        ]
    )


def pair(example_shape=(4, 4, 1), **kwargs):
    return generator(example_shape, **kwargs), discriminator(example_shape)


def examples(count=40, example_shape=(4, 4, 1), seed=0):
    values = np.random.default_rng(seed).uniform(-1, 1, size=(count, *example_shape))
    return values.astype("float32")


def all_state(gan):
    """Every number that training changes, as a list of arrays."""
    variables = [*gan.variables, *gan.g_optimizer.variables, *gan.d_optimizer.variables]
    own = [v for v in variables if not any(v is w for m in gan.metrics for w in m.variables)]
    return [np.asarray(variable) for variable in own]


def assert_same_state(first, second, **tolerance):
    for a, b in zip(all_state(first), all_state(second), strict=True):
        if tolerance:
            np.testing.assert_allclose(a, b, **tolerance)
        else:
            np.testing.assert_array_equal(a, b)


class Dense1(keras.layers.Layer):
    """x -> psi x, for exact arithmetic."""

    def build(self, input_shape):
        self.psi = self.add_weight(shape=(input_shape[-1], 1), initializer="ones")

    def call(self, x):
        return tf.matmul(x, self.psi)
