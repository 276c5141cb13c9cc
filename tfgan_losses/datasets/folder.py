"""A folder of image files as a data set."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tensorflow as tf
from absl import logging

from tfgan_losses.datasets.image_files import EXTENSIONS, inspect_image, read_image
from tfgan_losses.datasets.images import Element, collect, memory_budget, square_size
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import IndexedStream

_MOST_LISTED = 5  # bad files in a message


def load_folder(
    path: str,
    *,
    image_size: int | None = None,
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
) -> BaseSource:
    """Reads the images of a folder, sorted by path.

    If the folder has sub-folders with images, each is a class, numbered in the order of their
    names, and all images below it belong to it. Hidden files and files with other endings than
    `EXTENSIONS` are ignored. Images are turned as their EXIF data says; of an animation the first
    frame counts; transparent parts are laid on black; 16-bit greys are reduced to 8 bits. There
    is one channel if all images are grey, else three.

    What a file holds counts, not its ending; only the formats of these endings are read. Every
    file is decoded once before training, so that none can stop it later; images of more than
    89 million pixels (`image_files.MAX_PIXELS`) are refused before they are decoded.

    Args:
        path: The folder.
        image_size: Height and width to resize to; `None` keeps square images of one size.
        skip_bad_images: Leave out files that cannot be read instead of raising an error.
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has no images, if images lie both in it and in its sub-folders, if a
            file cannot be read, or if `image_size` is missing but needed.
    """
    name = f"folder:{path}"
    files, labels, num_classes = _list_files(Path(path).expanduser(), name)
    with _without_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(inspect_image, files))
    bad = {i: result for i, result in enumerate(found) if isinstance(result, str)}
    good = {i: result for i, result in enumerate(found) if not isinstance(result, str)}
    if bad:
        _report_bad([(files[i], wrong) for i, wrong in bad.items()], len(files), skip_bad_images)
    files = [files[i] for i in good]
    labels = None if labels is None else [labels[i] for i in good]
    channels = 1 if all(grey for grey, _ in good.values()) else 3
    sizes = {size for _, size in good.values()}
    height, width = sizes.pop() if len(sizes) == 1 else (None, None)
    side = square_size(name, height, width, image_size)
    fetch = _fetcher(files, labels, channels)
    attributes: dict[str, Any]
    attributes = {"name": name, "num_classes": num_classes, "skipped": len(bad)}
    if len(files) * side * side * channels <= memory_budget(memory_limit):
        dataset = tf.data.Dataset.range(len(files)).map(fetch, num_parallel_calls=tf.data.AUTOTUNE)
        with _without_warnings():
            arrays = collect(dataset, len(files), side, name=name)
        return MemorySource.from_arrays(*arrays, **attributes)
    shape = (side, side, channels)
    return IndexedStream(size=len(files), example_shape=shape, fetch=fetch, **attributes)


def _list_files(folder: Path, name: str) -> tuple[list[Path], list[int] | None, int | None]:
    """Returns the image files, their labels or `None`, and the number of classes or `None`."""
    if not folder.is_dir():
        raise FileNotFoundError(f"No such folder. Expected a folder of images. Received: {name}")
    loose = [path for path in _visible(folder) if _is_image(path)]
    classes = [
        files
        for sub in _visible(folder)
        if os.path.isdir(sub) and (files := sorted(filter(_is_image, _files_below(sub, folder))))
    ]
    if not loose and not classes:
        raise ValueError(
            f"The folder has no images. Expected files ending in {', '.join(EXTENSIONS)}, in it or "
            f"in one sub-folder per class. Received: {name}"
        )
    if loose and classes:
        raise ValueError(
            f"Expected images either in the folder or in one sub-folder per class, not both; "
            f"{loose[0].name!r} is in no sub-folder. Received: {name}"
        )
    if loose:
        return loose, None, None
    labels = [label for label, files in enumerate(classes) for _ in files]
    return [file for files in classes for file in files], labels, len(classes)


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


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
    return files


def _identity(folder: Path) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _is_image(path: Path) -> bool:
    # A broken link, too: it is reported rather than passed over.
    return path.suffix.lower() in EXTENSIONS and not os.path.isdir(path)


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Silences Pillow on odd metadata, which is not used, and on large images, which are refused.

    For the main thread only: filters are of the process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _report_bad(bad: Sequence[tuple[Path, str]], total: int, skip: bool) -> None:
    listed = "; ".join(f"{str(path)!r} ({wrong})" for path, wrong in bad[:_MOST_LISTED])
    listed += f"; and {len(bad) - _MOST_LISTED} more" if len(bad) > _MOST_LISTED else ""
    message = f"{len(bad)} of {total} files cannot be read as images: {listed}."
    if not skip or len(bad) == total:
        raise ValueError(f"{message} Remove them, or pass skip_bad_images=True to leave them out.")
    logging.warning("%s They are left out.", message)


def _fetcher(
    files: list[Path], labels: list[int] | None, channels: int
) -> Callable[[tf.Tensor], Element]:
    with tf.device("CPU:0"):
        paths = tf.constant([os.fsencode(path) for path in files])
        classes = None if labels is None else tf.constant(labels, tf.int32)

    def fetch(index: tf.Tensor) -> Element:
        image = tf.numpy_function(
            lambda path: read_image(os.fsdecode(path), channels), [paths[index]], tf.uint8
        )
        image = tf.ensure_shape(image, [None, None, channels])
        return (image,) if classes is None else (image, classes[index])

    return fetch
