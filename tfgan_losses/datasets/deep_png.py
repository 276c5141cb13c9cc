"""Colours of 16 bits in PNG files, of which Pillow reads eight."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeGuard

import numpy as np
import tensorflow as tf
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

_MODES = ("LA", "RGB", "RGBA")
# From the EXIF orientation, as EXIF 2.32, section 4.6.4 says, to how the image is viewed.
_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}


def is_one(opened: Image.Image) -> TypeGuard[PngImageFile]:
    """Whether an open file, of which no pixel is read yet, has colours or alpha of 16 bits."""
    # A colour that stands for transparency is read by Pillow alone.
    deep = opened.mode in _MODES and ";16" in str(getattr(opened, "tile", ""))
    return isinstance(opened, PngImageFile) and deep and "transparency" not in opened.info


def read(opened: PngImageFile) -> np.ndarray:
    """Returns the pixels, upright, uint16 `[height, width, channels]`; Pillow's are read, too.

    Raises:
        ValueError: If they cannot be decoded.
    """
    file = opened.fp
    assert file is not None
    position = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(position)
    opened.load()
    orientation = 1
    with contextlib.suppress(Exception):  # Broken EXIF data says nothing.
        orientation = int(opened.getexif().get(0x0112, 1))
    try:
        with tf.device("CPU:0"):
            pixels = tf.io.decode_png(content, dtype=tf.uint16).numpy()
    except tf.errors.OpError:
        raise ValueError("its colours of 16 bits cannot be decoded") from None
    turn = _TURNS.get(orientation)
    return np.ascontiguousarray(pixels if turn is None else turn(pixels))
