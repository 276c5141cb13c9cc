"""StyleGAN2 (Karras et al. 2020, arXiv:1912.04958), written from the papers.

The generator is a mapping network (`models.styles`) and a synthesis network: a learned constant of
the coarsest size; at each size two modulated convolutions, one at the coarsest, each with noise, a
bias and LeakyReLU(0.2); and the image, to which each size adds what a modulated 1x1 convolution
makes of its features ("skip", figure 7b). The discriminator is residual (7c): at each size two
convolutions and a 1x1 shortcut, their sum times sqrt(1/2); the standard deviation of a minibatch,
a convolution and a dense layer at the coarsest. All resampling is through the filter [1, 3, 3, 1],
all weights have an equalised learning rate, and all activations a gain of sqrt(2). From 64 pixels
on no tanh follows: images are trained in [-1, 1] but not bounded to it.

Images of 8 pixels or more, of any height and width (`models.resolutions`). There are two styles at
each size, 18 at 1024 pixels as in the papers; the second one is that of the image, too.

`width` is the number of channels of the features nearest to the image, doubled from size to size
up to 512 (or to `width`, if that is more). The papers' numbers are 32 at 1024 pixels and 128 at 256
(configuration F); the paper of adaptive augmentation (arXiv:2006.06676, table of hyper-parameters)
has 64 at 256, and 512 at 32, where it is 512 everywhere. The default is 64, and for small machines
32 below 64 pixels. A style has as many numbers as the coarsest features channels: 512 in the
papers. From 64 pixels on the mapping network has 8 layers, and styles are mixed in training;
below, it has 2 and they are not, as in the latter paper for CIFAR-10.

A condition is embedded linearly; it and the latent vector are normalised, each of its own, and
concatenated.

Nothing is drawn here. Noise and mixed styles are functions of a latent vector
(`tfgan_losses.random_of_latents`), so that one latent vector is one image, in any batch, on any
replica, in eager mode, in a graph, under XLA and in a SavedModel.

Different from the papers:
- noise is that function, in inference, too; the authors draw it anew, or keep one of each size.
- the styles' mean is computed when it is asked for (`models.styles.truncate_styles`), not tracked.
- a conditional discriminator is one of `models.heads`: that of the paper of adaptive augmentation
  is a projection, too, but of a label that a second mapping network embeds.
- the residual discriminator stays at 32 pixels, where that paper has one without shortcuts.
- a tanh follows below 64 pixels. Small images are drawings more often than photographs: where most
  pixels are exactly -1, what is not bounded never is, the discriminator sees nothing else, and
  training collapses (docs/networks.md has the figures).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_image_shape, check_positive
from tfgan_losses.models.family import Family
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.resolutions import cut, ladder
from tfgan_losses.models.styles import build_mapping

from tfgan_losses.layers import (
    Blur,
    EqualizedConv2D,
    EqualizedDense,
    FilteredUpSampling2D,
    LatentNoise,
    LearnedConstant,
    MinibatchStandardDeviation,
    ModulatedConv2D,
)
from tfgan_losses.training.styles import SYNTHESIS

_MOST_CHANNELS = 512
_LARGE = 64
_WIDTHS = {False: 32, True: 64}
_SLOPE = 0.2
_GAIN = math.sqrt(2)


class _Plan(NamedTuple):
    sizes: list[tuple[int, int]]  # from coarse to fine, as the channels
    channels: list[int]
    is_large: bool


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 512 in the papers.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels nearest to the image; default as in the module's docstring.
        normalization: "none"; with its condition, if there is one.

    Returns:
        `[batch, height, width, channels]`, not bounded; below 64 pixels in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = _plan(example_shape, width, normalization)
    condition, latent_dim = normalization.condition, latent.shape[-1]
    mapping = build_mapping(
        latent_dim,
        condition_size=0 if condition is None else condition.shape[-1],
        styles=2 * len(plan.sizes),
        size=plan.channels[0],
        depth=8 if plan.is_large else 2,
        mixes=plan.is_large,
    )
    synthesis = _synthesis(latent_dim, plan, example_shape[-1])
    styles = mapping(latent if condition is None else [latent, condition])
    return synthesis([styles, latent])


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the vector that the logits are made from.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels nearest to the image; default as in the module's docstring.
        normalization: "none".

    Returns:
        `[batch, n]` with n the channels of the coarsest size, 512 in the papers.

    Raises:
        ValueError: If an argument is out of its range.
    """
    sizes, channels, _ = _plan(example.shape[1:], width, normalization)
    example = _convolve(example, channels[-1], 1, "from_image")
    for size, filters in zip(sizes[:0:-1], channels[-2::-1], strict=True):
        example = _down_block(example, filters, f"block_{min(size)}")
    example = MinibatchStandardDeviation(name="minibatch_deviation")(example)
    example = _convolve(example, channels[0], 3, f"block_{min(sizes[0])}_conv")
    example = layers.Flatten(name="flatten")(example)
    dense = EqualizedDense(channels[0], gain=_GAIN, name=f"block_{min(sizes[0])}_dense")
    return activation(_SLOPE, name="activation")(dense(example))


def _head(units: int, name: str) -> keras.Layer:
    return EqualizedDense(units, name=name, dtype=output_dtype())


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    height, width, _ = check_image_shape(example_shape)
    channels = _WIDTHS[min(height, width) >= _LARGE]
    return channels, channels


FAMILY = Family(generate, features, _default_widths, head=_head, places_condition=True)


def _synthesis(latent_dim: int, plan: _Plan, channels: int) -> keras.Model:
    """Styles and latents to images; the latents are what the noise is made of."""
    shape = (2 * len(plan.sizes), plan.channels[0])
    styles = keras.Input(shape, name="styles")
    latent = keras.Input((latent_dim,), name="latent")
    each = [_style(styles, index) for index in range(shape[0])]
    hidden = LearnedConstant((*plan.sizes[0], plan.channels[0]), name="constant")(latent)
    image = None
    for stage, (size, filters) in enumerate(zip(plan.sizes, plan.channels, strict=True)):
        name = f"block_{min(size)}"
        first, second = each[2 * stage : 2 * stage + 2]
        if stage:
            hidden = _modulate(hidden, first, latent, filters, f"{name}_up", size=size, up=True)
        own = second if stage else first
        hidden = _modulate(hidden, own, latent, filters, f"{name}_conv", size=size)
        shown = ModulatedConv2D(
            channels, 1, demodulate=False, name=f"{name}_image", dtype=output_dtype()
        )([hidden, second])
        image = shown if image is None else _add_to(image, shown, size, name)
    if not plan.is_large:
        image = layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)
    return keras.Model([styles, latent], image, name=SYNTHESIS)


def _style(styles: KerasTensor, index: int) -> KerasTensor:
    length = styles.shape[1]
    one = layers.Cropping1D((index, length - 1 - index), name=f"style_{index}_of_all")(styles)
    return layers.Flatten(name=f"style_{index}")(one)


def _modulate(
    hidden: KerasTensor,
    style: KerasTensor,
    latent: KerasTensor,
    filters: int,
    name: str,
    *,
    size: tuple[int, int],
    up: bool = False,
) -> KerasTensor:
    hidden = ModulatedConv2D(filters, 3, up=up, gain=_GAIN, name=name)([hidden, style])
    hidden = cut(hidden, size, f"{name}_cut")
    hidden = LatentNoise(name, gain=_GAIN, name=f"{name}_noise")([hidden, latent])
    return activation(_SLOPE, name=f"{name}_activation")(hidden)


def _add_to(
    image: KerasTensor, shown: KerasTensor, size: tuple[int, int], name: str
) -> KerasTensor:
    dtype = output_dtype()
    image = FilteredUpSampling2D(name=f"{name}_image_up", dtype=dtype)(image)
    image = cut(image, size, f"{name}_image_cut")
    return layers.Add(name=f"{name}_image_sum", dtype=dtype)([image, shown])


def _down_block(hidden: KerasTensor, filters: int, name: str) -> KerasTensor:
    """Two convolutions beside a linear shortcut; the resolution is halved, rounded up."""
    odd = [side % 2 for side in hidden.shape[1:3]]
    branch = _convolve(hidden, hidden.shape[-1], 3, f"{name}_conv_1")
    branch = Blur([(2, 2 + more) for more in odd], name=f"{name}_blur")(branch)
    branch = _convolve(branch, filters, 3, f"{name}_conv_2", strides=2, padding="valid")
    shortcut = Blur([(1, 1 + more) for more in odd], strides=2, name=f"{name}_shortcut_blur")
    convolve = EqualizedConv2D(
        filters, 1, gain=math.sqrt(0.5), use_bias=False, name=f"{name}_shortcut"
    )
    # sqrt(1/2) of the sum: it is linear, and the activation of the branch homogeneous.
    return layers.Add(name=f"{name}_add")([branch, convolve(shortcut(hidden))])


def _convolve(
    hidden: KerasTensor,
    filters: int,
    kernel_size: int,
    name: str,
    *,
    strides: int = 1,
    padding: str = "same",
) -> KerasTensor:
    # Where the resolution is halved, a branch ends: see `_down_block`.
    gain = _GAIN if strides == 1 else 1.0
    convolve = EqualizedConv2D(
        filters, kernel_size, strides=strides, padding=padding, gain=gain, name=name
    )
    prefix, _, index = name.rpartition("_")
    act = f"{prefix}_activation_{index}" if index.isdigit() else f"{name}_activation"
    return activation(_SLOPE, name=act)(convolve(hidden))


def _plan(example_shape: Sequence[int], width: int | None, normalization: Normalization) -> _Plan:
    if normalization.name != "none":
        raise ValueError(
            "The networks of StyleGAN2 have no normalisation. Expected normalization='none'. "
            f"Received: normalization={normalization.name!r}"
        )
    sizes = ladder(example_shape)
    if width is None:
        width, _ = _default_widths(example_shape)
    width = check_positive("width", width)
    most = max(_MOST_CHANNELS, width)
    channels = [min(width * 2**halvings, most) for halvings in range(len(sizes))]
    return _Plan(sizes, channels[::-1], min(sizes[-1]) >= _LARGE)
