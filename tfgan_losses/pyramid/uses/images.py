"""Images that a person brings to a pyramid."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.single_image import load_image
from tfgan_losses.extractors.reading import quantised
from tfgan_losses.pyramid import images
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.run_files import pictures
from tfgan_losses.types import Examples


def check_image(pyramid: Pyramid, image: Examples) -> np.ndarray:
    """Returns an image as float32.

    Raises:
        ValueError: If it is no image of the pyramid's channels with floats in [-1, 1].
    """
    array = images.check_image(image)
    if array.shape[-1] != pyramid.channels:
        raise ValueError(
            f"Expected an image of {pyramid.channels} channels, as those of the pyramid have. "
            f"Received: image of shape {array.shape}"
        )
    return array


def read(path: str | os.PathLike, channels: int) -> np.ndarray:
    """Returns the image in a file, float32 `[height, width, channels]` in [-1, 1].

    Args:
        path: The file.
        channels: So many are read.

    Raises:
        ValueError: If it cannot be read.
    """
    return load_image(os.fspath(path), ImageOptions(channels=channels)).take(1)[0][0]


def read_mask(path: str | os.PathLike) -> np.ndarray:
    """Returns where the image in a file is brighter than half, bool `[height, width]`.

    Raises:
        ValueError: If it cannot be read.
    """
    return read(path, 1)[..., 0] > 0.0


def write(path: Path, image: np.ndarray) -> None:
    """Writes a .png file.

    Raises:
        OSError: If it cannot be written.
    """
    levels = quantised(image[None])[0]
    pictures.write_png(path, levels[..., 0] if levels.shape[-1] == 1 else levels)
