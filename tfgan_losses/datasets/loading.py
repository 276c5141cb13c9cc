"""`load`, the one way from the name of a data set to its `Source`."""

from __future__ import annotations

import difflib
import os

from tfgan_losses import data_paths
from tfgan_losses.datasets.folder import load_folder
from tfgan_losses.datasets.hdf5 import load_hdf5
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.mirror import mirrored
from tfgan_losses.datasets.mixtures import MIXTURES, load_mixture
from tfgan_losses.datasets.npz import load_npz
from tfgan_losses.datasets.single_image import load_image
from tfgan_losses.datasets.source import BaseSource
from tfgan_losses.datasets.tfds_builders import NAMES
from tfgan_losses.datasets.tfds_sets import load_tfds
from tfgan_losses.datasets.zipped import load_zip
from tfgan_losses.image_sizes import ImageSize

__all__ = ["NAMES", "load"]

_OF_PATHS = tuple(data_paths.KINDS)
# What holds files of images, one of which may be bad.
_OF_FILES = {"folder": load_folder, "zip": load_zip}


def load(
    name: str,
    *,
    image_size: ImageSize | None = None,
    fit: str = "crop",
    channels: int | None = None,
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
            `digits`: 1797 handwritten digits, 8x8, made on first use without network;
            `ring8`, `grid25`: Gaussian mixtures in the plane;
            `folder:<path>`: image files, see `load_folder`;
            `zip:<file>`: image files in an archive, see `load_zip`;
            `npz:<file>`: arrays, see `load_npz`;
            `hdf5:<file>`: arrays, see `load_hdf5`;
            `tfrecord:<folder>`: what TFDS has written there, with its `split`s;
            `image:<file>`: one image at its own size, for `tfgan_losses.pyramid`;
            anything else: a TFDS data set, see `load_tfds`.
        image_size: Pixels of square images, such as 64, or height and width, such as `(64, 96)` or
            "64x96", to which images are resized with antialiasing. `None` keeps the native size,
            if that is one.
        fit: How images get there: "crop", from the largest centred part of the aspect ratio of
            `image_size`; "pad", all of them, with borders in `background` (white by default;
            transparent in images of four channels); "stretch", without their aspect ratio.
        channels: 1 (grey, as 0.299 R + 0.587 G + 0.114 B), 3 (RGB; grey as three equal channels)
            or 4 (RGB with alpha, which is 1 where the data has none). Default: those of the data,
            without the alpha of files.
        data_dir: Where TFDS keeps its data. Default: ~/tensorflow_datasets.
        split: Split of a TFDS data set. The other kinds have only "train".
        skip_bad_images: For folders and zip archives: leave out unreadable files instead of
            raising an error.
        memory_limit: Bytes a decoded set may take in memory; larger sets of TFDS, folders and zip
            archives are decoded during training. Default: half of the available memory.
        white_level: For images: the value of a pixel that is white, such as 4095 for 12 bits kept
            in 16, or 1 for masks. Default: the largest of the type.
        background: For images with transparent parts: the colour behind them, such as "black" or
            "#20ff00". Default: white; images of four channels in archives and TFDS data sets keep
            these unless it is given. Borders of `fit="pad"` have it, too.
        mirror: For images: their mirror images, left to right, are data, too; see `mirrored`.

    Returns:
        The source, which has `take(n)`, `class_names` and more beside what every `Source` has;
        see `BaseSource`. A warning is logged if its images come out nearly constant.

    Raises:
        ConnectionError: If a TFDS data set is neither on disk nor can be downloaded.
        FileNotFoundError: If there is no such folder or file.
        OSError: If a TFDS data set cannot be written to `data_dir`.
        ValueError: If the name, the split or the data are not what is expected.

    Examples:
        >>> from tfgan_losses import datasets
        >>> source = datasets.load("digits")
        >>> source.example_shape, source.size
        ((8, 8, 1), 1797)
    """
    options = ImageOptions(image_size, fit, channels, white_level, background)
    _check_name(name)
    if mirror and name in MIXTURES:
        _refuse("points, not images", name, mirror=mirror)
    source = _load(
        name,
        options,
        data_dir=data_dir,
        split=split,
        skip_bad_images=skip_bad_images,
        memory_limit=memory_limit,
    )
    return mirrored(source) if mirror else source


def _load(
    name: str,
    options: ImageOptions,
    *,
    data_dir: str | None,
    split: str,
    skip_bad_images: bool,
    memory_limit: int | None,
) -> BaseSource:
    kind, _, path = name.partition(":")
    if kind not in _OF_FILES:
        _refuse("no files of images", name, skip_bad_images=skip_bad_images or None)
    if kind == "tfrecord" or (kind not in _OF_PATHS and name not in MIXTURES):
        return load_tfds(name, options, data_dir=data_dir, split=split, memory_limit=memory_limit)
    if split != "train":
        raise ValueError(
            f"{name!r} has only the split 'train'. Expected split='train'. "
            f"Received: split={split!r}"
        )
    if kind in _OF_FILES:
        return _OF_FILES[kind](
            path, options, skip_bad_images=skip_bad_images, memory_limit=memory_limit
        )
    if kind == "npz":
        return load_npz(path, options)
    if kind == "hdf5":
        return load_hdf5(path, options, memory_limit=memory_limit)
    if kind == "image":
        size = {"image_size": options.image_size}
        _refuse("one image, whose size --max_size limits", name, **size)
        return load_image(path, options)
    _refuse("points, not images", name, **options.given())
    return load_mixture(name)


def _refuse(what: str, name: str, **options: object) -> None:
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
                f"Expected a path after the colon, such as {data_paths.KINDS[kind].example}. "
                f"Received: name={name!r}"
            )
        return
    close = difflib.get_close_matches(kind.lower(), _OF_PATHS, n=1, cutoff=0.6)
    meant = None
    if colon and os.path.exists(os.path.expanduser(path)):
        # What lies there says more than the letters.
        meant = f"{data_paths.kind_of(path)}:{path}"
    elif colon and close:
        meant = f"{close[0]}:{path}"
    elif name.startswith(("/", "~", ".")) or name.lower().endswith(data_paths.ENDINGS):
        meant = f"{data_paths.kind_of(name)}:{name}"
    if meant is not None:
        raise ValueError(f"Unknown data set. Did you mean {meant}? Received: name={name!r}")
