"""One style for each layer of a generator, in training sometimes of two latent vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import random_of_latents
from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class SecondLatents(keras.layers.Layer):
    """Standard normal latent vectors `[batch, latent_dim]` that others of this shape determine.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> latents = np.zeros([2, 16], "float32")
        >>> first, second = layers.SecondLatents()(latents), layers.SecondLatents()(latents)
        >>> bool((first == second).numpy().all())  # A function of the latent vectors.
        True
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{"autocast": False, **kwargs})

    def call(self, latents: Tensor) -> Tensor:
        """Returns independent latent vectors; see `tfgan_losses.random_of_latents`."""
        second = random_of_latents.normal(latents, latents.shape[-1], "second latents")
        return tf.cast(second, latents.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the latent vectors."""
        return input_shape


@keras.saving.register_keras_serializable(package="tfgan_losses")
class StyleMixing(keras.layers.Layer):
    """Gives each layer of a generator a style, `[batch, styles, style_size]`.

    Called on `[first, second, latents]`: styles `[batch, style_size]` of the latent vectors and of
    `SecondLatents`, and the latent vectors. In inference all layers have the first one. In training
    a share of the examples has the second one from some layer on, so that the network cannot take
    the styles of neighbouring layers for related. Which examples, and from where on, is a function
    of the latent vectors, as all that the generator draws.

    Args:
        styles: How many layers have one.
        probability: Share of the examples that are mixed, in [0, 1].
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        ValueError: If a number is out of its range.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> first, second = np.zeros([2, 8]), np.ones([2, 8])
        >>> latents = np.ones([2, 16], "float32")
        >>> layers.StyleMixing(6)([first, second, latents]).shape
        TensorShape([2, 6, 8])

    References:
        Karras, Laine & Aila 2019, A Style-Based Generator Architecture for GANs,
        arXiv:1812.04948, section 3.1.
    """

    def __init__(self, styles: int, *, probability: float = 0.9, **kwargs: Any):
        super().__init__(**{"autocast": False, **kwargs})
        if styles < 2 or not 0 <= probability <= 1:
            raise ValueError(
                "Expected styles >= 2 and probability in [0, 1]. "
                f"Received: styles={styles}, probability={probability}"
            )
        self.styles, self.probability = styles, probability

    def call(self, inputs: Sequence[Tensor], training: bool = False) -> Tensor:
        """Returns `[batch, styles, style_size]`."""
        first, second, latents = inputs
        layers = tf.range(self.styles)[None]
        if not training:
            return tf.repeat(first[:, None], self.styles, axis=1)
        mixed, place = tf.split(random_of_latents.uniform(latents, 2, "style mixing"), 2, axis=1)
        # The first layer has always the first style.
        start = 1 + tf.cast(place * float(self.styles - 1), tf.int32)
        start = tf.where(mixed < self.probability, start, self.styles)
        return tf.where((layers < start)[:, :, None], first[:, None], second[:, None])

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Returns `[batch, styles, style_size]`."""
        batch, size = input_shape[0]
        return (batch, self.styles, size)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = ("styles", "probability")
        return super().get_config() | {name: getattr(self, name) for name in own}
