"""Tiny networks and data for the tests."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import GAN, gan_types
from tfgan_losses.training.terms import Seen

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


# Recipes that differ from another one in a formula only, which tests/losses/ runs in every mode.
ONLY_ANOTHER_FORMULA = ("minimax", "lsgan", "wgan-lp", "hinge", "rsgan", "ralsgan", "rahinge")


def recipe_gan(name, *, example_shape=(4, 4, 1), num_classes=3, optimizers=None, **arguments):
    """A compiled GAN of a recipe with networks of its kind, which treat each example alone.

    Without an average, if `ema_decay` is not given.
    """
    recipe = gan_types.get(name)
    kept = ("spectral", "conditional_batch", "spectral+conditional_batch")
    changes = {key: arguments.pop(key) for key in ("d_steps", "g_steps") if key in arguments}
    g_norm, d_norm = (
        x if x in kept else "none" for x in (recipe.g_normalization, recipe.d_normalization)
    )
    return GAN.from_recipe(
        dataclasses.replace(recipe, ema_decay=arguments.pop("ema_decay", 0), **changes),
        example_shape,
        num_classes=num_classes,
        steps=100,
        latent_dim=LATENT_DIM,
        model="mlp",
        width=16,
        g_normalization=g_norm,
        d_normalization=d_norm,
        **{"seed": 5, **arguments, **(optimizers or {})},
    )


def seen(network="discriminator", **found):
    """What a term looks at, of which only some is there."""
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(Seen))
    return Seen(**{**nothing, "network": network, "seed": 1, "update": 0, **found})


def labels(count=40, num_classes=3):
    return np.arange(count) % num_classes


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
