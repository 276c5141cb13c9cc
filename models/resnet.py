"""Residual networks of SNGAN (Miyato et al. 2018, arXiv:1802.05957, appendix B.4, tables 4 to 6).

Images of 8 pixels or more, of any height and width (`models.resolutions`); the smaller side says
which network it is. Table 4 is 32 pixels (CIFAR-10), table 5 is 48 (STL-10), table 6 is 128
(ImageNet); 64 is the `resnet_64` of the authors' later code (sngan_projection). The paper has
nothing else: smaller images have table 4 with fewer stages, sizes in between the network of the
next smaller one, and from 256 pixels on there is one more block of eight widths.
The blocks are those of WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, appendix): before the
activation comes the normalisation; up by nearest neighbours and down by average pooling, inside
the block; a first block of the discriminator without an activation in front, and with its
shortcut pooled before it is convolved. Glorot uniform weights, with a gain of sqrt(2) in the
residual branches.

`width` is the number of channels nearest to the image. `None` is the paper's: 256 in the generator
and 128 in the discriminator up to 32 pixels, 64 above.

Different from the paper:
- `normalization="none"` is the default of the discriminator; the paper's is "spectral".
- convolutions that a centring normalisation follows have no bias.
- the discriminator may have "batch", "layer" or "instance" normalisation too, as WGAN-GP has:
  before each activation inside the blocks, but not in the first block and not at the end.

With labels (Miyato & Koyama 2018, arXiv:1802.05637) they are `normalization="conditional_batch"`
and the kind "projection". Ours has the conditional normalisation also before the last convolution
of the generator, where the authors' code has one scale and shift for all classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from keras import KerasTensor
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_positive
from tfgan_losses.models.family import Family, sum_pool
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.residual import (
    down_block,
    first_down_block,
    first_map,
    to_image,
    up_block,
)
from tfgan_losses.models.resolutions import ladder

# Number of stages that double the resolution -> channels of the first feature map and of each block
# that follows, in widths.
_GENERATORS: dict[int, tuple[int, ...]] = {
    3: (8, 4, 2, 1),
    4: (16, 8, 4, 2, 1),
    5: (16, 16, 8, 4, 2, 1),
    6: (16, 16, 8, 8, 4, 2, 1),
}

# The same number -> channels of each block, in widths; how many of the blocks halve the resolution,
# which are the first ones.
_DISCRIMINATORS: dict[int, tuple[tuple[int, ...], int]] = {
    3: ((1, 2, 4, 8, 16), 4),
    4: ((1, 2, 4, 8, 16), 5),
    5: ((1, 2, 4, 8, 16, 16), 5),
    6: ((1, 2, 4, 8, 8, 16, 16), 6),
}

# Up to so many pixels the networks are those of CIFAR-10, of blocks of one width.
_SMALL = 32


class Plan(NamedTuple):
    """The networks for images of one size.

    Attributes:
        sizes: Heights and widths of the stages of the generator, from coarse to fine.
        g_multiples: Channels of the first feature map and of each block of the generator, in
            widths.
        d_multiples: The same of each block of the discriminator.
        halvings: How many of these halve the resolution, which are the first ones.
        default_widths: Of generator and discriminator.
    """

    sizes: list[tuple[int, int]]
    g_multiples: tuple[int, ...]
    d_multiples: tuple[int, ...]
    halvings: int
    default_widths: tuple[int, int]


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 128 in the paper.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels of the last block; default as in the module's docstring.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = plan_of(example_shape)
    width = plan.default_widths[0] if width is None else check_positive("width", width)
    image = first_map(latent, (*plan.sizes[0], plan.g_multiples[0] * width), normalization)
    stages = zip(plan.g_multiples[1:], plan.sizes[1:], strict=True)
    for index, (multiple, size) in enumerate(stages, start=1):
        image = up_block(image, multiple * width, normalization, f"block_{index}", size=size)
    return to_image(image, example_shape[-1], normalization)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of the first block; default as in the module's docstring.
        normalization: Any but "conditional_batch".

    Returns:
        `[batch, height, width, channels]`; the paper sums over the positions.

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = plan_of(example.shape[1:])
    width = plan.default_widths[1] if width is None else check_positive("width", width)
    example = first_down_block(example, plan.d_multiples[0] * width, normalization, "block_1")
    for index, multiple in enumerate(plan.d_multiples[1:], start=2):
        down, name = index <= plan.halvings, f"block_{index}"
        example = down_block(example, multiple * width, normalization, name, down=down)
    return activation(0.0, name="activation")(example)


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    return plan_of(example_shape).default_widths


FAMILY = Family(generate, features, _default_widths, pool=sum_pool)


def plan_of(example_shape: Sequence[int]) -> Plan:
    """Returns the plan for images `(height, width, channels)`, both sides of 8 or more."""
    sizes = ladder(example_shape)
    stages = len(sizes) - 1
    if min(sizes[-1]) <= _SMALL:
        ones = (1,) * (stages + 1)
        return Plan(sizes, ones, (1, 1, 1, 1), max(stages - 1, 1), (256, 128))
    # Larger images than those of the table start from a larger map.
    stages = min(stages, max(_GENERATORS))
    return Plan(sizes[-1 - stages :], _GENERATORS[stages], *_DISCRIMINATORS[stages], (64, 64))
