"""A small convolutional network that learns the classes of a data set, without a global draw."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import progress
from tfgan_losses.types import Tensor

FEATURES = 64
# Changes with the network or its training, so that what was kept of others is not taken for it.
RECIPE = 1
_SEED, _BATCH, _EPOCHS, _MOST_STEPS = 0, 64, 30, 1500


def build(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Returns the network, which maps images in [-1, 1] to features [n, 64] and logits.

    Convolutions of 32, 64, 64, ... channels halve the image down to at most 8 x 8; the first one
    leaves images of up to 16 x 16 as large as they are, and there are two at least.

    Args:
        shape: Of an image, height and width up to 64.
        classes: Number of them.
    """
    layers = keras.layers

    def arguments(number: int) -> dict[str, object]:
        # float32 whatever the policy of the training, and no name of a layer of it moves.
        return {
            "kernel_initializer": keras.initializers.GlorotUniform(seed=_SEED + number),
            "dtype": "float32",
        }

    images = keras.Input(shape, name="images", dtype="float32")
    hidden, side, number = images, max(shape[:2]), 0
    while number < 2 or side > 8:
        strides = 1 if number == 0 and side <= 16 else 2
        hidden = layers.Conv2D(
            64 if number else 32,
            3,
            strides,
            "same",
            activation="relu",
            name=f"convolution_{number}",
            **arguments(number),
        )(hidden)
        side, number = -(-side // strides), number + 1
    hidden = layers.Flatten(name="flat", dtype="float32")(hidden)
    features = layers.Dense(FEATURES, "relu", name="features", **arguments(number))(hidden)
    logits = layers.Dense(classes, name="logits", **arguments(number + 1))(features)
    return keras.Model(images, [features, logits], name="classifier")


def train(network: keras.Model, images: np.ndarray, labels: np.ndarray) -> None:
    """Trains for up to 30 passes or 1500 steps of 64, in an order of its own.

    Args:
        network: From `build`.
        images: uint8 [n, height, width, channels].
        labels: [n].
    """
    optimizer = keras.optimizers.Adam(1e-3, name="adam")
    optimizer.build(network.trainable_variables)

    def step(examples: Tensor, classes: Tensor) -> None:
        with tf.GradientTape() as tape:
            _, logits = network(unit_range(examples), training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)
            )
        variables = network.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    specs = [
        tf.TensorSpec([None, *images.shape[1:]], tf.uint8),
        tf.TensorSpec([None], tf.int32),
    ]
    step = tf.function(step, input_signature=specs, autograph=False)
    generator = np.random.default_rng(_SEED)
    batches = -(-len(images) // _BATCH)
    steps = min(_EPOCHS * batches, _MOST_STEPS)
    for number in progress.counted(range(steps), steps, "training a classifier on the labels"):
        if number % batches == 0:
            order = generator.permutation(len(images))
        rows = order[number % batches * _BATCH :][:_BATCH]
        step(tf.constant(images[rows]), tf.constant(labels[rows], tf.int32))


def unit_range(images: Tensor) -> Tensor:
    """Returns float32 in [-1, 1] of 0..255."""
    return tf.cast(images, tf.float32) * (2 / 255) - 1
