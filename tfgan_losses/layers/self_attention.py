"""Self-attention over the positions of a feature map (Zhang et al. 2019), with a learned share."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.layers.spectral_normalization import SpectralNormalization
from tfgan_losses.types import Scalar, Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class SelfAttention(keras.layers.Layer):
    """Adds to each position of a feature map what it finds at all others.

    Queries (theta) and keys (phi) have an eighth of the channels, values (g) half of them, at
    least one each; all are 1x1 convolutions without bias. Keys and values are the maxima of 2x2
    positions. A position takes the mean of the values, weighted by softmax(query . key), which is
    not scaled; another 1x1 convolution, o, brings it back to all channels:

        y = x + gamma * o(softmax(theta(x) phi(x)^T) g(x))

    gamma is one number that starts at 0, so that the layer starts as the identity: the four
    kernels move once gamma has. It is reported (`numbers_to_report`), because it may stay near 0.

    That is the authors' released code. The paper's own figure has neither the pooling nor a g of
    fewer channels than x. Rows and columns may be any number, as in a graph for all sizes: where
    one is odd, the last keys and values are the maxima of what is left, so that no position is
    overlooked. In half precision the products of queries and keys, and the softmax, are float32.

    Args:
        spectral: Whether the four convolutions are spectrally normalised.
        kernel_initializer: Of the four kernels.
        **kwargs: Of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> features = np.ones([1, 8, 8, 16])
        >>> bool((layers.SelfAttention()(features) == features).numpy().all())  # gamma is 0.
        True

    References:
        Zhang, Goodfellow, Metaxas & Odena 2019, Self-Attention Generative Adversarial Networks,
        arXiv:1805.08318, section 3, and its code, non_local.py.
    """

    def __init__(
        self,
        *,
        spectral: bool = False,
        kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.spectral = spectral
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: Shape) -> None:
        """Creates the convolutions for so many channels, and gamma.

        Raises:
            ValueError: If this is not the shape of a feature map with known channels.
        """
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise ValueError(
                "Expected a feature map [batch, height, width, channels]. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        channels = input_shape[-1]
        fewest, half = max(channels // 8, 1), max(channels // 2, 1)
        self.theta = self._convolution("theta", fewest, input_shape)
        self.phi = self._convolution("phi", fewest, input_shape)
        self.g = self._convolution("g", half, input_shape)
        self.o = self._convolution("o", channels, (*input_shape[:-1], half))
        self.gamma = self.add_weight(shape=(), initializer="zeros", name="gamma")

    def _convolution(self, name: str, filters: int, input_shape: Shape) -> keras.Layer:
        layer: keras.Layer = keras.layers.Conv2D(
            filters,
            1,
            use_bias=False,
            # A copy, since one initialiser gives theta and phi the same numbers.
            kernel_initializer=self.kernel_initializer.clone(),
            dtype=self.dtype_policy,
            name=name,
        )
        if self.spectral:
            layer = SpectralNormalization(layer, name=name)
        layer.build(input_shape)
        return layer

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Returns the feature map and, gamma times, what its positions found at others."""
        # Only the wrappers ask for it: their vectors move in training.
        asked = {"training": training} if self.spectral else {}
        queries = _positions(self.theta(inputs, **asked))
        keys = _positions(_pool(self.phi(inputs, **asked)))
        values = _positions(_pool(self.g(inputs, **asked)))
        found = tf.matmul(_weights(queries, keys), values)
        found = tf.reshape(found, [-1, *tf.unstack(tf.shape(inputs)[1:3]), values.shape[-1]])
        return inputs + tf.cast(self.gamma, inputs.dtype) * self.o(found, **asked)

    def numbers_to_report(self) -> dict[str, Scalar]:
        """What a training logs of this layer, by name."""
        return {"attention_gamma": self.gamma.value}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the same shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return super().get_config() | {
            "spectral": self.spectral,
            "kernel_initializer": initializer,
        }


def _pool(features: Tensor) -> Tensor:
    return tf.nn.max_pool2d(features, 2, 2, "SAME")


def _positions(features: Tensor) -> Tensor:
    """[batch, height, width, channels] -> [batch, height * width, channels]."""
    shape = tf.shape(features)
    return tf.reshape(features, [shape[0], shape[1] * shape[2], features.shape[-1]])


def _weights(queries: Tensor, keys: Tensor) -> Tensor:
    """Whose values each position takes how much of, [batch, queries, keys]; rows add up to 1."""
    if queries.dtype == tf.float64:
        return tf.nn.softmax(tf.matmul(queries, keys, transpose_b=True))
    # A product of large queries and keys is beyond half precision.
    products = tf.matmul(tf.cast(queries, tf.float32), tf.cast(keys, tf.float32), transpose_b=True)
    return tf.cast(tf.nn.softmax(products), queries.dtype)
