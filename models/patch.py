"""Fully convolutional networks of one scale of SinGAN (Shaham et al. 2019, arXiv:1905.01164).

A stage turns noise and the image of the next coarser scale into an image of the same size; a
critic judges all patches of 11x11 pixels and returns the mean. Both are five 3x3 convolutions, of
which the first four have a normalisation and LeakyReLU(0.2), as in the authors' code. Weights are
from N(0, 0.02), scales of the normalisation from N(1, 0.02).

The authors' normalisation is that of a batch, of one image. In the critic, which is only used in
training, that is instance normalisation, and as such it is written: it does not mix real and
generated images, and gradient penalties know what they differentiate. In the stages it is batch
normalisation, whose moving statistics samples are drawn with. All of the authors' convolutions have
a bias; here those have none that a normalisation follows, which takes it off.

As a family (`FAMILY`) both have one size: the latents of an image are the noise of its one scale,
height * width * channels numbers, and zeros stand in for the image of a coarser one.
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

from tfgan_losses import random

BLOCKS = 4
RECEPTIVE_FIELD = 2 * (BLOCKS + 1) + 1
_DEFAULT_WIDTH = 32


def build_stage(
    channels: int, *, width: int, amplitude: float = 1.0, seed: int | None = None
) -> keras.Model:
    """Builds the generator of one scale: `previous + tanh(f(amplitude * noise + previous))`.

    Args:
        channels: Of the images.
        width: Channels of the convolutions.
        amplitude: What the noise is multiplied by, >= 0.
        seed: Decides the weights; None for those of Keras' global seed.

    Returns:
        A model of `[noise, previous]`, both `[batch, height, width, channels]` of any one size, ->
        images of that size. Zeros stand in for the image where there is no coarser scale.

    Raises:
        ValueError: If a number is out of its range.
    """
    shape = (None, None, check_positive("channels", channels))
    noise, previous = keras.Input(shape, name="noise"), keras.Input(shape, name="previous")
    scaled = layers.Rescaling(float(amplitude), name="amplitude")(noise)
    noisy = layers.Add(name="noisy")([scaled, previous])
    change = _change(noisy, check_positive("width", width), Normalization("batch"), seed)
    image = layers.Add(name="image", dtype=output_dtype())([change, previous])
    return keras.Model([noise, previous], image, name="stage")


def build_critic(channels: int, *, width: int, seed: int | None = None) -> keras.Model:
    """Builds the critic of one scale.

    Args:
        channels: Of the images.
        width: Channels of the convolutions.
        seed: Decides the weights; None for those of Keras' global seed.

    Returns:
        A model `[batch, height, width, channels]`, both sides of 11 or more, -> logits
        `[batch, 1]`, the mean over all patches.

    Raises:
        ValueError: If a number is no positive integer.
    """
    example = keras.Input((None, None, check_positive("channels", channels)), name="example")
    patches = _blocks(example, check_positive("width", width), Normalization("instance"), seed)
    patches = _convolution(1, "patches", seed, dtype=output_dtype())(patches)
    logits = layers.GlobalAveragePooling2D(name="logits", dtype=output_dtype())(patches)
    return keras.Model(example, logits, name="discriminator")


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns the noise of one scale into images, as `build_stage` does after zeros.

    Args:
        latent: `[batch, height * width * channels]`.
        example_shape: `(height, width, channels)`, both sides of 11 or more.
        width: Channels of the convolutions, default 32.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If the latents are not as many, or an argument is out of its range.
    """
    shape = _check_sides(example_shape)
    if latent.shape[1] != math.prod(shape):
        raise ValueError(
            "The latents of the model 'patch' are the noise of an image, one number for each of "
            f"its own, with no condition beside them. Expected latent_dim={math.prod(shape)} for "
            f"images of {shape}. Received: latents of shape ({latent.shape[1]},)"
        )
    noise = layers.Reshape(shape, name="noise")(latent)
    return _change(noise, _width(width), normalization)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns what the last convolution of `build_critic` sees.

    Args:
        example: `[batch, height, width, channels]`, both sides of 11 or more.
        width: Channels of the convolutions, default 32.
        normalization: Any but the conditional ones.

    Returns:
        `[batch, height - 8, width - 8, width]`.

    Raises:
        ValueError: If an argument is out of its range.
    """
    _check_sides(example.shape[1:])
    return _blocks(example, _width(width), normalization)


def _pool(features: KerasTensor) -> KerasTensor:
    """Means of the 3x3 neighbours of all patches, `[batch, 9 * channels]`.

    A dense layer of them is a 3x3 convolution and the mean of its map, in this order of weights.
    """
    window = [side - 2 for side in features.shape[1:3]]
    means = layers.AveragePooling2D(window, strides=1, name="neighbours", dtype=output_dtype())
    return layers.Flatten(name="flatten", dtype=output_dtype())(means(features))


def _head(units: int, name: str) -> keras.Layer:
    weights = keras.initializers.RandomNormal(0.0, 0.02)
    return layers.Dense(units, kernel_initializer=weights, name=name, dtype=output_dtype())


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    _check_sides(example_shape)
    return _DEFAULT_WIDTH, _DEFAULT_WIDTH


FAMILY = Family(generate, features, _default_widths, pool=_pool, head=_head)


def _check_sides(example_shape: Sequence[int]) -> tuple[int, int, int]:
    shape = check_image_shape(example_shape)
    if min(shape[:2]) < RECEPTIVE_FIELD:
        raise ValueError(
            f"The model 'patch' judges patches of {RECEPTIVE_FIELD}x{RECEPTIVE_FIELD} pixels. "
            f"Expected images with both sides >= {RECEPTIVE_FIELD}, or another model. "
            f"Received: example_shape={shape}"
        )
    return shape


def _width(width: int | None) -> int:
    return _DEFAULT_WIDTH if width is None else check_positive("width", width)


def _change(
    noisy: KerasTensor, width: int, normalization: Normalization, seed: int | None = None
) -> KerasTensor:
    """What a stage adds to the image of the coarser scale, in [-1, 1]."""
    # Once around all, not before each convolution: so borders look like everything else.
    image = layers.ZeroPadding2D(BLOCKS + 1, name="pad")(noisy)
    image = _blocks(image, width, normalization, seed)
    output = _convolution(noisy.shape[-1], "output", seed, dtype=output_dtype())
    image = normalization.linear(output)(image)
    return layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)


def _blocks(
    image: KerasTensor, width: int, normalization: Normalization, seed: int | None = None
) -> KerasTensor:
    for index in range(1, BLOCKS + 1):
        convolution = _convolution(width, f"conv_{index}", seed, use_bias=normalization.needs_bias)
        image = normalization.linear(convolution)(image)
        name = f"norm_{index}"
        image = normalization(image, name, gamma_initializer=_near(1.0, name, seed))
        image = activation(0.2, name=f"activation_{index}")(image)
    return image


def _convolution(
    filters: int,
    name: str,
    seed: int | None = None,
    *,
    use_bias: bool = True,
    dtype: str | None = None,
) -> keras.Layer:
    weights = _near(0.0, name, seed)
    return layers.Conv2D(
        filters, 3, use_bias=use_bias, kernel_initializer=weights, name=name, dtype=dtype
    )


def _near(mean: float, name: str, seed: int | None) -> keras.initializers.Initializer:
    """Weights around a mean, of a stream of their own for each layer."""
    own = None if seed is None else random.derived_seed(seed, name)
    return keras.initializers.RandomNormal(mean, 0.02, seed=own)
