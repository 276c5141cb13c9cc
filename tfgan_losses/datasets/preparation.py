"""What is done to the images of a set, in words for a report."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from tfgan_losses import image_sizes
from tfgan_losses.datasets import channels as channel_rules
from tfgan_losses.datasets.image_files import Facts
from tfgan_losses.image_sizes import Size

_COLORS = {1: "grey", 3: "RGB", 4: "four channels"}


def in_words(
    sizes: Collection[Size],
    size: Size,
    channels: int,
    *more: str,
    fit: str = "crop",
    background: str | None = None,
) -> str:
    """Returns a text such as "centre squares, 480x640 (height x width) to 64x64; RGB".

    Args:
        sizes: All heights and widths there are; empty if they are not known.
        size: Height and width that are delivered.
        channels: Channels that are delivered.
        more: What else is done; empty texts are left out.
        fit: "crop", "pad" or "stretch".
        background: Colour of the borders of "pad"; None for white.
    """
    borders = "transparent" if channels == 4 else background or "white"
    fitted = _fitted(sizes, size, fit, borders)
    return "; ".join(filter(None, [fitted, _COLORS.get(channels, ""), *more]))


def done_to_files(facts: Sequence[Facts], channels: int, background: str | None) -> list[str]:
    """Returns what is done to images of files beside cropping and resizing, for `in_words`."""
    grey = sum(image.grey for image in facts)
    whites = {image.white for image in facts if image.deep}
    few = {image.white for image in facts if not image.deep} - {255.0}
    pages = sum(image.pages for image in facts)
    cut = sum(image.cut for image in facts)
    transparent = sum(image.transparent for image in facts)
    return [
        f"{grey} of {len(facts)} are grey" if 0 < grey < len(facts) and channels > 1 else "",
        channel_rules.in_words(3, 1) if channels == 1 and grey < len(facts) else "",
        f"values to {_numbers(whites)} in all their levels" if whites else "",
        f"values to {_numbers(few)} as 256 levels" if few else "",
        f"8 of the 16 bits of {cut} with colours" if cut else "",
        _transparency(transparent, channels, background),
        f"only the first of several pages or frames of {pages}" if pages else "",
    ]


def _transparency(count: int, channels: int, background: str | None) -> str:
    if channels == 4:
        return f"alpha as the fourth channel, below 1 in {count}"
    return f"transparent parts of {count} on {background or 'white'}" if count else ""


def _numbers(numbers: set[float]) -> str:
    return ", ".join(f"{number:g}" for number in sorted(numbers))


def _fitted(sizes: Collection[Size], size: Size, fit: str, borders: str) -> str:
    target = image_sizes.in_words(size)
    height, width = size
    order = "" if height == width else " (height x width)"
    if set(sizes) == {size}:
        return f"{target}{order} as they are"
    if sizes and all(size[0] * width == size[1] * height for size in sizes):
        return f"{_listed(sizes, order)} to {target}"
    order = " (height x width)"
    if fit == "pad":
        return f"the whole of {_listed(sizes, order)} in {target} with {borders} borders"
    if fit == "stretch":
        return f"{_listed(sizes, order)} stretched to {target}"
    parts = f"centre {_ratio(size)}"
    if not sizes:
        return f"{parts} of several sizes to {target}"
    return f"{parts}, {_listed(sizes, order)} to {target}"


def _ratio(size: Size) -> str:
    """What is cropped, such as "squares" or, height before width, "2:3 parts"."""
    height, width = size
    divisor = math.gcd(height, width)
    return "squares" if height == width else f"{height // divisor}:{width // divisor} parts"


def _listed(sizes: Collection[Size], order: str) -> str:
    if not sizes:
        return "several sizes"
    *_, largest = ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    first = f"{image_sizes.in_words(ordered[0])}{order}"
    if len(ordered) == 1:
        return first
    return f"{len(ordered)} sizes from {first} to {image_sizes.in_words(largest)},"
