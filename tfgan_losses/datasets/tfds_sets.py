"""Data sets of TensorFlow Datasets (TFDS)."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses.datasets import fingerprint, levels, preparation, tfds_builders
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.images import Element, collect, memory_budget
from tfgan_losses.datasets.npz_labels import count_classes, warn_of_empty_classes
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import Record, RecordStream
from tfgan_losses.datasets.tfds_pixels import TfdsPixels

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

# Features that are read, by name.
_Features: TypeAlias = "dict[str, tfds.features.FeatureConnector]"

_LEAST_BUFFER = 1024
_LOOKED_AT = 64  # examples


def load_tfds(
    name: str,
    options: ImageOptions,
    *,
    data_dir: str | None = None,
    split: str = "train",
    memory_limit: int | None = None,
) -> BaseSource:
    """Loads the images, and labels if they are classes, of a TFDS data set.

    Args:
        name: "digits", a name that TFDS knows or that is prepared in `data_dir`, e.g. "mnist", or
            "tfrecord:<folder>", what TFDS has written there.
        options: What the user says of the images. Those of four channels keep them, unless a
            background or another number is given.
        data_dir: Where TFDS keeps its data. Default: TFDS's own, ~/tensorflow_datasets.
        split: A split, or part of one, e.g. "train[:10%]".
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        ConnectionError: If the data set is not prepared and cannot be downloaded.
        OSError: If it cannot be prepared, since a disk is full or a directory read-only.
        ValueError: If the name or the split is unknown, the examples have no image of 8 or 16
            bits, a background is given that nothing is transparent over, or the files are damaged.
    """
    with _quiet():
        builder = tfds_builders.get(name, data_dir)
        size = _split_size(builder, name, split)
        features = _features(builder, name)
    pixels = TfdsPixels.of(features["image"], name, options)
    height, width, _ = features["image"].shape
    native = None if None in (height, width) else (height, width)
    sizes = [] if native is None else [native]
    fitting = options.fitting(name, native, weighted=options.channels == 4)
    shape = (*fitting.size, pixels.channels)
    decode = _decoder(features, pixels)
    value_bytes = 4 if pixels.is_deep else 1
    fits = size * math.prod(shape) * value_bytes <= memory_budget(memory_limit)
    remedy = f"Remove {builder.data_path} to have it written anew."
    if name.startswith(tfds_builders.DIRECTORY):
        remedy = f"Write or copy {builder.data_path} anew."
    label = features.get("label")
    class_names = None if label is None else tuple(label.names)
    num_classes = None if label is None else label.num_classes
    arrays: list[np.ndarray] = []
    if fits:
        dataset = _records(builder, split, features)
        dataset = dataset.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
        with _quiet():
            arrays = collect(dataset, size, fitting, name=name, remedy=remedy)
    counts = count_classes(arrays[1], num_classes) if len(arrays) == 2 else None
    warn_of_empty_classes(name, counts, class_names)
    attributes: dict[str, Any] = {
        "name": name,
        "num_classes": num_classes,
        "class_names": class_names,
        "counts": counts,
        "preparation": preparation.in_words(
            sizes,
            fitting.size,
            pixels.channels,
            *pixels.in_words(),
            fit=options.fit,
            background=options.background,
        ),
        "fingerprint": fingerprint.make(
            "tfds",
            size=size,
            class_names=class_names,
            version=builder.info.full_name,
            split=split,
            bytes=int(builder.info.dataset_size),
            example_shape=[*shape],
            fit=fitting.fit_of(sizes),
        ),
    }
    if fits:
        _warn_if_flat(name, arrays[0], pixels.white, options.white_level)
        return MemorySource.from_arrays(*arrays, **attributes)
    stream = RecordStream(
        example_shape=shape,
        size=size,
        records=lambda seed: _records(builder, split, features, seed),
        decode=decode,
        fitting=fitting,
        buffer_size=_buffer_size(builder, size, memory_limit),
        remedy=remedy,
        **attributes,
    )
    _warn_if_flat(name, stream.take(_LOOKED_AT)[0], pixels.white, options.white_level)
    return stream


def _warn_if_flat(name: str, images: np.ndarray, white: float, white_level: float | None) -> None:
    lows, highs = levels.extremes(images)
    remedy = levels.white_level_remedy(round(float(highs.max()) * white / 255), white)
    if white_level is not None:
        remedy = f"Expected a lower white level. Received: white_level={white_level:g}"
    levels.warn_if_flat(name, lows, highs, remedy)


def _split_size(builder: tfds.core.DatasetBuilder, name: str, split: str) -> int:
    try:
        size = builder.info.splits[split].num_examples
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"Unknown split of {name!r}. Expected one of {sorted(builder.info.splits)}, or a part "
            f"of one such as 'train[:10%]'. Received: split={split!r}"
        ) from error
    if not size:
        raise ValueError(f"The split of {name!r} is empty. Received: split={split!r}")
    return size


def _features(builder: tfds.core.DatasetBuilder, name: str) -> _Features:
    """Returns the features that are read: "image", and "label" if it is one class per image."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    features = dict(features.items()) if hasattr(features, "items") else {}
    if not isinstance(features.get("image"), tfds.features.Image):
        raise ValueError(
            "Expected a data set with an 'image' feature. "
            f"Received: {name!r}, with the features {sorted(features)}"
        )
    dtype = features["image"].np_dtype
    if dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"Expected images of type uint8 or uint16. Received: {name!r}, dtype={dtype}"
        )
    read = {"image": features["image"]}
    if isinstance(features.get("label"), tfds.features.ClassLabel):
        read["label"] = features["label"]
    return read


def _records(
    builder: tfds.core.DatasetBuilder,
    split: str,
    features: _Features,
    seed: tf.Tensor | None = None,
) -> tf.data.Dataset:
    """Returns one pass over the examples, images still encoded; shuffled by file if seeded."""
    import tensorflow_datasets as tfds

    decoders = tfds.decode.PartialDecoding(
        dict.fromkeys(features, True), decoders={"image": tfds.decode.SkipDecoding()}
    )
    # The guard refuses to shuffle the files of a set that is kept in an order.
    config = tfds.ReadConfig(shuffle_seed=seed, try_autocache=False, enable_ordering_guard=False)
    with _quiet(logging.ERROR):  # PartialDecoding warns about what it itself does.
        return builder.as_dataset(
            split=split, shuffle_files=seed is not None, read_config=config, decoders=decoders
        )


def _decoder(features: _Features, pixels: TfdsPixels) -> Callable[[Record], Element]:
    def decode(record: Record) -> Element:
        image = pixels(features["image"].decode_example(record["image"]))
        return (image, tf.cast(record["label"], tf.int32)) if "label" in features else (image,)

    return decode


def _buffer_size(builder: tfds.core.DatasetBuilder, size: int, memory_limit: int | None) -> int:
    """Returns how many encoded records fit in the memory limit."""
    total = max(builder.info.splits.total_num_examples, 1)
    record_bytes = max(builder.info.dataset_size / total, 1)
    return min(size, max(_LEAST_BUFFER, int(memory_budget(memory_limit) / record_bytes)))


@contextlib.contextmanager
def _quiet(level: int = logging.WARNING) -> Iterator[None]:
    """Silences the information TFDS logs at every step."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(min(verbosity, level))
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
