"""Which files of a folder are images, of which class, and what is left out."""

from __future__ import annotations

import collections
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Generic, NamedTuple, TypeVar

from tfgan_losses.datasets.image_files import EXTENSIONS

File = TypeVar("File")
Other = TypeVar("Other")
AnyPath = TypeVar("AnyPath", bound=PurePath)

_TRAINING_SPLITS = frozenset({"train", "training"})
_SPLITS = _TRAINING_SPLITS | {"test", "testing", "val", "valid", "validation", "dev"}


class Listing(NamedTuple, Generic[File]):
    """What is in a folder, or in what is arranged like one.

    Attributes:
        files: The images.
        labels: The class of each, or None if they lie in the folder itself.
        class_names: Of the sub-folders, in the order of the labels, or None.
        left_out: How many files are no images, by ending.
    """

    files: list[File]
    labels: list[int] | None
    class_names: tuple[str, ...] | None
    left_out: dict[str, int]

    def of(self, files: list[Other]) -> Listing[Other]:
        """Returns the same of other objects for the same files."""
        return Listing(files, self.labels, self.class_names, self.left_out)


def list_files(folder: Path, name: str) -> Listing[Path]:
    """Lists a folder that has images in it, or one sub-folder per class.

    Args:
        folder: Its path.
        name: Of the data set, for messages.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If there are no images, or they are not as above.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"No such folder. Expected a folder of images. Received: {name}")
    visible = _visible(folder)
    below = {sub: _files_below(sub, folder) for sub in visible if os.path.isdir(sub)}
    loose = [path for path in visible if path not in below]
    subs = {sub.name: files for sub, files in below.items()}
    return arranged(loose, subs, name, part=f"Use {name.rstrip('/')}/{{}}")


def arranged(
    loose: list[AnyPath],
    subs: dict[str, list[AnyPath]],
    name: str,
    *,
    place: str = "folder",
    part: str,
) -> Listing[AnyPath]:
    """Finds out which files are images, and of which class.

    Args:
        loose: Files that are in no sub-folder, in their order.
        subs: Files below each sub-folder, likewise.
        name: Of the data set, for messages.
        place: What holds them, likewise.
        part: What to do where sub-folders are parts such as "train", which stands for `{}`.

    Raises:
        ValueError: If there are no images, or they are not as `list_files` says.
    """
    images = {sub: list(filter(_is_image, files)) for sub, files in subs.items()}
    loose_images = list(filter(_is_image, loose))
    everything = [*loose, *(path for files in subs.values() for path in files)]
    left_out = _count_endings(path for path in everything if not _is_image(path))
    if not loose_images and not any(images.values()):
        raise ValueError(
            f"The {place} has no images{in_words(left_out)}. Expected files ending in "
            f"{', '.join(EXTENSIONS)}, in it or in one sub-folder per class. Received: {name}"
        )
    if not loose_images:
        _check_classes(subs, images, name, part)
        labels = [label for label, files in enumerate(images.values()) for _ in files]
        names = tuple(map(printable, images))
        return Listing(
            [file for files in images.values() for file in files], labels, names, left_out
        )
    if any(images.values()):
        raise ValueError(
            f"Expected images either in the {place} or in one sub-folder per class, not both; "
            f"{loose_images[0].name!r} is in no sub-folder. Received: {name}"
        )
    return Listing(loose_images, None, None, left_out)


def _check_classes(
    subs: dict[str, list[AnyPath]], images: dict[str, list[AnyPath]], name: str, part: str
) -> None:
    """Refuses sub-folders that are no classes, since the labels after them would shift."""
    names = {sub.lower() for sub in images}
    train = next((sub for sub in images if sub.lower() in _TRAINING_SPLITS), None)
    # One class may well be called "train".
    if names <= _SPLITS or (train and names & (_SPLITS - _TRAINING_SPLITS)):
        split = train or next(iter(images))
        found = ", ".join(sorted(names & _SPLITS))
        raise ValueError(
            f"Expected one sub-folder per class, but {found} is what parts of a data set are "
            f"called. {part.format(split)}. Received: {name}"
        )
    for sub, files in images.items():
        if not files:
            raise ValueError(
                f"Expected images in every sub-folder, each of which is a class. Received: "
                f"{name}, of which {sub!r} has none{in_words(_count_endings(subs[sub]))}; "
                "add some, or move it away"
            )


def in_words(left_out: dict[str, int]) -> str:
    """Returns what is left out, such as " (90 .heic, 1 .txt)"; nothing if there is nothing."""
    listed = ", ".join(f"{count} {ending}" for ending, count in left_out.items())
    return f" ({listed})" if listed else ""


def _count_endings(paths: Iterable[PurePath]) -> dict[str, int]:
    endings = (path.suffix.lower() or "without ending" for path in paths)
    return dict(collections.Counter(printable(ending) for ending in endings).most_common())


def natural_order(paths: Iterable[AnyPath]) -> list[AnyPath]:
    """Sorts by name as a person would: "2" before "10"."""
    return sorted(paths, key=lambda path: ([_natural(part) for part in path.parts], path))


def _natural(text: str) -> Sequence[tuple[int, int, str]]:
    # Numbers before words, and never compared with them.
    parts = re.split("([0-9]+)", text)
    return [
        (0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts if part
    ]


def natural_names(names: Iterable[str]) -> list[str]:
    """As `natural_order`, for words."""
    return sorted(names, key=lambda name: (_natural(name), name))


def printable(name: str) -> str:
    """Spells out line breaks, and bytes that are no text, whatever the locale takes for text."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _visible(folder: Path) -> list[Path]:
    return natural_order(path for path in folder.iterdir() if not path.name.startswith("."))


def _files_below(folder: Path, root: Path) -> list[Path]:
    """Returns all files below a folder; each folder counts once, though links may go in circles."""
    files: list[Path] = []
    pending, seen = [folder], {_identity(root)}
    while pending:
        folder = pending.pop()
        if _identity(folder) not in seen:
            seen.add(_identity(folder))
            for path in _visible(folder):
                (pending if os.path.isdir(path) else files).append(path)
    return natural_order(files)


def _identity(folder: Path) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _is_image(path: PurePath) -> bool:
    # A broken link, too: it is reported rather than passed over.
    return path.suffix.lower() in EXTENSIONS
