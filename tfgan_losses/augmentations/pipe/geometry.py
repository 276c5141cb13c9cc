"""Pixel blitting and general geometry: all of it is one map from pixels to where they come from."""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

from tfgan_losses.augmentations.pipe import draws as draw
from tfgan_losses.augmentations.pipe.draws import Draws
from tfgan_losses.augmentations.pipe.warp import warp
from tfgan_losses.types import Tensor

BLIT = ("x_flip", "quarter_turn", "integer_translation")
GEOMETRY = ("scale", "rotation", "stretch", "fractional_translation")


class Source(NamedTuple):
    """Where the pixel at (x, y) of a changed image comes from; the origin is the centre.

    The inverse of the paper's G, so that each further transform is multiplied on from the right.
    All parts are [batch].
    """

    xx: Tensor
    xy: Tensor
    yx: Tensor
    yy: Tensor
    x: Tensor
    y: Tensor

    def scaled(self, x: Tensor, y: Tensor) -> Source:
        """After images have been made so many times as wide and high."""
        return self._replace(xx=self.xx / x, xy=self.xy / y, yx=self.yx / x, yy=self.yy / y)

    def turned(self, cos: Tensor, sin: Tensor) -> Source:
        """After images have been turned by an angle, anticlockwise as they are looked at."""
        return self._replace(
            xx=self.xx * cos + self.xy * sin,
            xy=self.xy * cos - self.xx * sin,
            yx=self.yx * cos + self.yy * sin,
            yy=self.yy * cos - self.yx * sin,
        )

    def moved(self, x: Tensor, y: Tensor) -> Source:
        """After images have been moved so many pixels to the right and down."""
        return self._replace(
            x=self.x - self.xx * x - self.xy * y, y=self.y - self.yx * x - self.yy * y
        )

    def coordinates(self, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Rows and columns, in pixels from the first one, [batch, height, width] each."""
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        x = tf.range(width, dtype=tf.float32) - middle_x
        y = tf.range(height, dtype=tf.float32)[:, None] - middle_y
        source = Source(*(part[:, None, None] for part in self))
        rows = source.yx * x + source.yy * y + source.y + middle_y
        return rows, source.xx * x + source.xy * y + source.x + middle_x


def source_of(draws: Draws, height: int, width: int) -> Source:
    """What the geometric transforms of a batch make together."""
    one, zero = tf.ones([draws.batch]), tf.zeros([draws.batch])
    source = Source(one, zero, zero, one, zero, zero)
    flip = draws.of("x_flip", draw.one_of(2), 0.0)
    source = source.scaled(1.0 - 2.0 * flip, one)
    # Sines and cosines that are exact, so that pixels meet pixels.
    turn = tf.cast(draws.of("quarter_turn", draw.one_of(4), 0.0), tf.int32)
    cosines = tf.constant([1.0, 0.0, -1.0, 0.0, 1.0])
    source = source.turned(tf.gather(cosines, turn), -tf.gather(cosines, turn + 1))
    source = source.moved(
        *(
            tf.round(size * draws.of("integer_translation", draw.symmetric(0.125), 0.0, number=i))
            for i, size in enumerate((width, height))
        )
    )
    scale = draws.of("scale", draw.log_normal(0.2), 1.0)
    source = _turned(source.scaled(scale, scale), draws, 0)
    stretch = draws.of("stretch", draw.log_normal(0.2), 1.0)
    source = _turned(source.scaled(stretch, 1.0 / stretch), draws, 1)
    return source.moved(
        *(
            size * 0.125 * draws.of("fractional_translation", draw.normal, 0.0, number=i)
            for i, size in enumerate((width, height))
        )
    )


def transform_geometry(images: Tensor, draws: Draws) -> Tensor:
    """Images after all geometric transforms, by one warp."""
    if not draws.has(*BLIT, *GEOMETRY):
        return images
    height, width = images.shape[1:3]
    return warp(images, *source_of(draws, height, width).coordinates(height, width))


def _turned(source: Source, draws: Draws, which: int) -> Source:
    """Before (0) or after (1) the stretch."""
    angle = draws.of("rotation", draw.symmetric(math.pi), 0.0, number=which, execution=which)
    return source.turned(tf.cos(angle), tf.sin(angle))
