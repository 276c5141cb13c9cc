"""DCGAN (Radford, Metz & Chintala 2016, arXiv:1511.06434, section 3 and figure 1).

Images of 8 pixels or more, of any height and width (`models.resolutions`). The smaller side is
`base * 2^k`, rounded up, with a base of 4 to 7 and k stages of stride 2; at 64 pixels (base 4,
k = 4) this is the network of the paper. Below 16 pixels the base is 2 or 3, since one stage alone
is too weak a critic: 8 pixels are 2 * 2^2.

As in the paper: no pooling, no hidden dense layers, ReLU in the generator and LeakyReLU(0.2) in
the discriminator, tanh at the end, weights from N(0, 0.02), normalisation everywhere but at the
output of the generator and the input of the discriminator. Scales of the normalisation start from
N(1, 0.02), as in the authors' code.

Different from the paper:
- kernels are 4x4, as in the authors' Torch code; the paper's 5x5 is no multiple of the stride 2,
  so that a transposed convolution covers pixels unevenly (checkerboards; Odena et al. 2016).
- `width=64` is the Torch code's; the paper's generator (figure 1, 1024 channels at 4x4) is 128.
  Below 16 pixels, where the paper has nothing, it is 32.
- channels are capped at `8 * width`, which the paper's 64 pixels never exceed.
- the discriminator gives logits and, by default, has no normalisation: gradient penalties do not
  go with BatchNormalization. `normalization="batch"` is the paper's.
- layers that no centring normalisation follows have a bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_image_shape, check_positive
from tfgan_losses.models.family import Family
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.resolutions import cut, ladder

from tfgan_losses.layers.conv2d_transpose import Conv2DTranspose

_DEFAULT_WIDTH = 64


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 100 in the paper.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels at half the full resolution; they double towards the latent vector, up to
            8 times. Default 64, or 32 below 16 pixels.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    sizes, filters = _plan(example_shape, width)
    height, base_width = sizes[0]
    dense = layers.Dense(
        height * base_width * filters[-1],
        use_bias=normalization.needs_bias,
        kernel_initializer=_weights(),
        name="project",
    )
    image = normalization.linear(dense)(latent)
    image = layers.Reshape((height, base_width, filters[-1]), name="base")(image)
    image = _activate(image, normalization, len(filters), negative_slope=0.0)
    for stage in range(len(filters) - 1, 0, -1):
        image = _up(filters[stage - 1], stage, normalization)(image)
        image = cut(image, sizes[-1 - stage], f"up_{stage}_cut")
        image = _activate(image, normalization, stage, negative_slope=0.0)
    image = _up(example_shape[-1], 0, normalization, is_output=True)(image)
    image = cut(image, sizes[-1], "output_cut")
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of the first convolution; they double with each, up to 8 times. Default
            64, or 32 below 16 pixels.
        normalization: Any but "conditional_batch"; the first convolution is followed by none.

    Returns:
        `[batch, height, width, channels]` of the coarsest stage.

    Raises:
        ValueError: If an argument is out of its range.
    """
    _, filters = _plan(example.shape[1:], width)
    for stage, channels in enumerate(filters, start=1):
        own = normalization.of_image() if stage == 1 else normalization
        convolution = layers.Conv2D(
            channels,
            4,
            strides=2,
            padding="same",
            use_bias=own.needs_bias,
            kernel_initializer=_weights(),
            name=f"conv_{stage}",
        )
        example = own.linear(convolution)(example)
        example = _activate(example, own, stage, negative_slope=0.2)
    return example


def _flatten(features: KerasTensor) -> KerasTensor:
    return layers.Flatten(name="flatten")(features)


def _head(units: int, name: str) -> keras.Layer:
    return layers.Dense(units, kernel_initializer=_weights(), name=name, dtype=output_dtype())


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    height, width, _ = check_image_shape(example_shape)
    channels = _DEFAULT_WIDTH if min(height, width) >= 16 else _DEFAULT_WIDTH // 2
    return channels, channels


FAMILY = Family(generate, features, _default_widths, pool=_flatten, head=_head)


def _weights() -> keras.initializers.Initializer:
    # A new object each time: one object gives the same numbers to every layer of a shape.
    return keras.initializers.RandomNormal(0.0, 0.02)


def _up(
    filters: int, stage: int, normalization: Normalization, is_output: bool = False
) -> keras.Layer:
    return normalization.linear(
        Conv2DTranspose(
            filters,
            4,
            strides=2,
            padding="same",
            use_bias=is_output or normalization.needs_bias,
            kernel_initializer=_weights(),
            name="output" if is_output else f"up_{stage}",
            dtype=output_dtype() if is_output else None,
        )
    )


def _activate(
    features: KerasTensor, normalization: Normalization, stage: int, negative_slope: float
) -> KerasTensor:
    scale = keras.initializers.RandomNormal(1.0, 0.02)
    features = normalization(features, f"norm_{stage}", gamma_initializer=scale)
    return activation(negative_slope, name=f"activation_{stage}")(features)


def _plan(
    example_shape: Sequence[int], width: int | None
) -> tuple[list[tuple[int, int]], list[int]]:
    """Returns the sizes of the stages from coarse to fine, and channels from fine to coarse."""
    height, image_width, _ = check_image_shape(example_shape)
    sizes = ladder(example_shape, base=2 if min(height, image_width) < 16 else 4)
    if width is None:
        width, _ = _default_widths(example_shape)
    check_positive("width", width)
    return sizes, [width * min(2**stage, 8) for stage in range(len(sizes) - 1)]
