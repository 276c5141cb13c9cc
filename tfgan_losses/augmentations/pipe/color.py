"""Colour: brightness, contrast, luma, hue and saturation are one matrix for each image."""

from __future__ import annotations

import math

import tensorflow as tf

from tfgan_losses.augmentations.alpha import of_colors
from tfgan_losses.augmentations.pipe import draws as draw
from tfgan_losses.augmentations.pipe.draws import Draws
from tfgan_losses.types import Tensor

COLOR = ("brightness", "contrast", "luma_flip", "hue", "saturation")


@of_colors
def transform_color(images: Tensor, draws: Draws) -> Tensor:
    """Images after all changes of colour.

    With the luma axis v = (1, 1, 1) / sqrt(3), the product of the paper's matrices is

        C x = c s cos(h) x + c (f - s cos(h)) v v^T x + c s sin(h) v x x

    of contrast c, saturation s, hue h and f = -1 where the luma is flipped, else 1; and it is put
    in place of x + b, b the brightness. Where nothing happens each factor is 0 or 1 exactly. A grey
    image is one of three equal channels, of which the matrix makes three equal ones; of an RGBA
    image the fourth channel stays.
    """
    if not draws.has(*COLOR):
        return images
    brightness = 0.2 * draws.of("brightness", draw.normal, 0.0)
    contrast = draws.of("contrast", draw.log_normal(0.5), 1.0)
    luma = contrast * (1.0 - 2.0 * draws.of("luma_flip", draw.one_of(2), 0.0))
    brightness, contrast, luma = (x[:, None, None, None] for x in (brightness, contrast, luma))
    if images.shape[-1] == 1:
        return luma * (images + brightness)
    hue = draws.of("hue", draw.symmetric(math.pi), 0.0)[:, None, None, None]
    chroma = contrast * draws.of("saturation", draw.log_normal(1.0), 1.0)[:, None, None, None]
    own, around = chroma * tf.cos(hue), chroma * tf.sin(hue) / math.sqrt(3.0)
    mean = tf.reduce_mean(images, axis=-1, keepdims=True)
    turned = tf.roll(images, 1, axis=-1) - tf.roll(images, -1, axis=-1)
    return own * images + around * turned + ((luma - own) * mean + luma * brightness)
