"""Residual blocks of SNGAN and WGAN-GP (Gulrajani et al. 2017, appendix; Miyato et al. 2018).

A branch is (normalisation, ReLU, 3x3 convolution) twice. The shortcut is a 1x1 convolution where
the resolution or the number of channels changes, else the identity. Weights are Glorot uniform;
`gain` of the branches is sqrt(2) in SNGAN and 1 in SAGAN.
"""

from __future__ import annotations

import math

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype
from tfgan_losses.models.resolutions import double, halve

_GAIN = 2**0.5


def glorot_uniform(gain: float = 1.0) -> keras.initializers.Initializer:
    """Returns Glorot & Bengio's uniform initialiser, its standard deviation times the gain."""
    return keras.initializers.VarianceScaling(gain**2, mode="fan_avg", distribution="uniform")


def first_map(
    latent: KerasTensor, shape: tuple[int, int, int], normalization: Normalization
) -> KerasTensor:
    """Projects latent vectors to a feature map `[batch, height, width, channels]`."""
    dense = layers.Dense(math.prod(shape), name="project")
    return layers.Reshape(shape, name="base")(normalization.linear(dense)(latent))


def to_image(features: KerasTensor, channels: int, normalization: Normalization) -> KerasTensor:
    """Ends a generator: normalisation, ReLU, 3x3 convolution, tanh in full precision.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].
    """
    features = normalization(features, "norm")
    features = activation(0.0, name="activation")(features)
    output = layers.Conv2D(
        channels,
        3,
        padding="same",
        kernel_initializer=glorot_uniform(),
        name="output",
        dtype=output_dtype(),
    )
    image = normalization.linear(output)(features)
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def up_block(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    size: tuple[int, int] | None = None,
    gain: float = _GAIN,
) -> KerasTensor:
    """Doubles the resolution: upsamples, then convolves, in the branch and in the shortcut.

    Args:
        features: `[batch, height, width, channels]`.
        filters: Channels of the result and of the hidden map.
        normalization: See `models.normalization`.
        name: Prefix of the names of the layers.
        size: Height and width of the result, if a side is one less than twice that of the features.
        gain: Of the convolutions of the branch.

    Returns:
        `[batch, 2 * height, 2 * width, filters]`, or of that size.
    """
    branch = _activate(features, normalization, f"{name}_1")
    branch = double(branch, f"{name}_up", size=size)
    branch = _convolve(branch, filters, normalization, f"{name}_conv_1", gain, centred_next=True)
    branch = _activate(branch, normalization, f"{name}_2")
    branch = _convolve(branch, filters, normalization, f"{name}_conv_2", gain)
    shortcut = double(features, f"{name}_shortcut_up", size=size)
    shortcut = _shortcut(shortcut, filters, normalization, name)
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def down_block(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    down: bool,
    hidden: int | None = None,
    gain: float = _GAIN,
) -> KerasTensor:
    """Convolves, then halves the resolution by average pooling if asked to.

    Args:
        features: `[batch, height, width, channels]`.
        filters: Channels of the result.
        normalization: See `models.normalization`.
        name: Prefix of the names of the layers.
        down: Whether to halve the resolution.
        hidden: Channels of the hidden map; None for those of the features, as in SNGAN.
        gain: Of the convolutions of the branch.

    Returns:
        `[batch, height / 2, width / 2, filters]`, rounded up, or the full resolution.
    """
    channels = features.shape[-1]
    branch = _activate(features, normalization, f"{name}_1")
    hidden = channels if hidden is None else hidden
    branch = _convolve(branch, hidden, normalization, f"{name}_conv_1", gain, centred_next=True)
    branch = _activate(branch, normalization, f"{name}_2")
    branch = _convolve(branch, filters, normalization, f"{name}_conv_2", gain)
    shortcut = features
    if down or channels != filters:
        shortcut = _shortcut(features, filters, normalization, name)
    if down:
        branch = halve(branch, f"{name}_down")
        shortcut = halve(shortcut, f"{name}_shortcut_down")
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def first_down_block(
    image: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    gain: float = _GAIN,
) -> KerasTensor:
    """Halves the resolution of an image, with no activation or normalisation of the image itself.

    The shortcut pools first and convolves then, which is the same map and a quarter of the work.

    Args:
        image: `[batch, height, width, channels]`.
        filters: Channels of the result and of the hidden map.
        normalization: Only "spectral" has an effect.
        name: Prefix of the names of the layers.
        gain: Of the convolutions of the branch.

    Returns:
        `[batch, height / 2, width / 2, filters]`, rounded up.
    """
    branch = _convolve(image, filters, normalization, f"{name}_conv_1", gain)
    branch = activation(0.0, name=f"{name}_activation_2")(branch)
    branch = _convolve(branch, filters, normalization, f"{name}_conv_2", gain)
    branch = halve(branch, f"{name}_down")
    shortcut = halve(image, f"{name}_shortcut_down")
    shortcut = _shortcut(shortcut, filters, normalization, name)
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def _activate(features: KerasTensor, normalization: Normalization, name: str) -> KerasTensor:
    prefix, _, index = name.rpartition("_")
    features = normalization(features, f"{prefix}_norm_{index}")
    return activation(0.0, name=f"{prefix}_activation_{index}")(features)


def _convolve(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    gain: float,
    *,
    centred_next: bool = False,
) -> KerasTensor:
    convolution = layers.Conv2D(
        filters,
        3,
        padding="same",
        use_bias=not centred_next or normalization.needs_bias,
        kernel_initializer=glorot_uniform(gain),
        name=name,
    )
    return normalization.linear(convolution)(features)


def _shortcut(
    features: KerasTensor, filters: int, normalization: Normalization, name: str
) -> KerasTensor:
    convolution = layers.Conv2D(
        filters, 1, kernel_initializer=glorot_uniform(), name=f"{name}_shortcut"
    )
    return normalization.linear(convolution)(features)
