"""One image file as an array, whatever the file holds."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from tfgan_losses.datasets.channels import converted
from tfgan_losses.datasets.levels import NOTHING_SAID, Leveled, Reading, on_background, read_levels

# No others, whatever the ending: Pillow would start Ghostscript for an EPS file, and an ICO file
# holds several images, of which each has a size of its own.
FORMATS = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2", ".j2k", ".jpx"),
    "AVIF": (".avif",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "TGA": (".tga",),
}
EXTENSIONS = tuple(ending for endings in FORMATS.values() for ending in endings)
# Nearly anything can be read as a TGA file, which begins with no signature.
_WITHOUT_SIGNATURE = ("TGA",)
_OF_SEVERAL_PAGES = ("PNG", "GIF", "WEBP", "TIFF", "AVIF")

# Larger images are refused before they are decoded: Pillow's own limit, where it only warns.
MAX_PIXELS = 89_478_485
_MAX_BYTES = 2**30  # of a file; 16-bit RGBA of MAX_PIXELS without compression has less
# A JPEG file can paint all its pixels again with every few bytes. Real ones do it some ten times.
_MAX_PAINTED_PIXELS = 2**35  # 10 seconds
_LARGE = 2**24  # pixels

# Decoded one at a time: each takes up to 16 bytes per pixel, and there may be many threads.
_one_large_image = threading.Lock()


class ImageFile(Protocol):
    """Something that holds an image in the format of a file, wherever it lies."""

    @property
    def name(self) -> str:
        """What it is called in messages; its ending counts where nothing else tells the format."""

    def open(self) -> contextlib.AbstractContextManager[BinaryIO]:
        """Opens it for reading at any place.

        Raises:
            ValueError: If it can be no image; `check_size` says what of its size.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class FileOnDisk:
    """An `ImageFile` with a path."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @contextlib.contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Opens it; a named pipe would wait for someone to write into it."""
        with open(self.path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("it is a pipe or a device")
            check_size(status.st_size)
            yield file


def check_size(size: int) -> None:
    """Raises ValueError if a file of so many bytes cannot be an image."""
    if size == 0:
        raise ValueError("the file is empty")
    if size > _MAX_BYTES:
        raise ValueError(f"it has {size} bytes; expected at most {_MAX_BYTES}")


class Facts(NamedTuple):
    """What a file holds.

    Attributes:
        grey: Whether it has no colours.
        size: Height and width, as it is viewed.
        levels: The lowest and the highest level, in [0, 255], that it has when it is read.
        brightest: The largest value in the file, which may have more than 8 bits.
        white: The value that is read as white.
        transparent: Whether parts of it are transparent.
        pages: Whether there are more images in it than the first, which is read.
        deep: Whether it has more than 256 levels.
        cut: Whether it has 16 bits, of which eight can be read.
    """

    grey: bool
    size: tuple[int, int]
    levels: tuple[int, int]
    brightest: float
    white: float
    transparent: bool
    pages: bool
    deep: bool = False
    cut: bool = False


def read_image(
    file: ImageFile | str | os.PathLike,
    channels: int,
    reading: Reading = NOTHING_SAID,
    *,
    deep: bool = False,
) -> np.ndarray:
    """Reads one file.

    Args:
        file: The file, or its path.
        channels: 1, 3, or 4, of which transparent parts are left as they are.
        reading: What the user says of it.
        deep: Whether all levels count, instead of 256.

    Returns:
        uint8, or float32 in [-1, 1] if it is deep, `[height, width, channels]`.

    Raises:
        ValueError: If that is not possible, with the name of the file.
    """
    try:
        image, leveled, _ = _decode(file, reading)
        if deep:
            values = converted(leveled.values(), channels, background=reading.background, white=1)
            return values * np.float32(2) - np.float32(1)
        pixels = np.asarray(
            leveled.image.convert("RGBA")
            if channels == 4
            else image.convert("L" if channels == 1 else "RGB")
        )
    except Exception as error:  # Broken files raise nearly anything (struct.error, IndexError, ...)
        name = _as_file(file).name
        raise ValueError(f"{name!r} cannot be read as an image: {_reason(error)}") from None
    return pixels.reshape(*pixels.shape[:2], channels)


def inspect_image(
    file: ImageFile | str | os.PathLike, reading: Reading = NOTHING_SAID
) -> Facts | str:
    """Decodes a file; returns what it holds, or what is wrong with it."""
    try:
        return _decode(file, reading)[-1]
    except Exception as error:  # As above. The error itself would keep the image in memory.
        return _reason(error)


def _reason(error: Exception) -> str:
    """What is wrong with a file, in one line."""
    if isinstance(error, UnidentifiedImageError):
        return f"it is no {', '.join(FORMATS)} file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # Without the name of the file.
    return " ".join(str(error).split())[:200] or type(error).__name__


def _as_file(file: ImageFile | str | os.PathLike) -> ImageFile:
    return FileOnDisk(Path(file)) if isinstance(file, str | os.PathLike) else file


def _decode(
    found: ImageFile | str | os.PathLike, reading: Reading
) -> tuple[Image.Image, Leveled, Facts]:
    """Returns an image without transparency, of mode "L" or "RGB"; as it is; and its facts."""
    found = _as_file(found)
    ending = PurePath(found.name).suffix.lower()
    formats = [
        name
        for name, endings in FORMATS.items()
        if name not in _WITHOUT_SIGNATURE or ending in endings
    ]
    with found.open() as file, Image.open(file, formats=formats) as opened:
        _check_pixels(opened, file)
        large = opened.width * opened.height > _LARGE
        with _one_large_image if large else contextlib.nullcontext():
            leveled = read_levels(opened, _upright, reading)
            image, transparent = on_background(leveled.image, reading.background)
        # The last thing, since it may leave the file at another page.
        pages = opened.format in _OF_SEVERAL_PAGES and _has_pages(opened)
    lows, highs = np.transpose(np.atleast_2d(image.getextrema()))
    return (
        image,
        leveled,
        Facts(
            grey=image.mode == "L",
            size=(image.height, image.width),
            levels=(int(lows.min()), int(highs.max())),
            brightest=leveled.brightest,
            white=leveled.white,
            transparent=transparent,
            pages=pages,
            deep=leveled.deep is not None,
            cut=leveled.cut,
        ),
    )


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


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


def _has_pages(image: Image.Image) -> bool:
    with contextlib.suppress(Exception):  # As above.
        return bool(getattr(image, "is_animated", False))
    return False


def _upright(image: Image.Image) -> Image.Image:
    """Turns an image as its EXIF data says; broken EXIF data says nothing."""
    image.load()  # Here, since what is wrong with the pixels is not to be passed over.
    with contextlib.suppress(Exception):  # As above.
        ImageOps.exif_transpose(image, in_place=True)
    return image
