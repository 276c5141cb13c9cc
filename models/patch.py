"""Fully convolutional networks of one scale of SinGAN (Shaham et al. 2019, arXiv:1905.01164).

A stage turns noise and the image of the next coarser scale into an image of the same size; a
critic judges all patches of 11x11 pixels and returns the mean. Both are five 3x3 convolutions, of
which the first four have a normalisation and LeakyReLU(0.2), as in the authors' code. Weights are
from N(0, 0.02), scales of the normalisation from N(1, 0.02).

The authors' normalisation is that of a batch, of one image. In the critic, which is only used in
training, that is instance normalisation, and as such it is written: it does not mix real and
generated images, and gradient penalties know what they differentiate. In the stages it is batch
normalisation, whose moving statistics samples are drawn with.
"""

from __future__ import annotations

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_positive
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype

from tfgan_losses import random

BLOCKS = 4
RECEPTIVE_FIELD = 2 * (BLOCKS + 1) + 1


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
    image = layers.Add(name="noisy")([scaled, previous])
    # Once around all, not before each convolution: so borders look like everything else.
    image = layers.ZeroPadding2D(BLOCKS + 1, name="pad")(image)
    image = _blocks(image, check_positive("width", width), Normalization("batch"), seed)
    image = _convolution(channels, "output", seed, dtype=output_dtype())(image)
    image = layers.Activation("tanh", name="tanh", dtype=output_dtype())(image)
    image = layers.Add(name="image", dtype=output_dtype())([image, previous])
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


def _blocks(
    image: KerasTensor, width: int, normalization: Normalization, seed: int | None
) -> KerasTensor:
    for index in range(1, BLOCKS + 1):
        image = _convolution(width, f"conv_{index}", seed)(image)
        name = f"norm_{index}"
        image = normalization(image, name, gamma_initializer=_near(1.0, name, seed))
        image = activation(0.2, name=f"activation_{index}")(image)
    return image


def _convolution(
    filters: int, name: str, seed: int | None, dtype: str | None = None
) -> keras.Layer:
    weights = _near(0.0, name, seed)
    return layers.Conv2D(filters, 3, kernel_initializer=weights, name=name, dtype=dtype)


def _near(mean: float, name: str, seed: int | None) -> keras.initializers.Initializer:
    """Weights around a mean, of a stream of their own for each layer."""
    own = None if seed is None else random.derived_seed(seed, name)
    return keras.initializers.RandomNormal(mean, 0.02, seed=own)
