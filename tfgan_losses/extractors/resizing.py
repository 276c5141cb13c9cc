"""How images get to the size that an extractor reads; each way gives other features.

Named as they stand in reports. All take and return floats [n, height, width, channels], and all
stretch: an image of another aspect ratio loses it, as in the graph of 2015, torch-fidelity and
clean-fid, and no part of it is cut off or added.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import tensorflow as tf

from tfgan_losses.extractors.areas import area_weights
from tfgan_losses.types import Tensor

Resizer: TypeAlias = Callable[[Tensor, tuple[int, int]], Tensor]


def area(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Averages the area that each new pixel covers, of parts of pixels a part."""
    rows, columns = (
        tf.constant(area_weights(old, new), images.dtype)
        for old, new in zip(images.shape[1:3], size, strict=True)
    )
    return tf.einsum("hi,wj,nijc->nhwc", rows, columns, images)


def antialiased_bilinear(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear, with a triangle as wide as a new pixel where the image becomes smaller."""
    return tf.image.resize(images, size, "bilinear", antialias=True)


def tf1_bilinear(images: Tensor, size: tuple[int, int]) -> Tensor:
    """The first one of TensorFlow, which the Inception graph of 2015 holds and its scores need.

    A new pixel i lies at i old / new, not at (i + 1/2) old / new - 1/2 as since, so that images
    move to the upper left; and it sees 2 x 2 old ones, however many it covers.

    References:
        Parmar et al., 2022, On Aliased Resizing and Surprising Subtleties in GAN Evaluation,
        arXiv:2104.11222.
    """
    return tf.raw_ops.ResizeBilinear(
        images=images, size=size, align_corners=False, half_pixel_centers=False
    )


RESIZERS: dict[str, Resizer] = {
    "area": area,
    "antialiased-bilinear": antialiased_bilinear,
    "tf1-bilinear": tf1_bilinear,
}
