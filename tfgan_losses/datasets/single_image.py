"""One image file as a data set: what a pyramid of generators is trained on."""

from __future__ import annotations

import os
import warnings

from tfgan_losses.datasets import preparation
from tfgan_losses.datasets.image_files import inspect_image, read_image
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.levels import Reading
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.names import did_you_mean_path


def load_image(path: str, options: ImageOptions) -> MemorySource:
    """Reads one image at its own size, as `load_folder` reads the images of a folder.

    Args:
        path: The file, of any of `image_files.FORMATS`.
        options: What the user says of it; no `image_size`.

    Returns:
        A source of one example, `[height, width, 1]` if the image is grey, else
        `[height, width, 3]`, if no other number of channels is asked for.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no image that can be read, or has values above the white level.
    """
    reading = Reading(options.white_level, options.color)
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
        channels = options.channels or (1 if facts.grey else 3)
        image = read_image(file, channels, reading, deep=facts.deep)
    done = preparation.done_to_files([facts], channels, options.background)
    return MemorySource.from_arrays(
        image[None],
        name=f"image:{path}",
        preparation=preparation.in_words({facts.size}, facts.size, channels, *done),
    )
