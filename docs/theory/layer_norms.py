"""Largest singular values of layers: as SpectralNormalization finds them, and exact."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.layers import SpectralNormalization
from tfgan_losses.layers.power_iteration import power_iteration_step

L = keras.layers

# Every kind of layer that SpectralNormalization takes, with the shape of one example.
LAYERS: dict[str, tuple[Callable[[], keras.Layer], tuple[int, ...]]] = {
    "Dense": (lambda: L.Dense(5), (4,)),
    "Conv1D": (lambda: L.Conv1D(5, 3), (6, 2)),
    "Conv2D": (lambda: L.Conv2D(5, 3), (6, 6, 2)),
    "Conv3D": (lambda: L.Conv3D(5, 2), (3, 3, 3, 2)),
    "Conv1DTranspose": (lambda: L.Conv1DTranspose(5, 3), (6, 2)),
    "Conv2DTranspose": (lambda: L.Conv2DTranspose(5, 4, strides=2), (3, 3, 2)),
    "Conv3DTranspose": (lambda: L.Conv3DTranspose(3, 2), (2, 2, 2, 2)),
    "DepthwiseConv1D": (lambda: L.DepthwiseConv1D(3, depth_multiplier=2), (6, 2)),
    "DepthwiseConv2D": (lambda: L.DepthwiseConv2D(3, depth_multiplier=2), (6, 6, 2)),
    "SeparableConv1D": (lambda: L.SeparableConv1D(5, 3), (6, 2)),
    "SeparableConv2D": (lambda: L.SeparableConv2D(5, 3), (6, 6, 2)),
    "Embedding": (lambda: L.Embedding(7, 4), (3,)),
    "EinsumDense": (lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5)), (4, 3)),
}
ITERATIONS = np.arange(1, 41)


def sigma_error(name: str) -> float:
    """Relative error of u^T W v of a layer, the largest of its kernels."""
    make, shape = LAYERS[name]
    wrapper = SpectralNormalization(make())
    wrapper.build((None, *shape))
    errors = []
    for kernel, u, v in zip(
        wrapper.kernels, wrapper.left_vectors, wrapper.right_vectors, strict=True
    ):
        matrix = np.asarray(kernel.to_matrix(kernel.variable.value), np.float64)
        sigma = np.linalg.norm(matrix, 2)
        errors.append(abs(np.asarray(u) @ matrix @ np.asarray(v) - sigma) / sigma)
    return max(errors)


def iteration_errors(values: np.ndarray) -> np.ndarray:
    """1 - u^T W v after each of `ITERATIONS` steps, for a W with these singular values, [n]."""
    rng = np.random.default_rng(0)
    size = len(values)
    left, right = (np.linalg.qr(rng.standard_normal([size, size]))[0] for _ in range(2))
    matrix = tf.constant(left * values @ right)
    u, v = (tf.constant(x / np.linalg.norm(x)) for x in rng.standard_normal([2, size]))
    errors = []
    for _ in ITERATIONS:
        u, v = power_iteration_step(matrix, u, v, 1e-12)
        errors.append(1 - float(tf.tensordot(u, tf.linalg.matvec(matrix, v), 1)))
    return np.array(errors)


def convolution_norm(kernel: np.ndarray, size: int, strides: int = 1) -> float:
    """The largest singular value of a normalised convolution, from its matrix.

    Args:
        kernel: [height, width, inputs, outputs].
        size: Height and width of the image; zeros around it keep the size.
        strides: Of the convolution.
    """
    height, width, inputs, outputs = kernel.shape
    convolution = SpectralNormalization(
        L.Conv2D(outputs, (height, width), strides=strides, padding="same", use_bias=False)
    )
    convolution.build((None, size, size, inputs))
    convolution.layer.kernel.assign(kernel)
    convolution.converge()
    count = size**2 * inputs
    units = np.eye(count, dtype=np.float32).reshape(count, size, size, inputs)
    return float(np.linalg.norm(np.reshape(convolution(units), [count, -1]), 2))


def largest_eigenvalue(matrix: np.ndarray, slope: float) -> float:
    """Of A^T A - K^2 I: the largest of |Ax|^2 - K^2 |x|^2 over unit vectors x."""
    return float(np.linalg.eigvalsh(matrix.T @ matrix - slope**2 * np.eye(matrix.shape[1])).max())
