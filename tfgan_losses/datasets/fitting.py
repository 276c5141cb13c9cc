"""Images of any height and width to one size: cropped, padded or stretched, and resized."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np
import tensorflow as tf

from tfgan_losses.datasets.channels import luma
from tfgan_losses.datasets.levels import WHITE, Color
from tfgan_losses.image_sizes import Size


@dataclasses.dataclass(frozen=True)
class Fitting:
    """Brings images to one size, with antialiasing.

    The filter is Lanczos-3, stretched when shrinking, the same as Pillow's `LANCZOS`.

    Attributes:
        size: Height and width of the result.
        fit: "crop" takes the largest centred part of the aspect ratio of `size`; "pad" shrinks or
            enlarges all of the image until it fits inside, centred, with borders; "stretch" gives
            the aspect ratio up.
        background: Colour of the borders, in 0 to 255: its luma in grey images; with four channels
            it is transparent.
        weighted: Whether the fourth channel is alpha, by which colours count in resizing, so that
            those of transparent pixels do not show; otherwise each channel is resized by itself.
    """

    size: Size
    fit: str = "crop"
    background: Color = WHITE
    weighted: bool = False

    def __call__(self, image: tf.Tensor) -> tf.Tensor:
        """Returns `[..., *size, channels]` of the same type and range.

        Args:
            image: `[..., height, width, channels]` with at most one axis in front, uint8, or
                float32 in [-1, 1].
        """
        if image.shape[-3:-1] == self.size:
            return image
        native = tf.shape(image, tf.int64)[-3:-1]
        fitted = tf.cond(
            tf.reduce_all(native == self.size),
            lambda: image,
            lambda: self._fitted(image, *tf.unstack(native)),
        )
        return tf.ensure_shape(fitted, [*image.shape[:-3], *self.size, image.shape[-1]])

    def fit_of(self, sizes: Collection[Size]) -> str | None:
        """Returns the fit, for a fingerprint; None if all images are of the size that is wanted.

        Args:
            sizes: All that there are; empty if they are not known.
        """
        return None if set(sizes) == {self.size} else self.fit

    def _fitted(self, image: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        if self.fit == "pad":
            return self._padded(image, height, width)
        if self.fit == "crop":
            image = self._cropped(image, height, width)
        return self._resized(image, self.size)

    def _cropped(self, image: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        rows, columns = self.size
        # The part is as large as the image one way, and not larger the other way.
        part_height = tf.minimum(height, _proportion(width, rows, columns))
        part_width = tf.minimum(width, _proportion(height, columns, rows))
        top, left = (height - part_height) // 2, (width - part_width) // 2
        return image[..., top : top + part_height, left : left + part_width, :]

    def _padded(self, image: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        rows, columns = self.size
        inside = [
            tf.minimum(tf.constant(rows, tf.int64), _proportion(height, columns, width)),
            tf.minimum(tf.constant(columns, tf.int64), _proportion(width, rows, height)),
        ]
        resized = self._resized(image, tf.cast(tf.stack(inside), tf.int32))
        top, left = (rows - inside[0]) // 2, (columns - inside[1]) // 2
        around = [
            *[[0, 0]] * (image.shape.rank - 3),
            [top, rows - inside[0] - top],
            [left, columns - inside[1] - left],
            [0, 0],
        ]
        within = tf.pad(tf.ones_like(resized, tf.bool), around)
        border = tf.constant(self._border(image.shape[-1], image.dtype), image.dtype)
        return tf.where(within, tf.pad(resized, around), border)

    def _border(self, channels: int, dtype: tf.DType) -> np.ndarray:
        """The colour of a border in the range of the images."""
        color = np.array(self.background, np.uint8)
        levels = luma(color) if channels == 1 else np.append(color, 0)[:channels]
        return levels if dtype == tf.uint8 else levels.astype(np.float32) / 127.5 - 1.0

    def _resized(self, image: tf.Tensor, size: tf.Tensor | Size) -> tf.Tensor:
        if not self.weighted or image.shape[-1] != 4:
            return _in_range(_lanczos(image, size), image.dtype)
        low, high = (0.0, 255.0) if image.dtype == tf.uint8 else (-1.0, 1.0)
        values = tf.cast(image, tf.float32)
        share = (values[..., 3:] - low) / (high - low)
        weighted = tf.concat([(values[..., :3] - low) * share, values[..., 3:]], -1)
        resized = _lanczos(weighted, size)
        # Beside what overshoots, its share does so, too.
        share = (resized[..., 3:] - low) / (high - low)
        colors = tf.math.divide_no_nan(resized[..., :3], share) + low
        return _in_range(tf.concat([colors, resized[..., 3:]], -1), image.dtype)


def _proportion(side: tf.Tensor, over: tf.Tensor | int, under: tf.Tensor | int) -> tf.Tensor:
    """Returns side * over / under, rounded, and at least 1."""
    over, under = tf.cast(over, tf.int64), tf.cast(under, tf.int64)
    return tf.maximum((2 * side * over + under) // (2 * under), 1)


def _lanczos(image: tf.Tensor, size: tf.Tensor | Size) -> tf.Tensor:
    return tf.image.resize(image, size, method="lanczos3", antialias=True)


def _in_range(resized: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    resized = tf.cast(resized, tf.float32)  # An image of that size comes back as it is.
    # Lanczos overshoots at edges.
    if dtype == tf.uint8:
        return tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8)
    return tf.clip_by_value(resized, -1.0, 1.0)
