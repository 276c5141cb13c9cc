"""One image file as a data set: what a pyramid of generators is trained on."""

from __future__ import annotations

import os
import warnings

from tfgan_losses.datasets import levels
from tfgan_losses.datasets.image_files import Facts, inspect_image, read_image
from tfgan_losses.datasets.levels import Reading
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.names import did_you_mean_path


def load_image(
    path: str, *, white_level: float | None = None, background: str | None = None
) -> MemorySource:
    """Reads one image at its own size, as `load_folder` reads the images of a folder.

    Args:
        path: The file, of any of `image_files.FORMATS`.
        white_level: The value of a pixel that is white. Default: the largest of the file's type.
        background: Colour behind transparent parts, such as "black" or "#20ff00". Default: white.

    Returns:
        A source of one example, `[height, width, 1]` if the image is grey, else
        `[height, width, 3]`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no image that can be read, or has values above the white level.
    """
    levels.check_white_level(white_level)
    reading = Reading(white_level, levels.parse_background(background))
    file = os.path.expanduser(path)
    if os.path.isdir(file):
        raise ValueError(
            "Expected the file of one image. Received: "
            f"image:{path}, a folder. Did you mean folder:{path}?"
        )
    if not os.path.exists(file):
        raise FileNotFoundError(
            f"No such file. Expected an image. Received: image:{path}"
            f"{did_you_mean_path(path, before='image:')}"
        )
    with warnings.catch_warnings():
        # Of Pillow on odd metadata, which is not used.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        facts = inspect_image(file, reading)
        if isinstance(facts, str):
            raise ValueError(f"Expected an image that can be read. Received: image:{path}: {facts}")
        channels = 1 if facts.grey else 3
        image = read_image(file, channels, reading)
    return MemorySource.from_arrays(
        image[None],
        name=f"image:{path}",
        preparation=_preparation(facts, channels, background),
    )


def _preparation(facts: Facts, channels: int, background: str | None) -> str:
    height, width = facts.size
    parts = [
        f"{height}x{width} (height x width)",
        "grey" if channels == 1 else "RGB",
        f"values to {facts.white:g} as 256 levels" if facts.white != 255 else "",
        f"transparent parts on {background or 'white'}" if facts.transparent else "",
        "only the first of several pages or frames" if facts.pages else "",
    ]
    return "; ".join(filter(None, parts))
