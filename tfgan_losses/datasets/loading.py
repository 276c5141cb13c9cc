"""`load`, the one way from the name of a data set to its `Source`."""

from __future__ import annotations

from tfgan_losses.datasets.folder import load_folder
from tfgan_losses.datasets.mixtures import MIXTURES, load_mixture
from tfgan_losses.datasets.npz import load_npz
from tfgan_losses.datasets.source import BaseSource
from tfgan_losses.datasets.tfds_sets import NAMES, load_tfds

__all__ = ["NAMES", "load"]


def load(
    name: str,
    *,
    image_size: int | None = None,
    data_dir: str | None = None,
    split: str = "train",
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
) -> BaseSource:
    """Loads a data set by name.

    Args:
        name: One of
            "digits": 1797 handwritten digits, 8x8, made on first use without network;
            "ring8", "grid25": Gaussian mixtures in the plane;
            "folder:<path>": image files, see `load_folder`;
            "npz:<file>": arrays, see `load_npz`;
            anything else: a TFDS data set, see `load_tfds`.
        image_size: Height and width to which the centre squares of images are resized with
            antialiasing. `None` keeps the native size, if that is one square.
        data_dir: Where TFDS keeps its data. Default: ~/tensorflow_datasets.
        split: Split of a TFDS data set. The other kinds have only "train".
        skip_bad_images: For folders: leave out unreadable files instead of raising an error.
        memory_limit: Bytes a decoded set may take in memory; larger sets of TFDS and folders are
            decoded during training. Default: half of the available memory.

    Returns:
        The source, which has `take(n)` and the number of `skipped` files beside what every
        `Source` has.

    Raises:
        ConnectionError: If a TFDS data set is neither on disk nor can be downloaded.
        FileNotFoundError: If there is no such folder or file.
        ValueError: If the name, the split or the data are not what is expected.
    """
    kind, _, path = name.partition(":")
    if kind not in ("folder", "npz") and name not in MIXTURES:
        return load_tfds(
            name,
            image_size=image_size,
            data_dir=data_dir,
            split=split,
            memory_limit=memory_limit,
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
        )
    if kind == "npz":
        return load_npz(path, image_size=image_size)
    if image_size is not None:
        raise ValueError(
            f"{name!r} holds points, not images. Expected no `image_size`. "
            f"Received: image_size={image_size}"
        )
    return load_mixture(name)
