"""Dense networks, how steep they are, and what their layers say about it."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import losses
from tfgan_losses.layers import LeakyReLU, SpectralNormalization, spectrally_normalize
from tfgan_losses.penalties import input_gradients, squared_norm

L = keras.layers


def random_network(seed: int) -> keras.Model:
    """A dense LeakyReLU network from 8 numbers to 1, of random depth, width and size of weights."""
    rng = np.random.default_rng(seed)
    depth, width, scale = rng.integers(1, 5), 2 ** rng.integers(2, 7), rng.uniform(0.5, 2.0)
    network = dense_network(8, [int(width)] * int(depth))
    network.set_weights(
        # Noise of a fixed size from one layer to the next, times the scale.
        [scale * rng.normal(0, w.shape[0] ** -0.5, w.shape) for w in network.get_weights()]
    )
    return network


def dense_network(inputs: int, widths: list[int]) -> keras.Model:
    """LeakyReLU between dense layers, and one raw output."""
    network = keras.Sequential([keras.Input([inputs])])
    for width in widths:
        network.add(L.Dense(width))
        network.add(LeakyReLU(negative_slope=0.2))
    network.add(L.Dense(1))
    return network


def largest_slope(network: keras.Model, points: int = 4096) -> float:
    """The largest |grad D| at points of N(0, 4 I): at most the largest of all."""
    shape = [points, *network.input_shape[1:]]
    places = tf.constant(2 * np.random.default_rng(0).standard_normal(shape), tf.float32)
    slopes = tf.sqrt(squared_norm(input_gradients(network, places)))
    return float(tf.reduce_max(slopes))


def product_of_sigmas(network: keras.Model) -> float:
    """Of the matrices that its dense layers multiply by, by SVD."""
    product = 1.0
    for layer in network.layers:
        if isinstance(layer, SpectralNormalization):
            product *= _true_sigma(layer)
        elif isinstance(layer, L.Dense):
            product *= np.linalg.norm(layer.kernel.numpy(), 2)
    return float(product)


def _true_sigma(layer: SpectralNormalization) -> float:
    """Of the normalised kernel: 1 if u and v were exact."""
    kernel = np.asarray(layer.kernels[0].to_matrix(layer.kernels[0].variable.value), np.float64)
    estimate = np.asarray(layer.left_vectors[0]) @ kernel @ np.asarray(layer.right_vectors[0])
    return np.linalg.norm(kernel, 2) / estimate


def trained_critic(steps: int = 400) -> keras.Model:
    """Spectrally normalised, trained on WGAN's loss to tell two distant Gaussians in 8-D apart."""
    critic = spectrally_normalize(dense_network(8, [64, 64, 64]))
    optimizer, loss = keras.optimizers.Adam(2e-3), losses.get("wasserstein")
    draw = tf.random.Generator.from_seed(0)

    @tf.function
    def update() -> None:
        real, fake = draw.normal([64, 8]) + 2.0, draw.normal([64, 8]) - 2.0
        with tf.GradientTape() as tape:
            outputs = critic(real, training=True), critic(fake, training=True)
            value = loss.discriminator(*outputs)
        variables = critic.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))

    for _ in range(steps):
        update()
    return critic
