"""Image files as a data set, whatever they lie in: a folder, an archive, a table."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses import progress
from tfgan_losses.datasets import fingerprint, levels, preparation
from tfgan_losses.datasets.folder_listing import Listing, in_words
from tfgan_losses.datasets.image_files import Facts, ImageFile, inspect_image, read_image
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.images import Element, collect, memory_budget
from tfgan_losses.datasets.levels import Reading
from tfgan_losses.datasets.npz_labels import count_classes
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import IndexedStream

File = TypeVar("File", bound=ImageFile)

_MOST_LISTED = 5  # bad files in a message


def load_listed(
    listing: Listing[File],
    name: str,
    options: ImageOptions,
    *,
    identify: Callable[[File], str],
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
) -> BaseSource:
    """Reads the images of a listing, as `load_folder` says.

    Args:
        listing: The files, whatever they lie in.
        name: Of the data set, such as "folder:photos".
        options: What the user says of the images.
        identify: What tells a file from others, for the fingerprint; cheap.
        skip_bad_images: Leave out files that cannot be read instead of raising an error.
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        ValueError: If a file cannot be read or has values above the white level, or if the size
            is missing but needed.
    """
    reading = Reading(options.white_level, options.color)
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
        "counts": count_classes(labels, len(listing.class_names or ()) or None),
        "left_out": listing.left_out,
        "preparation": preparation.in_words(
            sizes, fitting.size, channels, *done, fit=fitting.fit, background=options.background
        ),
    }
    attributes["fingerprint"] = fingerprint.make(
        name.partition(":")[0],
        size=len(files),
        class_names=attributes["class_names"],
        counts=attributes["counts"],
        hash=fingerprint.hash_of(map(identify, files)),
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
    listing: Listing[File], reading: Reading, skip_bad_images: bool, name: str
) -> tuple[Listing[File], list[Facts]]:
    """Returns the files that can be read, and what they hold."""
    with _without_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda file: inspect_image(file, reading), listing.files)
        found = list(progress.counted(looks, len(listing.files), f"looking at {name}"))
    bad = {i: result for i, result in enumerate(found) if isinstance(result, str)}
    good = [i for i in range(len(found)) if i not in bad]
    facts = [result for result in found if not isinstance(result, str)]
    if not bad:
        return listing, facts
    named = [(listing.files[i].name, wrong) for i, wrong in bad.items()]
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


def _warn(
    name: str, listing: Listing[File], facts: list[Facts], reading: Reading, channels: int
) -> None:
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


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Silences Pillow on odd metadata, which is not used, and on large images, which are refused.

    For the main thread only: filters are of the process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _report_bad(bad: Sequence[tuple[str, str]], total: int, skip: bool) -> None:
    listed = "; ".join(f"{file!r} ({wrong})" for file, wrong in bad[:_MOST_LISTED])
    listed += f"; and {len(bad) - _MOST_LISTED} more" if len(bad) > _MOST_LISTED else ""
    message = f"{len(bad)} of {total} files cannot be read as images: {listed}."
    if not skip or len(bad) == total:
        raise ValueError(f"{message} Remove them, or pass skip_bad_images=True to leave them out.")
    logging.warning("%s They are left out.", message)


def _fetcher(
    files: Sequence[ImageFile],
    labels: np.ndarray | None,
    read: Callable[[ImageFile], np.ndarray],
    channels: int,
    dtype: tf.DType,
) -> Callable[[tf.Tensor], Element]:
    with tf.device("CPU:0"):
        classes = None if labels is None else tf.constant(labels, tf.int32)

    def fetch(index: tf.Tensor) -> Element:
        image = tf.numpy_function(lambda number: read(files[number]), [index], dtype)
        image = tf.ensure_shape(image, [None, None, channels])
        return (image,) if classes is None else (image, classes[index])

    return fetch
