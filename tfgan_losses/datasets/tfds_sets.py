"""Data sets of TensorFlow Datasets (TFDS), downloaded only where there is a network."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import random
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_losses.datasets.images import Element, collect, memory_budget, square_size
from tfgan_losses.datasets.mixtures import MIXTURES
from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.datasets.streams import Record, RecordStream

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

# Features that are read, by name.
_Features: TypeAlias = "dict[str, tfds.features.FeatureConnector]"

NAMES = ("digits", *MIXTURES)  # What needs neither files nor a network.

_DOWNLOAD_HOST = ("storage.googleapis.com", 443)
_LEAST_BUFFER = 1024


def load_tfds(
    name: str,
    *,
    image_size: int | None = None,
    data_dir: str | None = None,
    split: str = "train",
    memory_limit: int | None = None,
) -> BaseSource:
    """Loads the images, and labels if they are classes, of a TFDS data set.

    Args:
        name: "digits", or a name that TFDS knows or that is prepared in `data_dir`, e.g. "mnist".
        image_size: Height and width to resize to; `None` keeps square images of one size.
        data_dir: Where TFDS keeps its data. Default: TFDS's own, ~/tensorflow_datasets.
        split: A split, or part of one, e.g. "train[:10%]".
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        ConnectionError: If the data set is not prepared and cannot be downloaded.
        ValueError: If the name or the split is unknown, or the examples have no 8-bit image.
    """
    data_dir = None if data_dir is None else os.path.expanduser(os.fspath(data_dir))
    with _quiet():
        builder = _digits(data_dir) if name == "digits" else _prepared(name, data_dir)
        size = _split_size(builder, name, split)
        features = _features(builder, name)
    shape = features["image"].shape
    side = square_size(name, shape[0], shape[1], image_size)
    num_classes = features["label"].num_classes if "label" in features else None
    decode = _decoder(features)
    if size * side * side * shape[-1] <= memory_budget(memory_limit):
        dataset = _records(builder, split, features)
        dataset = dataset.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
        with _quiet():
            arrays = collect(dataset, size, side, name=name)
        return MemorySource.from_arrays(*arrays, name=name, num_classes=num_classes)
    return RecordStream(
        name=name,
        example_shape=(side, side, shape[-1]),
        size=size,
        num_classes=num_classes,
        records=lambda seed: _records(builder, split, features, seed),
        decode=decode,
        buffer_size=_buffer_size(builder, size, memory_limit),
    )


def network_available(timeout: float = 3.0) -> bool:
    """Tells within `timeout` seconds whether the download server (or the proxy) answers."""
    proxy = urllib.parse.urlsplit(urllib.request.getproxies().get("https", ""))
    address = (proxy.hostname, proxy.port or 80) if proxy.hostname else _DOWNLOAD_HOST
    answered: list[bool] = []

    def connect() -> None:
        with contextlib.suppress(OSError):
            socket.create_connection(address, timeout).close()
            answered.append(True)

    # In a thread because looking up the name obeys no timeout.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(timeout)
    return bool(answered)


def _digits(data_dir: str | None) -> tfds.core.DatasetBuilder:
    import tensorflow_datasets as tfds

    from tfgan_losses.datasets.digits import Digits

    builder = Digits(data_dir=data_dir)
    if not _is_prepared(builder):
        # TFDS writes beside the final folder and renames, so an interruption leaves no half data
        # set; one that came by another way is overwritten.
        mode = tfds.download.GenerateMode.REUSE_CACHE_IF_EXISTS
        config = tfds.download.DownloadConfig(download_mode=mode)
        bar = tfds.core.utils.tqdm_utils
        active, bar._active = bar._active, False  # There is no public way to ask for the state.
        try:
            with contextlib.redirect_stdout(io.StringIO()), _names_of_its_own():
                builder.download_and_prepare(download_config=config)
        except OSError:
            # Another process may have been faster.
            if not _is_prepared(builder):
                raise
        finally:
            bar._active = active
        builder = Digits(data_dir=data_dir)
    return builder


@contextlib.contextmanager
def _names_of_its_own() -> Iterator[None]:
    """Lets TFDS draw other names of temporary folders than a process with the same seed."""
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)


def _prepared(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except ValueError as error:  # Unknown, malformed, or without such a config or version.
        raise ValueError(f"{_unknown(name)} ({str(error).splitlines()[0]})") from error
    if _is_prepared(builder):
        return builder
    if not network_available():
        where = "" if data_dir is None else f", data_dir={data_dir!r}"
        raise ConnectionError(
            f"The data set {name!r} is not in {builder.data_path}, and there is no network to "
            "download it. On a machine with network, run\n"
            f'  python -c "import tensorflow_datasets as tfds; tfds.load({name!r}{where})"\n'
            f"and copy the folder it names to {builder.data_path}; or use a data set that needs "
            f"no network: {_offline_names()}."
        )
    with _names_of_its_own():
        builder.download_and_prepare()
    return tfds.builder(name, data_dir=data_dir)


def _is_prepared(builder: tfds.core.DatasetBuilder) -> bool:
    # Unlike builder.is_prepared(), without a warning when it is not.
    return (builder.data_path / "dataset_info.json").exists()


def _offline_names() -> str:
    return ", ".join([*NAMES, "folder:<path>", "npz:<file>"])


def _unknown(name: str) -> str:
    import tensorflow_datasets as tfds

    known = [*NAMES, *tfds.list_builders(with_community_datasets=False)]
    close = difflib.get_close_matches(name, known, n=5)
    hint = f" Did you mean one of {', '.join(close)}?" if close else ""
    return (
        f"Unknown data set.{hint} Expected one of {_offline_names()}, or the name of a TFDS data "
        f"set (https://www.tensorflow.org/datasets/catalog). Received: name={name!r}"
    )


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
    if dtype != np.uint8:
        raise ValueError(f"Expected images of type uint8. Received: {name!r}, dtype={dtype}")
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
    config = tfds.ReadConfig(shuffle_seed=seed, try_autocache=False)
    with _quiet(logging.ERROR):  # PartialDecoding warns about what it itself does.
        return builder.as_dataset(
            split=split, shuffle_files=seed is not None, read_config=config, decoders=decoders
        )


def _decoder(features: _Features) -> Callable[[Record], Element]:
    def decode(record: Record) -> Element:
        image = features["image"].decode_example(record["image"])
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
