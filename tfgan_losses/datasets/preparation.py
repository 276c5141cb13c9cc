"""What is done to the images of a set, in words for a report."""

from __future__ import annotations

from collections.abc import Collection

_COLORS = {1: "grey", 3: "RGB", 4: "four channels"}


def in_words(sizes: Collection[tuple[int, int]], side: int, channels: int, *more: str) -> str:
    """Returns a text such as "centre squares, 480x640 (height x width) to 64x64; RGB".

    Args:
        sizes: All heights and widths there are; empty if they are not known.
        side: Height and width that are delivered.
        channels: Channels that are delivered.
        more: What else is done; empty texts are left out.
    """
    return "; ".join(filter(None, [_sizes(sizes, side), _COLORS.get(channels, ""), *more]))


def _sizes(sizes: Collection[tuple[int, int]], side: int) -> str:
    if set(sizes) == {(side, side)}:
        return f"{side}x{side} as they are"
    if not sizes:
        return f"centre squares of several sizes to {side}x{side}"
    square = "" if all(height == width for height, width in sizes) else "centre squares, "
    *_, largest = ordered = sorted(sizes, key=lambda size: size[0] * size[1])
    first = _text(ordered[0]) + (" (height x width)" if square else "")
    if len(ordered) == 1:
        return f"{square}{first} to {side}x{side}"
    return f"{square}{len(ordered)} sizes from {first} to {_text(largest)}, to {side}x{side}"


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
