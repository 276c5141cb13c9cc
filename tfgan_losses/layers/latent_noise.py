"""Noise that a latent vector determines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import random_of_latents
from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class LatentNoise(keras.layers.Layer):
    """Adds standard normal noise, one number per pixel, times a learned strength that starts at 0.

    Called on `[features, latents]`. The noise is a function of each latent vector
    (`tfgan_losses.random_of_latents`), in training and in inference: one latent vector is one
    image, wherever it is made. So a path between two latent vectors has other noise at every few
    points; and images of one latent vector under several conditions have the same noise.

    Args:
        purpose: A name that no other layer of the network has; it decides the numbers.
        gain: What the noise is multiplied by beside its strength.
        **kwargs: Of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> features, latents = np.zeros([2, 4, 4, 3]), np.ones([2, 16], "float32")
        >>> layers.LatentNoise("noise 4x4")([features, latents]).shape
        TensorShape([2, 4, 4, 3])

    References:
        Karras, Laine & Aila 2019, A Style-Based Generator Architecture for GANs,
        arXiv:1812.04948, section 2; with one strength for all channels as in arXiv:1912.04958.
    """

    def __init__(self, purpose: str, *, gain: float = 1.0, **kwargs: Any):
        # In half precision latent vectors would be others; features are what they are.
        super().__init__(**{"autocast": False, **kwargs})
        self.purpose, self.gain = purpose, gain

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Creates the strength."""
        self.strength = self.add_weight(
            shape=(), initializer="zeros", name="strength", autocast=False
        )

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Returns features of the same shape, whose height and width must be known."""
        features, latents = inputs
        height, width = features.shape[1:3]
        noise = random_of_latents.normal(latents, height * width, self.purpose)
        noise = tf.reshape(noise, [-1, height, width, 1])
        strength = tf.convert_to_tensor(self.strength) * self.gain
        return features + tf.cast(strength * tf.cast(noise, strength.dtype), features.dtype)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Returns the shape of the features."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"purpose": self.purpose, "gain": self.gain}
