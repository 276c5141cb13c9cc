"""The sizes that a network goes through, for images of any height and width.

Every stage halves both sides, rounding up: 100x60 is 50x30, 25x15, 13x8, 7x4. A generator goes the
same way back: it doubles and, where a side was odd, cuts the last row or column off. Powers of two,
and the other multiples that papers use, are never cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import KerasTensor, layers
from tfgan_losses.models.checks import check_image_shape

from tfgan_losses.layers import NearestUpSampling2D

SMALLEST = 8


def halved(size: tuple[int, int]) -> tuple[int, int]:
    """Returns half of a height and a width, rounded up."""
    height, width = size
    return (height + 1) // 2, (width + 1) // 2


def ladder(example_shape: Sequence[int], *, base: int = 4) -> list[tuple[int, int]]:
    """Returns the sizes of the stages of a network, from coarse to fine.

    Args:
        example_shape: `(height, width, channels)`, both sides of 8 pixels or more.
        base: The smaller side of the coarsest stage is at least this, and less than twice this.

    Returns:
        Heights and widths; the last is that of the images.

    Raises:
        ValueError: If these are no images, or one side is too small.
    """
    *size, _ = check_image_shape(example_shape)
    if min(size) < SMALLEST:
        raise ValueError(
            f"Expected example_shape to be (height, width, channels) with both sides of {SMALLEST} "
            f"pixels or more. Received: example_shape={tuple(example_shape)}"
        )
    sizes = [(size[0], size[1])]
    while min(sizes[0]) >= 2 * base:
        sizes.insert(0, halved(sizes[0]))
    return sizes


def double(
    features: KerasTensor,
    name: str,
    *,
    size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
) -> KerasTensor:
    """Doubles the resolution of a feature map, and cuts it to a size.

    Args:
        features: `[batch, height, width, channels]`.
        name: Of the layer; the one that cuts is called `<name>_cut`.
        size: Height and width of the result, twice those of the features or one less each; None
            for twice.
        interpolation: "nearest" or "bilinear".
    """
    if interpolation == "nearest":
        features = NearestUpSampling2D(name=name)(features)
    else:
        features = layers.UpSampling2D(interpolation=interpolation, name=name)(features)
    return features if size is None else cut(features, size, f"{name}_cut")


def cut(features: KerasTensor, size: tuple[int, int], name: str) -> KerasTensor:
    """Cuts the last rows and columns of a feature map off; without a layer if there are none."""
    rows, columns = (now - then for now, then in zip(features.shape[1:3], size, strict=True))
    if not rows and not columns:
        return features
    return layers.Cropping2D(((0, rows), (0, columns)), name=name)(features)


def halve(features: KerasTensor, name: str) -> KerasTensor:
    """Halves the resolution of a feature map by average pooling.

    An odd last row or column is averaged alone.
    """
    return layers.AveragePooling2D(2, padding="same", name=name)(features)
