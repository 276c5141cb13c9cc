"""R3GAN: residual networks without normalisation (Huang et al. 2024, arXiv:2501.05441).

Images of 8 pixels or more, of any height and width (`models.resolutions`). Every resolution from 4
pixels on (to 7, where the size is no power of two) is a stage of blocks
`x + L3(act(L2(act(L1(x)))))`: 1x1 convolution to twice the channels, grouped 3x3, 1x1 back; act is
a learned bias per channel and a LeakyReLU(0.2), and nothing else has a bias. Weights are from
N(0, gain^2 / fan_in). In the blocks the gain is sqrt(2 / (1 + 0.2^2)) * B^(-1/4) with B the
number of blocks of the network, and L3 starts at zero, so that every block starts as the identity
(as in Fixup, Zhang et al. 2019); everywhere else the gain is 1.

The generator starts from a learned 4x4 basis whose channels the latent vector scales, and ends in
a 1x1 convolution. As in the authors' network no tanh follows: images are trained in [-1, 1] but
not bounded to it, so clip them before they are shown. The discriminator ends in a 4x4 depthwise
convolution and a linear layer without a bias.

`width` is the number of channels of all stages. From 768 on a stage has two blocks, below that one;
the groups of the 3x3 convolution are `width // 8`. At 32 pixels 768 (with 96 groups and a latent
vector of 64) is the authors' network for CIFAR-10; the default of 64, or 32 below 16 pixels, is for
small machines.

Different from the authors' code:
- bilinear resampling is that of Keras, `UpSampling2D` and `AveragePooling2D` (which is bilinear
  halving); theirs filters with [1, 2, 1].
- stages of different widths, as in their networks for larger images, are not part of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_image_shape, check_positive
from tfgan_losses.models.family import Family
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.resolutions import double, halve, ladder

from tfgan_losses.layers import ChannelBasis, GroupedConv2D

_DEFAULT_WIDTH = 64
_EXPANSION = 2
_NEGATIVE_SLOPE = 0.2


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 64 in the authors' network for CIFAR-10.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels of all stages, default 64, or 32 below 16 pixels.
        normalization: "none".

    Returns:
        `[batch, height, width, channels]`, not bounded.

    Raises:
        ValueError: If an argument is out of its range.
    """
    sizes, width = _plan(example_shape, width, normalization)
    scales = layers.Dense(
        width, use_bias=False, kernel_initializer=_weights(), name="channel_scales"
    )
    # [batch, c] and a kernel [height, width, c] -> [batch, height, width, c].
    basis = ChannelBasis(
        "bc,hwc->bhwc",
        output_shape=(*sizes[0], width),
        kernel_initializer=keras.initializers.RandomNormal(0.0, 1.0),
        name="basis",
    )
    image = _blocks(basis(scales(latent)), sizes[0], len(sizes))
    for size in sizes[1:]:
        image = double(image, f"up_{min(size)}", size=size, interpolation="bilinear")
        image = _blocks(image, size, len(sizes))
    return _pointwise(example_shape[-1], "output", dtype=output_dtype())(image)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the features of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of all stages, default 64, or 32 below 16 pixels.
        normalization: "none".

    Returns:
        `[batch, width]`.

    Raises:
        ValueError: If an argument is out of its range.
    """
    sizes, width = _plan(example.shape[1:], width, normalization)
    example = _pointwise(width, "from_image")(example)
    for size in reversed(sizes[1:]):
        example = _blocks(example, size, len(sizes))
        example = halve(example, f"down_{min(size)}")
    example = _blocks(example, sizes[0], len(sizes))
    # Gain 1 for a fan-in of height * width; Keras would count the channels in.
    height, base_width = sizes[0]
    weights = keras.initializers.RandomNormal(0.0, 1 / math.sqrt(height * base_width))
    basis = layers.DepthwiseConv2D(
        sizes[0], use_bias=False, depthwise_initializer=weights, name="basis"
    )
    return layers.Flatten(name="flatten")(basis(example))


def _head(units: int, name: str) -> keras.Layer:
    return layers.Dense(
        units,
        use_bias=False,
        kernel_initializer=_weights(),
        name=name,
        dtype=output_dtype(),
    )


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    height, width, _ = check_image_shape(example_shape)
    channels = _DEFAULT_WIDTH if min(height, width) >= 16 else _DEFAULT_WIDTH // 2
    return channels, channels


FAMILY = Family(generate, features, _default_widths, head=_head)


def _blocks(features: KerasTensor, size: tuple[int, int], stages: int) -> KerasTensor:
    per_stage = _blocks_per_stage(features.shape[-1])
    for index in range(1, per_stage + 1):
        features = _block(features, f"block_{min(size)}_{index}", stages * per_stage)
    return features


def _block(features: KerasTensor, name: str, blocks: int) -> KerasTensor:
    """Adds the branch of three convolutions; `blocks` is their number in the whole network."""
    width = features.shape[-1]
    # The biases of the activations are those of the convolutions before them.
    gain = math.sqrt(2 / (1 + _NEGATIVE_SLOPE**2)) * blocks**-0.25
    branch = _pointwise(_EXPANSION * width, f"{name}_conv_1", gain, use_bias=True)(features)
    branch = activation(_NEGATIVE_SLOPE, name=f"{name}_activation_1")(branch)
    branch = GroupedConv2D(
        _EXPANSION * width,
        3,
        padding="same",
        groups=_groups(width),
        kernel_initializer=_weights(gain),
        name=f"{name}_conv_2",
    )(branch)
    branch = activation(_NEGATIVE_SLOPE, name=f"{name}_activation_2")(branch)
    branch = _pointwise(width, f"{name}_conv_3", gain=0.0)(branch)
    return layers.Add(name=f"{name}_add")([features, branch])


def _pointwise(
    filters: int, name: str, gain: float = 1.0, *, use_bias: bool = False, dtype: str | None = None
) -> keras.Layer:
    weights = _weights(gain) if gain else "zeros"
    return layers.Conv2D(
        filters, 1, use_bias=use_bias, kernel_initializer=weights, name=name, dtype=dtype
    )


def _weights(gain: float = 1.0) -> keras.initializers.Initializer:
    # A new object each time: one object gives the same numbers to every layer of a shape.
    return keras.initializers.VarianceScaling(
        gain**2, mode="fan_in", distribution="untruncated_normal"
    )


def _blocks_per_stage(width: int) -> int:
    return 2 if width >= 768 else 1


def _groups(width: int) -> int:
    return max(width // 8, 1)


def _plan(
    example_shape: Sequence[int], width: int | None, normalization: Normalization
) -> tuple[list[tuple[int, int]], int]:
    """Returns the sizes of the stages from coarse to fine, and the width."""
    if normalization.name != "none":
        raise ValueError(
            "The networks of R3GAN have no normalisation. Expected normalization='none'. "
            f"Received: normalization={normalization.name!r}"
        )
    sizes = ladder(example_shape)
    if width is None:
        width, _ = _default_widths(example_shape)
    width = check_positive("width", width)
    if _EXPANSION * width % _groups(width):
        raise ValueError(
            f"Expected width to be such that its {_groups(width)} groups divide {_EXPANSION} * "
            f"width: a multiple of 8 will do. Received: width={width}"
        )
    return sizes, width
