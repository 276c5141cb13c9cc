"""Every registered augmentation in the middle of a training, and small GANs that train with it."""

import functools

import keras
import networks
import pytest
import tensorflow as tf

from tfgan_losses import augmentations
from tfgan_losses.augmentations import Occasion

SHAPE = (8, 8, 3)
STEPS = 3
BATCH = 12


def made(name):
    """With a probability that is adapted in its middle, where it changes much."""
    augmentation = augmentations.get(name)
    for variable in augmentation.variables:
        if variable.name == "p":
            variable.assign(0.5)
    return augmentation


def occasion(network="discriminator", side="fake", update=3):
    """A quarter into a run, so that a schedule is at neither of its ends."""
    return Occasion(
        network=network, side=side, seed=5, update=update, d_update=25, d_updates=100
    )  # fmt: skip


def view_arguments():
    """What a `View` is made with at the same time."""
    return {"seed": 5, "update": 3, "d_update": 25, "d_updates": 100}


@functools.cache
def images(count=BATCH):
    """A few images in [-1, 1]."""
    return tf.constant(networks.examples(count, SHAPE))


def each(test):
    """Runs a test for every registered augmentation."""
    return pytest.mark.parametrize("name", augmentations.names())(test)


def each_but_slowly(*, fast):
    """Likewise, and only one of them is among the fast tests."""
    names = [
        name if name == fast else pytest.param(name, marks=pytest.mark.slow)
        for name in augmentations.names()
    ]
    return pytest.mark.parametrize("name", names)


def train(augmentation, recipe="gan", *, steps=STEPS, examples=None, gan=None, **options):
    """A GAN of a recipe after a few steps, with its last logs."""
    gan = gan or compiled(augmentation, recipe, **options)
    size = BATCH * gan.d_steps
    count = size * steps if examples is None else examples
    x, y = networks.examples(count, SHAPE), networks.labels(count)
    logs = gan.fit(x, y, batch_size=size, shuffle=False, verbose=0).history
    return gan, {key: values[-1] for key, values in logs.items()}


def compiled(augmentation, recipe="gan", *, g_optimizer=None, d_optimizer=None, **options):
    """A GAN of a recipe with an augmentation, always with the same weights."""
    keras.utils.set_random_seed(3)
    # SGD: Adam divides by the size of the gradients, and so would hide a factor in them.
    return networks.recipe_gan(
        recipe,
        example_shape=SHAPE,
        augmentation=augmentation,
        g_optimizer=g_optimizer or keras.optimizers.SGD(0.01),
        d_optimizer=d_optimizer or keras.optimizers.SGD(0.01),
        **options,
    )


def change_of(augmentation, x, **options):
    """What it adds to examples."""
    return augmentation.augment(x, occasion(**options)) - tf.cast(x, tf.float32)
