"""From the values of a file to the levels of an image: which value is white, what is behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from absl import logging
from PIL import Image, ImageColor, ImageOps

from tfgan_losses.datasets import deep_png

Color: TypeAlias = tuple[int, int, int]

# What viewers show behind an image, and what most drawings in dark ink are made for.
WHITE: Color = (255, 255, 255)
_LEAST_RANGE = 255 / 10
_SIXTEEN_BITS = 65535.0
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # of TIFF


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a user says of the files of a data set.

    Attributes:
        white_level: The value that is white; None for that of the file's type.
        background: The colour behind transparent parts.
    """

    white_level: float | None = None
    background: Color = WHITE


NOTHING_SAID = Reading()


class Leveled(NamedTuple):
    """An image as it is read.

    Attributes:
        image: In 8 bits, of mode L, LA, RGB or RGBA.
        brightest: The largest value it had before.
        white: The value that became white.
        deep: All levels of what has more than 256, float32 `[height, width, bands of the image]`
            in [0, 1]; None if there are no more.
        cut: Whether 16 bits became 8 because Pillow reads no more.
    """

    image: Image.Image
    brightest: float
    white: float
    deep: np.ndarray | None = None
    cut: bool = False

    def values(self) -> np.ndarray:
        """Returns the pixels, float32 in [0, 1]."""
        if self.deep is not None:
            return self.deep
        pixels = np.asarray(self.image, np.float32) / np.float32(255)
        return pixels.reshape(*pixels.shape[:2], -1)


def parse_background(background: str | None) -> Color:
    """Returns a colour by its name or "#rrggbb"; white for None.

    Raises:
        ValueError: If there is no such colour.
    """
    if background is None:
        return WHITE
    try:
        return ImageColor.getrgb(background)[:3]
    except (ValueError, AttributeError):
        raise ValueError(
            "Expected background to be a colour such as 'white', 'black' or '#20ff00'. "
            f"Received: background={background!r}"
        ) from None


def check_white_level(white_level: float | None) -> None:
    """Raises ValueError if it is given and not a finite number above 0."""
    if white_level is not None and not 0 < white_level < np.inf:
        raise ValueError(
            f"Expected white_level > 0, such as 4095. Received: white_level={white_level}"
        )


def read_levels(
    opened: Image.Image, load: Callable[[Image.Image], Image.Image], reading: Reading
) -> Leveled:
    """Reads an image.

    Args:
        opened: An open file, of which no pixel is read yet.
        load: Reads the pixels.
        reading: Its white level becomes 255.

    Raises:
        ValueError: If a value is below 0 or above the white level, which must be given for float
            pixels; or if it is given for colours of 16 bits in another format than PNG, of which
            Pillow reads eight.
    """
    raw = str(getattr(opened, "tile", ""))  # Reading forgets it.
    if deep_png.is_one(opened):
        return _from_values(deep_png.read(opened), None, reading)
    image = load(opened)
    if image.mode == "F" or image.mode.startswith("I"):
        leveled = _from_values(np.asarray(image), 4095.0 if "I;12" in raw else None, reading)
        # Pillow turns it around for eight bits only.
        if getattr(opened, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            deep = None if leveled.deep is None else 1 - leveled.deep
            leveled = leveled._replace(image=ImageOps.invert(leveled.image), deep=deep)
        return leveled
    image = image.convert(_eight_bit_mode(image))
    colors = 1 if image.mode.startswith("L") else 3
    brightest = float(np.atleast_2d(image.getextrema())[:colors].max())
    white, cut = reading.white_level, ";16" in raw
    if white is None or opened.mode == "1":
        return Leveled(image, brightest, 255.0, cut=cut)
    if cut:
        raise ValueError(
            "it has colours of 16 bits, of which eight are read, so that a white level comes too "
            f"late; expected grey pixels, PNG files, or no white_level={white:g}"
        )
    _check_values(0.0, brightest, white)
    table = [min(round(level * 255 / white), 255) for level in range(256)]
    # Transparency stays as it is.
    tables = table * colors + list(range(256)) * (len(image.getbands()) - colors)
    return Leveled(image.point(tables), brightest, white)


def _eight_bit_mode(image: Image.Image) -> str:
    grey = image.mode in ("1", "L", "LA", "La")
    return ("L" if grey else "RGB") + ("A" if image.has_transparency_data else "")


def _from_values(pixels: np.ndarray, white: float | None, reading: Reading) -> Leveled:
    """Pixels of 12, 16 or 32 bits, or floats, grey `[height, width]`, or with bands behind."""
    of_alpha = pixels.ndim == 3 and pixels.shape[-1] in (2, 4)
    colors = pixels[..., :-1] if of_alpha else pixels
    low, high = float(colors.min()), float(colors.max())
    if reading.white_level is not None:
        white = reading.white_level
    elif white is None and pixels.dtype.kind == "f":
        raise ValueError(
            f"its pixels are floats from {low:g} to {high:g}; say which is white, such as "
            "white_level=1"
        )
    white = white or _SIXTEEN_BITS
    _check_values(low, high, white)
    # Transparency has no white level.
    whites = np.full(pixels.shape[2:] or (1,), white)
    whites[-1] = _SIXTEEN_BITS if of_alpha else white
    values = pixels.reshape(*pixels.shape[:2], -1).astype(np.float32)
    levels = np.round(values / (whites / 255).astype(np.float32)).astype(np.uint8)
    image = Image.fromarray(levels.squeeze(-1) if levels.shape[-1] == 1 else levels)
    is_deep = white > 255 or pixels.dtype.kind == "f"
    return Leveled(image, high, white, values / whites.astype(np.float32) if is_deep else None)


def _check_values(low: float, high: float, white: float) -> None:
    if not (low >= 0 and high <= white):
        raise ValueError(
            f"its values go from {low:g} to {high:g}; expected 0 to the white level, {white:g}"
        )


def on_background(image: Image.Image, background: Color) -> tuple[Image.Image, bool]:
    """Lays transparent parts on a colour.

    Returns:
        An image of mode "L" or, if it or what shows through has colours, "RGB"; and whether any
        part is transparent.
    """
    grey = image.mode.startswith("L")
    if not image.mode.endswith("A"):
        return image.convert("L" if grey else "RGB"), False
    transparent = bool(np.min(image.getchannel("A").getextrema()) < 255)
    if transparent:
        grey = grey and len(set(background)) == 1
        behind = Image.new("RGBA", image.size, (*background, 255))
        image = Image.alpha_composite(behind, image.convert("RGBA"))
    return image.convert("L" if grey else "RGB"), transparent


def extremes(images: np.ndarray, most: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Returns the lowest and the highest level of each of some images spread over a set.

    Args:
        images: `[n, ...]`, uint8, or floats in [-1, 1].
        most: So many are looked at.
    """
    some = images[:: max(len(images) // most, 1)]
    axes = tuple(range(1, some.ndim))
    lows, highs = some.min(axis=axes), some.max(axis=axes)
    return (lows, highs) if images.dtype == np.uint8 else ((lows + 1) * 127.5, (highs + 1) * 127.5)


def warn_if_flat(name: str, lows: np.ndarray, highs: np.ndarray, remedy: str) -> None:
    """Warns if a set of images uses less than a tenth of its range.

    Args:
        name: Of the data set.
        lows: The lowest level, in [0, 255], of each image.
        highs: The highest.
        remedy: What can be done, a sentence.
    """
    # Not the extremes of all: there may be damaged pixels.
    low, high = np.percentile(lows, 1), np.percentile(highs, 99)
    if high - low < _LEAST_RANGE:
        logging.warning(
            "%s: the images come out nearly constant, with levels from %d to %d of 0 to 255. %s",
            name, low, high, remedy,
        )  # fmt: skip


def is_flat(levels: tuple[int, int]) -> bool:
    """Whether an image with these lowest and highest levels shows next to nothing."""
    return levels[1] - levels[0] < _LEAST_RANGE


def white_level_remedy(brightest: float, white: float) -> str:
    """Returns what to write where the largest value of a set is far below its white."""
    if not 0 < brightest < white / 10:
        return "Look at them: expected images with dark and bright parts."
    # More than 8 bits come from sensors of so many bits.
    level = 2 ** int(brightest).bit_length() - 1 if brightest > 255 else brightest
    return (
        f"Their largest value is {brightest:g} where white is {white:g}: say which value is white, "
        f"such as white_level={level:g}"
    )
