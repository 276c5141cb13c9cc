"""Normalisation of networks, chosen by a name.

"batch", "layer" and "instance" are layers between a linear layer and its activation; "spectral"
wraps the linear layer itself.
"""

import keras
from keras import layers

from tfgan_losses.layers import SpectralNormalization

NAMES = ("none", "batch", "layer", "instance", "spectral")

# Those that subtract a mean and add a learned shift: a bias before them has no effect.
_CENTERED = ("batch", "layer", "instance")


def check_normalization(normalization: str) -> None:
    """Refuse an unknown name.

    Raises:
        ValueError: not one of `NAMES`.
    """
    if normalization not in NAMES:
        raise ValueError(
            f"Unknown normalisation. Expected `normalization` to be one of {list(NAMES)}. "
            f"Received: normalization={normalization!r}"
        )


def needs_bias(normalization: str) -> bool:
    """Whether a linear layer that this normalisation follows has use for a bias."""
    return normalization not in _CENTERED


def linear(layer: keras.Layer, normalization: str) -> keras.Layer:
    """Return a dense or convolutional layer, spectrally normalised if the name says so.

    The wrapper takes over the name of the layer.
    """
    if normalization == "spectral":
        return SpectralNormalization(layer, name=layer.name)
    return layer


def normalize(tensor, normalization: str, name: str, gamma_initializer="ones"):
    """Apply the normalisation layer of this name; "none" and "spectral" have none.

    Args:
        tensor: `[batch, features]` or `[batch, height, width, channels]`.
        normalization: one of `NAMES`.
        name: name of the layer.
        gamma_initializer: initialiser of the learned scale.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: an unknown name, or "instance" for vectors.
    """
    check_normalization(normalization)
    if needs_bias(normalization):
        return tensor
    return _layer(normalization, len(tensor.shape) == 4, name, gamma_initializer)(tensor)


def _layer(normalization: str, is_image: bool, name: str, gamma_initializer) -> keras.Layer:
    arguments = {"gamma_initializer": gamma_initializer, "epsilon": 1e-5, "name": name}
    if normalization == "batch":
        # The moving statistics follow the generator faster than with Keras' momentum of 0.99;
        # 0.9 and the epsilon are those of Torch, which the published networks were trained with.
        return layers.BatchNormalization(momentum=0.9, **arguments)
    if normalization == "instance":
        if not is_image:
            raise ValueError(
                "Instance normalisation has no positions to average over in a vector. Expected "
                "`normalization` to be another one. Received: normalization='instance'"
            )
        return layers.GroupNormalization(groups=-1, **arguments)
    # WGAN-GP normalises over height, width and channels but learns one scale per channel, which
    # is a GroupNormalization with one group; LayerNormalization would learn one per position.
    return (
        layers.GroupNormalization(groups=1, **arguments)
        if is_image
        else layers.LayerNormalization(**arguments)
    )
