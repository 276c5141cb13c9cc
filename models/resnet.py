"""Residual networks of SNGAN (Miyato et al. 2018, arXiv:1802.05957, appendix B.4, tables 4 to 6).

Square images of 32, 48, 64 or 128 pixels. Table 4 is 32 pixels (CIFAR-10), table 5 is 48 (STL-10),
table 6 is 128 (ImageNet); 64 is the `resnet_64` of the authors' later code (sngan_projection).
The blocks are those of WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, appendix): before the
activation comes the normalisation; up by nearest neighbours and down by average pooling, inside
the block; a first block of the discriminator without an activation in front, and with its
shortcut pooled before it is convolved. Glorot uniform weights, with a gain of sqrt(2) in the
residual branches.

`width` is the number of channels nearest to the image. `None` is the paper's: 256 in the generator
and 128 in the discriminator at 32 pixels, 64 elsewhere.

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

from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_image_shape, check_positive
from tfgan_losses.models.family import Family, sum_pool
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.residual import down_block, first_down_block, glorot_uniform, up_block

# Size -> (default width; size of the first feature map; channels of it and of each block that
# follows, in widths). Every block doubles the resolution.
_GENERATORS: dict[int, tuple[int, int, tuple[int, ...]]] = {
    32: (256, 4, (1, 1, 1, 1)),
    48: (64, 6, (8, 4, 2, 1)),
    64: (64, 4, (16, 8, 4, 2, 1)),
    128: (64, 4, (16, 16, 8, 4, 2, 1)),
}

# Size -> (default width; channels of each block, in widths; how many of the blocks halve the
# resolution, which are the first ones).
_DISCRIMINATORS: dict[int, tuple[int, tuple[int, ...], int]] = {
    32: (128, (1, 1, 1, 1), 2),
    48: (64, (1, 2, 4, 8, 16), 4),
    64: (64, (1, 2, 4, 8, 16), 5),
    128: (64, (1, 2, 4, 8, 16, 16), 5),
}


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
        example_shape: `(size, size, channels)` with a size of 32, 48, 64 or 128.
        width: Channels of the last block; default as in the module's docstring.
        normalization: Any.

    Returns:
        `[batch, size, size, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    size, channels = _check(example_shape)
    default_width, base, multiples = _GENERATORS[size]
    width = default_width if width is None else check_positive("width", width)
    dense = layers.Dense(base * base * multiples[0] * width, name="project")
    image = normalization.linear(dense)(latent)
    image = layers.Reshape((base, base, multiples[0] * width), name="base")(image)
    for index, multiple in enumerate(multiples[1:], start=1):
        image = up_block(image, multiple * width, normalization, f"block_{index}")
    image = normalization(image, "norm")
    image = activation(0.0, name="activation")(image)
    output = layers.Conv2D(
        channels,
        3,
        padding="same",
        kernel_initializer=glorot_uniform(),
        name="output",
        dtype=output_dtype(),
    )
    image = normalization.linear(output)(image)
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, size, size, channels]` with a size of 32, 48, 64 or 128.
        width: Channels of the first block; default as in the module's docstring.
        normalization: Any but "conditional_batch".

    Returns:
        `[batch, height, width, channels]`; the paper sums over the positions.

    Raises:
        ValueError: If an argument is out of its range.
    """
    size, _ = _check(example.shape[1:])
    default_width, multiples, halvings = _DISCRIMINATORS[size]
    width = default_width if width is None else check_positive("width", width)
    example = first_down_block(example, multiples[0] * width, normalization, "block_1")
    for index, multiple in enumerate(multiples[1:], start=2):
        example = down_block(
            example, multiple * width, normalization, f"block_{index}", halve=index <= halvings
        )
    return activation(0.0, name="activation")(example)


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    size, _ = _check(example_shape)
    return _GENERATORS[size][0], _DISCRIMINATORS[size][0]


FAMILY = Family(generate, features, _default_widths, pool=sum_pool)


def _check(example_shape: Sequence[int]) -> tuple[int, int]:
    size, channels = check_image_shape(example_shape)
    if size not in _GENERATORS:
        raise ValueError(
            "Expected example_shape to be (size, size, channels) with a size in "
            f"{list(_GENERATORS)}. Received: example_shape={example_shape}"
        )
    return size, channels
