"""Heights and widths of images as a person says them: 64, "64x96" or (64, 96).

Imported before TensorFlow, whose import takes seconds.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from typing import SupportsIndex, TypeAlias

# Height and width in pixels.
Size: TypeAlias = tuple[int, int]
# What is understood: a side of squares, a height and a width, or a text of either.
ImageSize: TypeAlias = int | Sequence[int] | str

# How images get to another size, see `datasets.load`.
FITS = ("crop", "pad", "stretch")
# Grey, RGB, and RGB with transparency.
CHANNELS = (1, 3, 4)

_MOST = 2**31 - 1  # What TensorFlow keeps sizes in.


def size_of(image_size: ImageSize) -> Size:
    """Returns a height and a width.

    Args:
        image_size: Pixels of the sides of squares, such as 64 or "64"; or height and width, such as
            `(64, 96)` or "64x96".

    Raises:
        ValueError: If it is nothing of that, or a side is less than 1 or more than 2147483647.
    """
    sides = _sides(image_size)
    if sides is None:
        raise ValueError(
            "Expected image_size to be pixels, such as 64, or height x width, such as 64x96. "
            f"Received: image_size={image_size!r}"
        )
    if min(sides) < 1:
        raise ValueError(f"Expected image_size >= 1. Received: image_size={image_size}")
    if max(sides) > _MOST:
        raise ValueError(
            f"Expected image_size of at most {_MOST} pixels. Received: image_size={image_size}"
        )
    return sides


def _sides(image_size: ImageSize) -> Size | None:
    if isinstance(image_size, str):
        found = re.fullmatch(r"(-?[0-9]+)(?:x(-?[0-9]+))?", image_size.strip())
        return None if found is None else (int(found[1]), int(found[2] or found[1]))
    given = image_size if isinstance(image_size, Sequence) else (image_size, image_size)
    sides = [operator.index(side) for side in given if isinstance(side, SupportsIndex)]
    return (sides[0], sides[1]) if len(sides) == len(given) == 2 else None


def in_words(size: Size) -> str:
    """Returns a text such as "64x96"."""
    return f"{size[0]}x{size[1]}"
