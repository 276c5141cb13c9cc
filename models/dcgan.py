"""DCGAN (Radford, Metz & Chintala 2016, arXiv:1511.06434, section 3 and figure 1).

Square images of 8 to 256 pixels. The size is `base * 2^k` with a base of 4 to 7 and k stages of
stride 2; at 64 pixels (base 4, k = 4) this is the network of the paper. Below 16 pixels the base
may be 2 or 3, since one stage alone is too weak a critic: 8 pixels are 2 * 2^2.

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

from tfgan_losses.layers.conv2d_transpose import Conv2DTranspose

_DEFAULT_WIDTH = 64
_SMALLEST, _LARGEST = 8, 256


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
        example_shape: `(size, size, channels)`, size = base * 2^k as in the module's docstring.
        width: Channels at half the full resolution; they double towards the latent vector, up to
            8 times. Default 64, or 32 below 16 pixels.
        normalization: Any.

    Returns:
        `[batch, size, size, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    base, channels, filters = _plan(example_shape, width)
    dense = layers.Dense(
        base * base * filters[-1],
        use_bias=normalization.needs_bias,
        kernel_initializer=_weights(),
        name="project",
    )
    image = normalization.linear(dense)(latent)
    image = layers.Reshape((base, base, filters[-1]), name="base")(image)
    image = _activate(image, normalization, len(filters), negative_slope=0.0)
    for stage in range(len(filters) - 1, 0, -1):
        image = _up(filters[stage - 1], stage, normalization)(image)
        image = _activate(image, normalization, stage, negative_slope=0.0)
    image = _up(channels, 0, normalization, is_output=True)(image)
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, size, size, channels]`, size = base * 2^k as in the module's docstring.
        width: Channels of the first convolution; they double with each, up to 8 times. Default
            64, or 32 below 16 pixels.
        normalization: Any but "conditional_batch"; the first convolution is followed by none.

    Returns:
        `[batch, base, base, channels]`.

    Raises:
        ValueError: If an argument is out of its range.
    """
    _, _, filters = _plan(example.shape[1:], width)
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
    width = _DEFAULT_WIDTH if example_shape[0] >= 16 else _DEFAULT_WIDTH // 2
    return width, width


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


def _plan(example_shape: Sequence[int], width: int | None) -> tuple[int, int, list[int]]:
    """Returns the base size, the image's channels, and channels from fine to coarse."""
    size, channels = check_image_shape(example_shape)
    if width is None:
        width, _ = _default_widths(example_shape)
    check_positive("width", width)
    base, stages = _base_and_stages(size)
    if not stages or not _SMALLEST <= size <= _LARGEST:
        raise ValueError(
            f"Expected images for a DCGAN of {_SMALLEST} to {_LARGEST} pixels whose size is "
            "base * 2^k with a base of 4 to 7 (2 to 7 below 16 pixels). "
            f"Sizes near {size}: {_near(size)}. Received: example_shape={example_shape}"
        )
    return base, channels, [width * min(2**stage, 8) for stage in range(stages)]


def _base_and_stages(size: int) -> tuple[int, int]:
    """Returns `(base, k)`; `k` is 0 where the size has no such form."""
    smallest = 2 if size < 16 else 4
    stages = 0
    while size >= 2 * smallest and size % 2 == 0:
        size, stages = size // 2, stages + 1
    return size, stages if size <= 7 else 0


def _near(size: int) -> str:
    valid = [s for s in range(_SMALLEST, _LARGEST + 1) if _base_and_stages(s)[1]]
    nearest = sorted(valid, key=lambda candidate: abs(candidate - size))[:3]
    return ", ".join(str(candidate) for candidate in sorted(nearest))
