"""`load`, the one way from the name of a data set to its `Source`."""

from __future__ import annotations

import difflib
import os

from tfgan_losses.datasets.folder import load_folder
from tfgan_losses.datasets.mirror import mirrored
from tfgan_losses.datasets.mixtures import MIXTURES, load_mixture
from tfgan_losses.datasets.npz import load_npz
from tfgan_losses.datasets.single_image import load_image
from tfgan_losses.datasets.source import BaseSource
from tfgan_losses.datasets.tfds_builders import NAMES
from tfgan_losses.datasets.tfds_sets import load_tfds

__all__ = ["NAMES", "load"]

_EXAMPLES = {
    "folder": "folder:photos (folder:. is the working directory)",
    "npz": "npz:images.npz",
    "image": "image:photo.jpg",
}
_OF_PATHS = tuple(_EXAMPLES)


def load(
    name: str,
    *,
    image_size: int | None = None,
    data_dir: str | None = None,
    split: str = "train",
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
    white_level: float | None = None,
    background: str | None = None,
    mirror: bool = False,
) -> BaseSource:
    """Loads a data set by name.

    Args:
        name: One of
            "digits": 1797 handwritten digits, 8x8, made on first use without network;
            "ring8", "grid25": Gaussian mixtures in the plane;
            "folder:<path>": image files, see `load_folder`;
            "npz:<file>": arrays, see `load_npz`;
            "image:<file>": one image at its own size, for `tfgan_losses.pyramid`;
            anything else: a TFDS data set, see `load_tfds`.
        image_size: Height and width to which the centre squares of images are resized with
            antialiasing. `None` keeps the native size, if that is one square.
        data_dir: Where TFDS keeps its data. Default: ~/tensorflow_datasets.
        split: Split of a TFDS data set. The other kinds have only "train".
        skip_bad_images: For folders: leave out unreadable files instead of raising an error.
        memory_limit: Bytes a decoded set may take in memory; larger sets of TFDS and folders are
            decoded during training. Default: half of the available memory.
        white_level: For images: the value of a pixel that is white, such as 4095 for 12 bits kept
            in 16, or 1 for masks. Default: the largest of the type.
        background: For folders, and archives of images of four channels: the colour behind
            transparent parts, such as "black" or "#20ff00". Default: white; in archives the four
            channels are kept.
        mirror: For images: their mirror images, left to right, are data, too; see `mirrored`.

    Returns:
        The source, which has `take(n)`, `class_names` and more beside what every `Source` has;
        see `BaseSource`. A warning is logged if its images come out nearly constant.

    Raises:
        ConnectionError: If a TFDS data set is neither on disk nor can be downloaded.
        FileNotFoundError: If there is no such folder or file.
        OSError: If a TFDS data set cannot be written to `data_dir`.
        ValueError: If the name, the split or the data are not what is expected.
    """
    _check_name(name)
    if mirror and name in MIXTURES:
        _refuse("points, not images", name, mirror=mirror)
    source = _load(
        name,
        image_size=image_size,
        data_dir=data_dir,
        split=split,
        skip_bad_images=skip_bad_images,
        memory_limit=memory_limit,
        white_level=white_level,
        background=background,
    )
    return mirrored(source) if mirror else source


def _load(
    name: str,
    *,
    image_size: int | None,
    data_dir: str | None,
    split: str,
    skip_bad_images: bool,
    memory_limit: int | None,
    white_level: float | None,
    background: str | None,
) -> BaseSource:
    kind, _, path = name.partition(":")
    said = {"image_size": image_size, "white_level": white_level, "background": background}
    if kind != "folder":
        _refuse("no files of images", name, skip_bad_images=skip_bad_images or None)
    if kind not in _OF_PATHS and name not in MIXTURES:
        _refuse("no image with transparent parts", name, background=background)
        return load_tfds(
            name,
            image_size=image_size,
            data_dir=data_dir,
            split=split,
            memory_limit=memory_limit,
            white_level=white_level,
        )
    if split != "train":
        raise ValueError(
            f"{name!r} has only the split 'train'. Expected split='train'. "
            f"Received: split={split!r}"
        )
    if kind == "folder":
        return load_folder(
            path,
            image_size=image_size,
            skip_bad_images=skip_bad_images,
            memory_limit=memory_limit,
            white_level=white_level,
            background=background,
        )
    if kind == "npz":
        return load_npz(path, image_size=image_size, white_level=white_level, background=background)
    if kind == "image":
        _refuse("one image at its own size", name, image_size=image_size)
        return load_image(path, white_level=white_level, background=background)
    _refuse("points, not images", name, **said)
    return load_mixture(name)


def _refuse(what: str, name: str, **options: float | str | None) -> None:
    """Raises ValueError for what is said of images to a set that has none of the kind."""
    for option, value in options.items():
        if value is not None:
            raise ValueError(
                f"{name!r} holds {what}. Expected no `{option}`. Received: {option}={value}"
            )


def _check_name(name: str) -> None:
    """Refuses what is rather a mistyped path, before TFDS is asked, which takes a while."""
    kind, colon, path = name.partition(":")
    if kind in _OF_PATHS:
        if not path:
            raise ValueError(
                f"Expected a path after the colon, such as {_EXAMPLES[kind]}. "
                f"Received: name={name!r}"
            )
        return
    close = difflib.get_close_matches(kind.lower(), _OF_PATHS, n=1, cutoff=0.6)
    meant = None
    if colon and (close or os.path.exists(os.path.expanduser(path))):
        meant = f"{close[0] if close else _kind_of(path)}:{path}"
    elif name.startswith(("/", "~", ".")) or name.endswith((".npz", ".npy")):
        meant = f"{_kind_of(name)}:{name}"
    if meant is not None:
        raise ValueError(f"Unknown data set. Did you mean {meant}? Received: name={name!r}")


def _kind_of(path: str) -> str:
    if path.endswith((".npz", ".npy")):
        return "npz"
    return "image" if os.path.isfile(os.path.expanduser(path)) else "folder"
