"""A folder of image files as a data set."""

from __future__ import annotations

import os
from pathlib import Path

from tfgan_losses.datasets.folder_listing import list_files
from tfgan_losses.datasets.image_files import FileOnDisk
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.listed_images import load_listed
from tfgan_losses.datasets.source import BaseSource


def load_folder(
    path: str,
    options: ImageOptions,
    *,
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
) -> BaseSource:
    """Reads the images of a folder, sorted by path, "2" before "10".

    If the folder has sub-folders, each is a class, numbered in the order of their names, and all
    images below it belong to it; one without images is refused, since the numbers after it would
    shift. Images are turned as their EXIF data says; of an animation or of several pages the first
    counts; transparent parts are laid on `background`, unless four channels are asked for. There
    is one channel if all images are grey, else three, if no number is asked for. Where a file has
    more than 256 levels, all images are kept as float32 with all their levels; of colours of 16
    bits in other formats than PNG, Pillow reads eight.

    What a file holds counts, not its ending; only the formats of `image_files.FORMATS` are read.
    Files with other endings are counted in `left_out`; hidden ones are ignored. Every
    file is decoded once before training, so that none can stop it later; images of more than
    89 million pixels (`image_files.MAX_PIXELS`) are refused before they are decoded.

    Args:
        path: The folder.
        options: What the user says of the images.
        skip_bad_images: Leave out files that cannot be read instead of raising an error.
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has no images, if images lie both in it and in its sub-folders, if a
            sub-folder has none, if sub-folders are parts such as "train" and "test", if a
            file cannot be read or has values above the white level, or if the size is
            missing but needed.
    """
    name = f"folder:{path}"
    folder = Path(os.path.expanduser(path))
    listing = list_files(folder, name)

    def identify(file: FileOnDisk) -> str:
        # To read all files again would take as long as to look at them did.
        return f"{file.path.relative_to(folder).as_posix()} {os.stat(file.path).st_size}"

    return load_listed(
        listing.of([FileOnDisk(file) for file in listing.files]),
        name,
        options,
        identify=identify,
        skip_bad_images=skip_bad_images,
        memory_limit=memory_limit,
    )
