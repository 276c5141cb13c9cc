"""Getting at the files of TensorFlow Datasets (TFDS), downloaded only where there is a network."""

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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_losses import data_paths
from tfgan_losses.datasets.mixtures import MIXTURES

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

NAMES = ("digits", *MIXTURES)
"""Data sets that need neither files nor a network."""

DIRECTORY = "tfrecord:"
_DESCRIPTION = "dataset_info.json"
_DOWNLOAD_HOST = ("storage.googleapis.com", 443)


def get(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    """Returns what reads a data set, which is prepared first if it is not on the disk.

    Args:
        name: "digits", a name that TFDS knows or that is prepared in `data_dir`, or "tfrecord:"
            and the folder that TFDS has written.
        data_dir: Where TFDS keeps its data; None for its own place.

    Raises:
        ConnectionError: If it is not prepared and cannot be downloaded.
        OSError: If it cannot be written.
        ValueError: If there is no such set, or what describes it is damaged.
    """
    data_dir = None if data_dir is None else os.path.expanduser(os.fspath(data_dir))
    if name.startswith(DIRECTORY):
        import tensorflow_datasets as tfds

        folder = _directory(name.removeprefix(DIRECTORY))
        with _explain_errors(name, str(folder)):
            return tfds.builder_from_directory(folder)
    with _explain_errors(name, data_dir or "~/tensorflow_datasets"):
        return _digits(data_dir) if name == "digits" else _prepared(name, data_dir)


@contextlib.contextmanager
def _explain_errors(name: str, data_dir: str) -> Iterator[None]:
    import tensorflow as tf
    from google.protobuf.json_format import ParseError

    remedy = "Expected a directory with room that can be written to, data_dir=..."
    try:
        yield
    except ConnectionError:
        raise
    except (OSError, tf.errors.OpError, RuntimeError) as error:
        # TFDS says more, as a RuntimeError.
        cause = error.__cause__ if isinstance(error, RuntimeError) else error
        if not isinstance(cause, OSError | tf.errors.OpError):
            raise
        reason = getattr(cause, "strerror", None) or " ".join(str(cause).split())
        raise OSError(
            f"The data set {name!r} cannot be kept in {data_dir}: {reason[:200]}. {remedy}"
        ) from error
    except ParseError as error:
        raise ValueError(
            f"The data set {name!r} in {data_dir} is damaged: {error}. Remove it from there to "
            "have it written anew"
        ) from error


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
    return (builder.data_path / _DESCRIPTION).exists()


def _directory(path: str) -> Path:
    """Returns a folder that TFDS has written, or the one in it that it has."""
    folder = Path(path).expanduser()
    received = f"Received: {DIRECTORY}{path}"
    if folder.is_file():
        raise ValueError(
            f"Expected the folder of the file, with {_DESCRIPTION} and features.json of TFDS: a "
            ".tfrecord file does not say what its records are. Without these, read it by "
            "tf.data.TFRecordDataset and tf.io.parse_single_example, and give the result to "
            f"GAN.fit. {received}"
        )
    if not folder.is_dir():
        raise FileNotFoundError(f"No such folder. Expected one that TFDS has written. {received}")
    # A person may name mnist, or what lies around it, instead of mnist/3.0.1.
    for pattern in ("", "*/", "*/*/"):
        found = sorted(file.parent for file in folder.glob(pattern + _DESCRIPTION))
        if len(found) == 1:
            return found[0]
        if found:
            known = ", ".join(map(str, found))
            raise ValueError(f"Expected one data set of TFDS, one of {known}. {received}")
    raise ValueError(f"Expected a folder of TFDS, with {_DESCRIPTION} in it. {received}")


def _offline_names() -> str:
    return ", ".join([*NAMES, data_paths.ALL])


def _unknown(name: str) -> str:
    import tensorflow_datasets as tfds

    known = [*NAMES, *tfds.list_builders(with_community_datasets=False)]
    close = difflib.get_close_matches(name, known, n=5)
    if os.path.isdir(name):
        close = [f"folder:{name}"]
    hint = f" Did you mean one of {', '.join(close)}?" if len(close) > 1 else ""
    hint = f" Did you mean {close[0]}?" if len(close) == 1 else hint
    return (
        f"Unknown data set.{hint} Expected one of {_offline_names()}, or the name of a TFDS data "
        f"set (https://www.tensorflow.org/datasets/catalog). Received: name={name!r}"
    )
