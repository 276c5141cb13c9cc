"""What BigGAN and BigGAN-deep have in common: their tables, and layers that start orthogonal.

The tables are those of the paper's appendix B for 128, 256 and 512 pixels, and of the authors'
PyTorch code for 32 and 64. Sizes in between have the table of the next smaller one, and smaller
ones than 32 that of 32 with fewer stages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_positive
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.resolutions import ladder

from tfgan_losses.layers import SelfAttention, SharedEmbedding

# Number of stages that double the resolution -> channels of the first feature map of the generator
# and of each stage that follows; the same of the discriminator, from the image on. In widths.
_GENERATORS: dict[int, tuple[int, ...]] = {
    4: (16, 16, 8, 4, 2),
    5: (16, 16, 8, 4, 2, 1),
    6: (16, 16, 8, 8, 4, 2, 1),
    7: (16, 16, 8, 8, 4, 2, 1, 1),
}
_DISCRIMINATORS: dict[int, tuple[int, ...]] = {
    4: (1, 2, 4, 8, 16),
    5: (1, 2, 4, 8, 16, 16),
    6: (1, 2, 4, 8, 8, 16, 16),
    7: (1, 1, 2, 4, 8, 8, 16, 16),
}
# Below 64 pixels, the networks of CIFAR-10: all stages of so many widths.
_SMALL = 4

# Length of the vector of a class.
_EMBEDDING = 128


class Plan(NamedTuple):
    """The networks for one size of images.

    Attributes:
        sizes: Heights and widths of the generator's feature maps, from coarse to fine.
        generator: Channels of these, in widths.
        discriminator: Channels of its feature maps, from the image on, in widths.
        halvings: How many of its blocks halve the resolution, which are the first ones.
    """

    sizes: list[tuple[int, int]]
    generator: tuple[int, ...]
    discriminator: tuple[int, ...]
    halvings: int

    @property
    def stages(self) -> int:
        """How many blocks of the generator double the resolution."""
        return len(self.sizes) - 1


def plan(example_shape: Sequence[int]) -> Plan:
    """Returns the table for images `(height, width, channels)`.

    Raises:
        ValueError: If these are no images, or one side is below 8 pixels.
    """
    sizes = ladder(example_shape)
    stages = len(sizes) - 1
    if stages < min(_GENERATORS):
        return Plan(sizes, (_SMALL,) * (stages + 1), (_SMALL,) * 4, max(stages - 1, 1))
    # Larger images than those of the tables start from a larger map.
    stages = min(stages, max(_GENERATORS))
    return Plan(sizes[-1 - stages :], _GENERATORS[stages], _DISCRIMINATORS[stages], stages)


def width_or(default: int, width: int | None) -> int:
    """Returns the width that was asked for."""
    return default if width is None else check_positive("width", width)


def embed(latent: KerasTensor, normalization: Normalization) -> list[KerasTensor]:
    """Returns the learned vector of the class, in a list; an empty one without a condition."""
    if normalization.condition is latent:
        return []
    table = SharedEmbedding(_EMBEDDING, kernel_initializer="orthogonal", name="embedding")
    return [table(normalization.condition)]


def join(tensors: list[KerasTensor], name: str) -> KerasTensor:
    """Concatenates vectors, if there are several."""
    return tensors[0] if len(tensors) == 1 else layers.Concatenate(name=name)(tensors)


def first_map(
    vector: KerasTensor, shape: tuple[int, int, int], normalization: Normalization
) -> KerasTensor:
    """Makes the coarsest feature map, `[batch, *shape]`, of a vector `[batch, n]`."""
    dense = layers.Dense(math.prod(shape), kernel_initializer="orthogonal", name="project")
    return layers.Reshape(shape, name="base")(normalization.linear(dense)(vector))


def activate(features: KerasTensor, normalization: Normalization, name: str) -> KerasTensor:
    """Normalises, then ReLU; `name` is `<block>_<index>`."""
    block, _, index = name.rpartition("_")
    features = normalization(features, f"{block}_norm_{index}")
    return activation(0.0, name=f"{block}_activation_{index}")(features)


def convolve(
    features: KerasTensor,
    filters: int,
    size: int,
    normalization: Normalization,
    name: str,
    *,
    normalized_next: bool = False,
) -> KerasTensor:
    """Convolves with square kernels of that size.

    A bias in front of "conditional_batch" has no effect, but the published networks have it.
    """
    convolution = layers.Conv2D(
        filters,
        size,
        padding="same",
        use_bias=(not normalized_next or normalization.needs_bias or normalization.is_conditional),
        kernel_initializer="orthogonal",
        name=name,
    )
    return normalization.linear(convolution)(features)


def attend(features: KerasTensor, normalization: Normalization, name: str) -> KerasTensor:
    """Applies self-attention, spectrally normalised if the rest is."""
    attention = SelfAttention(
        spectral=normalization.is_spectral, kernel_initializer="orthogonal", name=name
    )
    return attention(features)


def to_image(features: KerasTensor, channels: int, normalization: Normalization) -> KerasTensor:
    """Ends the generator: the normalisation, the same for all conditions, ReLU, 3x3, tanh."""
    features = normalization.unconditional()(features, "norm")
    features = activation(0.0, name="activation")(features)
    output = layers.Conv2D(
        channels,
        3,
        padding="same",
        kernel_initializer="orthogonal",
        name="output",
        dtype=output_dtype(),
    )
    image = normalization.linear(output)(features)
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def head(units: int, name: str) -> keras.Layer:
    """Returns a dense layer for the pooled features, in full precision."""
    return layers.Dense(units, kernel_initializer="orthogonal", name=name, dtype=output_dtype())
