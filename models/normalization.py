"""Normalisation of networks, chosen by a name.

"batch", "layer", "instance" and "conditional_batch" are layers between a linear layer and its
activation; "spectral" wraps the linear layer itself, so that "spectral+conditional_batch" is both.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import keras
from keras import KerasTensor

from tfgan_losses.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    GroupNormalization,
    LayerNormalization,
    SpectralNormalization,
)
from tfgan_losses.names import did_you_mean

# Those that subtract a mean and add a learned shift: a bias before them has no effect.
_CENTERED = ("batch", "layer", "instance", "conditional_batch")
NAMES = ("none", *_CENTERED, "spectral", *(f"spectral+{name}" for name in _CENTERED))

# The moving statistics follow the generator faster than with Keras' momentum of 0.99; 0.9 and the
# epsilon are those of Torch, which the published networks were trained with.
_MOMENTUM, _EPSILON = 0.9, 1e-5


@dataclass(frozen=True)
class Normalization:
    """How the layers of one network are normalised.

    Args:
        name: One of `NAMES`.
        condition: `[batch, condition_size]`, which "conditional_batch" needs and no other uses.
        is_hierarchical: Whether the condition is what other layers made of labels and latent
            vectors; see `given`.

    Raises:
        ValueError: If the name is unknown, or "conditional_batch" has no condition.
    """

    name: str
    condition: KerasTensor | None = None
    is_hierarchical: bool = False

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(
                f"Unknown normalisation. Expected normalization to be one of {list(NAMES)}. "
                f"Received: normalization={self.name!r}{did_you_mean(self.name, NAMES)}"
            )
        if self.is_conditional and self.condition is None:
            raise ValueError(
                "Conditional batch normalisation is for generators with a condition. Expected a "
                "generator with condition_size >= 1, or another normalization. "
                f"Received: normalization={self.name!r}"
            )

    @property
    def of_features(self) -> str:
        """The name without that of linear layers: "none" or one of the layers in between."""
        return self.name.removeprefix("spectral").removeprefix("+") or "none"

    @property
    def is_spectral(self) -> bool:
        """Whether linear layers are spectrally normalised."""
        return self.name.startswith("spectral")

    @property
    def is_conditional(self) -> bool:
        """Whether the condition chooses scales and shifts."""
        return self.of_features == "conditional_batch"

    @property
    def needs_bias(self) -> bool:
        """Whether a linear layer that this normalisation follows has use for a bias."""
        return self.of_features not in _CENTERED

    def linear(self, layer: keras.Layer) -> keras.Layer:
        """Returns a dense or convolutional layer, spectrally normalised if the name says so.

        The wrapper takes over the name of the layer.
        """
        if self.is_spectral:
            return SpectralNormalization(layer, name=layer.name)
        return layer

    def __call__(
        self,
        tensor: KerasTensor,
        name: str,
        gamma_initializer: str | keras.initializers.Initializer = "ones",
    ) -> KerasTensor:
        """Applies the normalisation layer; "none" and "spectral" have none.

        Args:
            tensor: `[batch, features]` or `[batch, height, width, channels]`.
            name: Name of the layer.
            gamma_initializer: Initialiser of the learned scale; a conditional one starts at 1.

        Returns:
            A tensor of the same shape.

        Raises:
            ValueError: If "instance" is to normalise vectors.
        """
        if self.is_conditional:
            layer = ConditionalBatchNormalization(
                momentum=_MOMENTUM,
                epsilon=_EPSILON,
                spectral=self.is_hierarchical and self.is_spectral,
                kernel_initializer="orthogonal" if self.is_hierarchical else "zeros",
                name=name,
            )
            return layer([tensor, self.condition])
        if self.needs_bias:
            return tensor
        return _layer(self.of_features, len(tensor.shape) == 4, name, gamma_initializer)(tensor)

    def given(self, condition: KerasTensor) -> Normalization:
        """The same by a condition that other layers made, such as a class's learned vector.

        The matrices of "conditional_batch" are layers like others then: orthogonal at the start,
        and spectrally normalised if the others are.
        """
        return dataclasses.replace(self, condition=condition, is_hierarchical=True)

    def unconditional(self) -> Normalization:
        """The same with one scale and shift for all conditions."""
        return Normalization(self.name.replace("conditional_batch", "batch"))

    def of_image(self) -> Normalization:
        """The same without layers, since the contrast and the colour of an image are features."""
        return Normalization("spectral" if self.is_spectral else "none")


def _layer(
    normalization: str,
    is_image: bool,
    name: str,
    gamma_initializer: str | keras.initializers.Initializer,
) -> keras.Layer:
    arguments = {"gamma_initializer": gamma_initializer, "epsilon": _EPSILON, "name": name}
    if normalization == "batch":
        return BatchNormalization(momentum=_MOMENTUM, **arguments)
    if normalization == "instance":
        if not is_image:
            raise ValueError(
                "Instance normalisation has no positions to average over in a vector. Expected "
                "normalization to be another one. Received: normalization='instance'"
            )
        return GroupNormalization(groups=-1, **arguments)
    # WGAN-GP normalises over height, width and channels but learns one scale per channel, which
    # is a GroupNormalization with one group; LayerNormalization would learn one per position.
    return (
        GroupNormalization(groups=1, **arguments) if is_image else LayerNormalization(**arguments)
    )
