"""Many small discriminators of one input, evaluated together, and what a generator learns of them.

The data is N(0, 1), the generator z + theta with z from N(0, 1).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan_losses import losses
from tfgan_losses.divergences import Gaussian

_WIDTH = 32
# Holds the tails, too, which samples would miss: far away all of the gradient is there.
LATENTS = Gaussian(0, 1).on(np.linspace(-15, 15, 1201))


class Discriminators:
    """Tanh networks that do not know of each other: [networks, n, 1] -> [networks, n, 1].

    Attributes:
        variables: Kernels and biases in turn, float32 [networks, inputs or 1, outputs].
    """

    def __init__(self, networks: int):
        rng = np.random.default_rng(0)
        sizes = ((1, _WIDTH), (_WIDTH, _WIDTH), (_WIDTH, 1))
        self.variables = [
            tf.Variable(rng.normal(0, scale, [networks, *shape]), dtype=tf.float32)
            for inputs, outputs in sizes
            for shape, scale in (((inputs, outputs), inputs**-0.5), ((1, outputs), 0.5))
        ]

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """The raw outputs."""
        kernels, biases = self.variables[::2], self.variables[1::2]
        for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
            x = tf.tanh(x @ kernel + bias)
        return x @ kernels[-1] + biases[-1]


def generator_gradient(
    name: str, outputs: Callable[[tf.Tensor], tf.Tensor], theta: np.ndarray
) -> np.ndarray:
    """d / d theta of the expected loss of z + theta with D held, for each of several D.

    Args:
        name: Of the loss.
        outputs: Maps samples [networks, n, 1] to raw outputs of the same shape.
        theta: Where each generator is, float32 or float64 [networks].

    Returns:
        The gradients, [networks].
    """
    shift = tf.constant(theta[:, None, None])
    latents, weights = (
        tf.constant(x[:, None], shift.dtype) for x in (LATENTS.grid, LATENTS.probabilities)
    )
    with tf.GradientTape() as tape:
        tape.watch(shift)
        fake = outputs(latents + shift)
        total = tf.reduce_sum(weights * losses.get(name).generator_loss(fake, fake))
    return tape.gradient(total, shift).numpy().ravel()


def best_gradient(name: str, theta: float) -> float:
    """The same at the best D: log p - log q = theta^2 / 2 - theta x, or slope -1 for Wasserstein's.

    The sign of the latter is that of a generator above the data.
    """

    def outputs(x: tf.Tensor) -> tf.Tensor:
        return -x if name == "wasserstein" else theta**2 / 2 - theta * x

    return float(generator_gradient(name, outputs, np.array([theta]))[0])
