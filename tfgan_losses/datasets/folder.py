"""A folder of image files as a data set."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses import progress
from tfgan_losses.datasets import fingerprint, levels, preparation
from tfgan_losses.datasets.folder_listing import Listing, in_words, list_files
from tfgan_losses.datasets.image_files import Facts, inspect_image, read_image
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.images import Element, collect, memory_budget
from tfgan_losses.datasets.levels import Reading
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import IndexedStream

_MOST_LISTED = 5  # bad files in a message


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
    reading = Reading(options.white_level, options.color)
    listing = list_files(Path(os.path.expanduser(path)), name)
    listing, facts = _inspect(listing, reading, skip_bad_images, name)
    channels = options.channels or (1 if all(image.grey for image in facts) else 3)
    deep = any(image.deep for image in facts)
    sizes = {image.size for image in facts}
    native = next(iter(sizes)) if len(sizes) == 1 else None
    fitting = options.fitting(name, native, weighted=True)
    _warn(name, listing, facts, reading, channels)
    files, labels = listing.files, _as_array(listing.labels)
    read = functools.partial(read_image, channels=channels, reading=reading, deep=deep)
    fetch = _fetcher(files, labels, read, channels, tf.float32 if deep else tf.uint8)
    done = preparation.done_to_files(facts, channels, options.background)
    shape = (*fitting.size, channels)
    attributes: dict[str, Any] = {
        "name": name,
        "num_classes": None if listing.class_names is None else len(listing.class_names),
        "class_names": listing.class_names,
        "counts": None if labels is None else tuple(np.bincount(labels).tolist()),
        "left_out": listing.left_out,
        "preparation": preparation.in_words(
            sizes, fitting.size, channels, *done, fit=fitting.fit, background=options.background
        ),
    }
    attributes["fingerprint"] = fingerprint.make(
        "folder",
        size=len(files),
        class_names=attributes["class_names"],
        counts=attributes["counts"],
        hash=_hash(files, Path(os.path.expanduser(path))),
        example_shape=[*shape],
        fit=fitting.fit_of(sizes),
    )
    if len(files) * math.prod(shape) * (4 if deep else 1) <= memory_budget(memory_limit):
        dataset = tf.data.Dataset.range(len(files)).map(fetch, num_parallel_calls=tf.data.AUTOTUNE)
        with _without_warnings():
            arrays = collect(dataset, len(files), fitting, name=name)
        return MemorySource.from_arrays(*arrays, **attributes)
    return IndexedStream(
        size=len(files),
        example_shape=shape,
        fetch=fetch,
        fitting=fitting,
        labels=labels,
        **attributes,
    )


def _inspect(
    listing: Listing, reading: Reading, skip_bad_images: bool, name: str
) -> tuple[Listing, list[Facts]]:
    """Returns the files that can be read, and what they hold."""
    with _without_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda path: inspect_image(path, reading), listing.files)
        found = list(progress.counted(looks, len(listing.files), f"looking at {name}"))
    bad = {i: result for i, result in enumerate(found) if isinstance(result, str)}
    good = [i for i in range(len(found)) if i not in bad]
    facts = [result for result in found if not isinstance(result, str)]
    if not bad:
        return listing, facts
    named = [(listing.files[i], wrong) for i, wrong in bad.items()]
    _report_bad(named, len(found), skip_bad_images)
    labels = None if listing.labels is None else [listing.labels[i] for i in good]
    if labels is not None and listing.class_names is not None:
        present = set(labels)
        for label, class_name in enumerate(listing.class_names):
            if label not in present:
                raise ValueError(
                    f"Expected images that can be read in every sub-folder. Received: {name}, of "
                    f"which {class_name!r} has none"
                )
    return listing._replace(
        files=[listing.files[i] for i in good],
        labels=labels,
        left_out={"unreadable": len(bad), **listing.left_out},
    ), facts


def _warn(name: str, listing: Listing, facts: list[Facts], reading: Reading, channels: int) -> None:
    """Says what a person would see when looking at the images."""
    others = sum(listing.left_out.values()) - listing.left_out.get("unreadable", 0)
    if others > len(facts):
        logging.warning(
            "%s: more files are left out%s than read (%d).",
            name, in_words(listing.left_out), len(facts),
        )  # fmt: skip
    lows, highs = np.transpose([image.levels for image in facts])
    transparent = [image for image in facts if image.transparent]
    if channels == 4 and transparent:
        return  # They show where they are opaque.
    flat = [image for image in transparent if levels.is_flat(image.levels)]
    if 2 * len(flat) > len(transparent):
        other = "white" if sum(reading.background) < 3 * 128 else "black"
        logging.warning(
            "%s: %d of the %d images with transparent parts come out nearly constant. Say what is "
            "behind them, such as background='%s'.",
            name, len(flat), len(transparent), other,
        )  # fmt: skip
    elif reading.white_level is None:
        brightest = max(facts, key=lambda image: image.brightest / image.white)
        remedy = levels.white_level_remedy(brightest.brightest, brightest.white)
        levels.warn_if_flat(name, lows, highs, remedy)
    else:
        remedy = f"Expected a lower white level. Received: white_level={reading.white_level:g}"
        levels.warn_if_flat(name, lows, highs, remedy)


def _as_array(labels: list[int] | None) -> np.ndarray | None:
    return None if labels is None else np.array(labels, np.int32)


def _hash(files: list[Path], folder: Path) -> str:
    """Of names and sizes: to read all files again would take as long as to look at them did."""
    return fingerprint.hash_of(
        f"{path.relative_to(folder).as_posix()} {os.stat(path).st_size}" for path in files
    )


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
    files: list[Path],
    labels: np.ndarray | None,
    read: Callable[[str], np.ndarray],
    channels: int,
    dtype: tf.DType,
) -> Callable[[tf.Tensor], Element]:
    with tf.device("CPU:0"):
        paths = tf.constant([os.fsencode(path) for path in files])
        classes = None if labels is None else tf.constant(labels, tf.int32)

    def fetch(index: tf.Tensor) -> Element:
        image = tf.numpy_function(lambda path: read(os.fsdecode(path)), [paths[index]], dtype)
        image = tf.ensure_shape(image, [None, None, channels])
        return (image,) if classes is None else (image, classes[index])

    return fetch
