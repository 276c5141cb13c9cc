"""One image file as an array, whatever the file holds."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

# No others, whatever the ending: Pillow would start Ghostscript for an EPS file.
FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
}
EXTENSIONS = tuple(ending for endings in FORMATS.values() for ending in endings)

# Larger images are refused before they are decoded: Pillow's own limit, where it only warns.
MAX_PIXELS = 89_478_485
_MAX_BYTES = 2**30  # of a file; 16-bit RGBA of MAX_PIXELS without compression has less
# A JPEG file can paint all its pixels again with every few bytes. Real ones do it some ten times.
_MAX_PAINTED_PIXELS = 2**35  # 10 seconds
_LARGE = 2**24  # pixels

_GREY_MODES = ("1", "L", "LA", "La", "I", "F")  # and the 16-bit kinds of "I"
# Decoded one at a time: each takes up to 16 bytes per pixel, and there may be many threads.
_one_large_image = threading.Lock()


def read_image(path: str | os.PathLike, channels: int) -> np.ndarray:
    """Reads one file as uint8 `[height, width, channels]`, with `channels` 1 or 3.

    Raises:
        ValueError: If that is not possible, with the name of the file.
    """
    try:
        image, _ = _decode(path)
        pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    except Exception as error:  # Broken files raise nearly anything (struct.error, IndexError, ...)
        raise ValueError(
            f"{os.fspath(path)!r} cannot be read as an image: {_reason(error)}"
        ) from None
    return pixels.reshape(*pixels.shape[:2], channels)


def inspect_image(path: str | os.PathLike) -> tuple[bool, tuple[int, int]] | str:
    """Decodes a file; returns (is it grey, (height, width)), or what is wrong with it."""
    try:
        image, grey = _decode(path)
    except Exception as error:  # As above. The error itself would keep the image in memory.
        return _reason(error)
    return grey, (image.height, image.width)


def _reason(error: Exception) -> str:
    """What is wrong with a file, in one line."""
    if isinstance(error, UnidentifiedImageError):
        return f"it is no {', '.join(FORMATS)} file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # Without the name of the file.
    return " ".join(str(error).split())[:200] or type(error).__name__


def _decode(path: str | os.PathLike) -> tuple[Image.Image, bool]:
    """Returns an upright image without transparency, of mode "L" or "RGB", and if it is grey."""
    with open(path, "rb", opener=_open_without_waiting) as file:
        _check_file(os.fstat(file.fileno()))
        with Image.open(file, formats=tuple(FORMATS)) as image:
            _check_pixels(image, file)
            grey = image.mode in _GREY_MODES or image.mode.startswith("I;")
            large = image.width * image.height > _LARGE
            with _one_large_image if large else contextlib.nullcontext():
                return _opaque(_eight_bits(_upright(image))).convert("L" if grey else "RGB"), grey


def _open_without_waiting(path: str, flags: int) -> int:
    # Opening a named pipe would wait for someone to write into it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is a pipe or a device")
    if status.st_size == 0:
        raise ValueError("the file is empty")
    if status.st_size > _MAX_BYTES:
        raise ValueError(f"it has {status.st_size} bytes; expected at most {_MAX_BYTES}")


def _check_pixels(image: Image.Image, file: BinaryIO) -> None:
    pixels = image.width * image.height
    if not pixels:
        raise ValueError(f"it has no pixels: {image.width}x{image.height} (width x height)")
    if pixels > MAX_PIXELS:
        raise ValueError(
            f"it has {image.width}x{image.height} (width x height) pixels; expected at most "
            f"{MAX_PIXELS} in all"
        )
    if isinstance(image, JpegImageFile):
        position = file.tell()
        file.seek(0)
        scans = file.read().count(b"\xff\xda")
        file.seek(position)
        if scans * pixels > _MAX_PAINTED_PIXELS:
            raise ValueError(f"its {pixels} pixels are painted {scans} times")


def _upright(image: Image.Image) -> Image.Image:
    """Turns an image as its EXIF data says; broken EXIF data says nothing."""
    image.load()  # Here, since what is wrong with the pixels is not to be passed over.
    with contextlib.suppress(Exception):  # As above.
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I"):
        return image
    # 16 bits; Pillow would cut values above 255.
    pixels = np.asarray(image).astype(np.float32) / 257
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, image.convert("RGBA"))
