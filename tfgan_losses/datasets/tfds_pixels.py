"""How the images in records of TensorFlow Datasets become pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from tfgan_losses.datasets import channels
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.levels import Color

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


class TfdsPixels(NamedTuple):
    """How the values of a record become pixels.

    Attributes:
        native: Channels of the data.
        channels: Channels that are delivered.
        white: The value that is white.
        background: Colour behind transparent parts.
    """

    native: int
    channels: int
    white: float
    background: Color

    @classmethod
    def of(cls, feature: tfds.features.Image, name: str, options: ImageOptions) -> TfdsPixels:
        """Returns what a user has said of the images of a feature.

        Raises:
            ValueError: If a background is given that nothing is transparent over.
        """
        native = feature.shape[-1]
        wanted = channels.delivered(native, options.channels, options.background)
        if not options.uses_background(native, wanted):
            raise ValueError(
                f"{name!r} holds no image with transparent parts. Expected no `background`. "
                f"Received: background={options.background}"
            )
        white = float(options.white_level or np.iinfo(feature.np_dtype).max)
        return cls(native, wanted, white, options.color)

    @property
    def is_deep(self) -> bool:
        """Whether there are more than 256 levels, all of which are kept."""
        return self.white > 255

    def in_words(self) -> tuple[str, ...]:
        """Returns what is done, for a report."""
        levels_kept = "in all their levels" if self.is_deep else "as 256 levels"
        scaled = "" if self.white == 255 else f"values to {self.white:g} {levels_kept}"
        return channels.in_words(self.native, self.channels), scaled

    def __call__(self, image: tf.Tensor) -> tf.Tensor:
        """Returns uint8, or float32 in [-1, 1] if it is deep."""
        if self.channels != self.native:
            image = self._with_channels(image)
        if self.white == 255:
            return image
        values = tf.cast(image, tf.float32)
        above = f"ValueError: there are values above the white level, {self.white:g}"
        with tf.control_dependencies([tf.debugging.assert_less_equal(values, self.white, above)]):
            if self.is_deep:
                return values / self.white * 2 - 1
            return tf.cast(tf.round(values * (255 / self.white)), tf.uint8)

    def _with_channels(self, image: tf.Tensor) -> tf.Tensor:
        def convert(pixels: np.ndarray) -> np.ndarray:
            return channels.converted(
                pixels, self.channels, background=self.background, white=self.white
            )

        found = tf.numpy_function(convert, [image], image.dtype, stateful=False)
        return tf.ensure_shape(found, [*image.shape[:-1], self.channels])
