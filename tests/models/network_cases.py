"""One small network of every family, and inputs for it."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import models

# One small shape that each family can build, with the smallest sensible width.
CASES = {
    "mlp": {"example_shape": (2,), "width": 4},
    "mlp image": {"example_shape": (4, 4, 3), "width": 4},
    "deep_mlp": {"example_shape": (2,), "width": 4},
    "dcgan": {"example_shape": (8, 8, 3), "width": 4},
    "resnet": {"example_shape": (32, 32, 3), "width": 2},
    "r3gan": {"example_shape": (8, 8, 3), "width": 4},
    "sagan": {"example_shape": (16, 16, 3), "width": 2},
    "biggan": {"example_shape": (8, 8, 3), "width": 2},
    "biggan_deep": {"example_shape": (8, 8, 3), "width": 2},
    "stylegan2": {"example_shape": (8, 8, 3), "width": 4},
    "patch": {"example_shape": (12, 11, 3), "width": 4},
}
# Those that have no normalisation.
PLAIN = ("r3gan", "stylegan2")
# The one whose images are trained into the range: no tanh.
UNBOUNDED = ("r3gan",)
# Those of many layers: their cross products with everything else are among the slow tests.
DEEP = ("sagan", "biggan", "biggan_deep")
LATENT_DIM = 5
CONDITION_SIZE = 3


def marks_of(case):
    return [pytest.mark.slow] if case in DEEP else []


def crossed(combinations):
    """Parameters of a test, tuples that begin with a case."""
    return [pytest.param(*each, marks=marks_of(each[0])) for each in combinations]


def latent_dim(case):
    """Of any length, but for the family whose latents are noise in the shape of an image."""
    return math.prod(CASES[case]["example_shape"]) if case == "patch" else LATENT_DIM


def make_generator(case, **arguments):
    default = {"normalization": "none"} if case in PLAIN else {}
    options = {"latent_dim": latent_dim(case), **CASES[case], **default, **arguments}
    return models.build_generator(case.split()[0], **options)


def make_discriminator(case, **arguments):
    return models.build_discriminator(case.split()[0], **{**CASES[case], **arguments})


def latents(batch=3, size=LATENT_DIM):
    return np.random.default_rng(0).standard_normal((batch, size)).astype("float32")


def examples(case, batch=3):
    shape = (batch, *CASES[case]["example_shape"])
    return np.random.default_rng(1).uniform(-1, 1, shape).astype("float32")


def conditions(batch=3):
    return np.eye(CONDITION_SIZE, dtype="float32")[np.arange(batch) % CONDITION_SIZE]


def perturb(network):
    """Move kernels and single numbers that start at zero, which would hide others behind them."""
    rng = np.random.default_rng(2)
    for weight in network.trainable_weights:
        if len(weight.shape) != 1 and not np.any(weight.numpy()):
            weight.assign(0.1 * rng.standard_normal(weight.shape))


def assert_every_weight_has_a_gradient(call, networks):
    """The outputs of the call, one tensor or several, have gradients to all of the networks."""
    for network in networks:
        perturb(network)
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(call())
        loss = tf.add_n([tf.reduce_mean(tf.square(output)) for output in outputs])
    weights = [weight for network in networks for weight in network.trainable_variables]
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    for weight, gradient in zip(weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.isfinite(np.asarray(gradient)).all(), weight.path
        assert np.any(np.asarray(gradient) != 0), weight.path
