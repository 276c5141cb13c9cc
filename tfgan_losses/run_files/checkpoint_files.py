"""Finding and loading the checkpoints that `Checkpoints` writes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tfgan_losses.run_files.atomic import atomic_path

if TYPE_CHECKING:
    import h5py

    from tfgan_losses.gan import GAN

_NAME = re.compile(r"step_(\d{8,})\.weights\.h5")
_SEAL = re.compile(rb"sha256 ([0-9a-f]{64})\n")
_SEAL_SIZE = 72
_CHUNK = 2**20
_SHOWN_DIFFERENCES = 3

Structure: TypeAlias = dict[str, tuple[int, ...]]


def checkpoint_name(step: int) -> str:
    """Returns `step_00001000.weights.h5` for 1000."""
    return f"step_{step:08d}.weights.h5"


def checkpoint_step(path: str | os.PathLike) -> int:
    """Returns 1000 for `step_00001000.weights.h5`.

    Args:
        path: Of a checkpoint, which need not exist.

    Raises:
        ValueError: If it is another name.

    Examples:
        >>> from tfgan_losses import callbacks
        >>> callbacks.checkpoint_step("step_00001000.weights.h5")
        1000
    """
    match = _NAME.fullmatch(Path(path).name)
    if match is None:
        raise ValueError(f"Expected {checkpoint_name(1000)}, with any step. Received: path={path}")
    return int(match[1])


def all_checkpoints(directory: str | os.PathLike) -> list[Path]:
    """Returns the checkpoints of a directory, the oldest step first; none without a directory.

    Args:
        directory: Where they lie, `run/checkpoints`; it need not exist.
    """
    directory = Path(directory)
    if not directory.is_dir():
        return []
    paths = [path for path in directory.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(paths, key=checkpoint_step)


def latest_checkpoint(directory: str | os.PathLike) -> Path | None:
    """Returns the newest checkpoint that is whole, or None.

    Warns of each newer one that is not.

    Args:
        directory: Where they lie, `run/checkpoints`; it need not exist.
    """
    newest_first = reversed(all_checkpoints(directory))
    return next((path for path in newest_first if _is_whole(path)), None)


def best_checkpoint(
    directory: str | os.PathLike, monitor: str, mode: str = "min"
) -> tuple[Path, float] | None:
    """Returns the best checkpoint that `Checkpoints` has kept by a log, and that is whole.

    Warns of each better one that is not.

    Args:
        directory: Of the checkpoints.
        monitor: Name of the log.
        mode: `"min"` if lower is better, else `"max"`.

    Returns:
        The file and its value of the log, or None.
    """
    found = sorted(all_best(directory, monitor), key=lambda pair: pair[1], reverse=mode != "min")
    return next((pair for pair in found if _is_whole(pair[0])), None)


def best_name(monitor: str, value: float, step: int) -> str:
    """Returns `best_g_loss_0.25_step_00001000.weights.h5`, which says all there is to know."""
    return f"best_{_in_a_name(monitor)}_{value!r}_{checkpoint_name(step)}"


def all_best(directory: str | os.PathLike, monitor: str) -> list[tuple[Path, float]]:
    """Returns the files of `best_name` for a log and their values; more than one after a kill."""
    if not Path(directory).is_dir():
        return []
    pattern = re.compile(rf"best_{re.escape(_in_a_name(monitor))}_([^_]+)_{_NAME.pattern}")
    matches = [(path, pattern.fullmatch(path.name)) for path in Path(directory).iterdir()]
    return [(path, float(match[1])) for path, match in matches if match]


def write_checkpoint(gan: GAN, path: str | os.PathLike) -> None:
    """Writes the weights of a model with their SHA-256 as a last line.

    Readers of HDF5 ignore what follows its end. So a checkpoint and its checksum are one file,
    which is there or is not, and is moved as one.

    Args:
        gan: The model.
        path: The final name; see `atomic_path`.

    Raises:
        OSError: If the file cannot be written.
    """
    content = in_memory(gan).getbuffer()
    line = f"sha256 {hashlib.sha256(content).hexdigest()}\n"
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        file.write(content)
        file.write(line.encode())


def restore(gan: GAN, path: str | os.PathLike) -> None:
    """Loads networks, EMA, step, optimisers and running means of a compiled GAN.

    Args:
        gan: The model, built and compiled as when the checkpoint was written.
        path: A checkpoint, or a `.weights.h5` file without a checksum.

    Raises:
        ValueError: If the file cannot be read, its checksum does not fit, or it belongs to another
            architecture; the message names the first differences. The model is then as it was
            before.
    """
    try:
        check_whole(path)
        saved = _structure(path)
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"Expected a checkpoint. Received: path={path}: {error}") from error
    differences = _differences(saved, _structure(in_memory(gan)))
    if differences:
        more = len(differences) - _SHOWN_DIFFERENCES
        raise ValueError(
            f"The checkpoint {path} belongs to another architecture or another compile() than this "
            "model. Expected the networks, optimisers and options with which it was written. "
            "Received: "
            + "; ".join(differences[:_SHOWN_DIFFERENCES])
            + (f"; and {more} more" if more > 0 else "")
        )
    gan.load_weights(path)


def check_whole(path: str | os.PathLike) -> None:
    """Checks the checksum of a file that has one.

    Raises:
        ValueError: If it does not fit.
        OSError: If the file cannot be read.
    """
    problem = _problem(path) if _checksum(path) else None
    if problem is not None:
        raise ValueError(f"Expected a whole checkpoint. Received: path={path}: {problem}")


def best_step(path: str | os.PathLike) -> int:
    """Returns 1000 for `best_g_loss_0.25_step_00001000.weights.h5`."""
    return checkpoint_step(f"step_{Path(path).name.rpartition('_step_')[2]}")


@contextlib.contextmanager
def as_of(gan: GAN, path: str | os.PathLike) -> Iterator[None]:
    """In it, a model has the state of a checkpoint, and afterwards its own again.

    Raises:
        ValueError: As `restore`.
    """
    own = in_memory(gan)
    restore(gan, path)
    try:
        yield
    finally:
        own.seek(0)
        gan.load_weights(own)


def _is_whole(path: Path) -> bool:
    """Returns whether nothing speaks against a checkpoint, or warns of it."""
    problem = _problem(path)
    if problem is not None:
        warnings.warn(f"Skipping the checkpoint {path}: {problem}.", stacklevel=3)
    return problem is None


def _problem(path: str | os.PathLike) -> str | None:
    """Returns what speaks against a file that should end in a checksum, or None."""
    try:
        checksum = _checksum(path)
        if checksum is None:
            return (
                "there is no checksum at its end, so it is torn, or was not written by "
                "Checkpoints. restore(gan, path) loads it without one if it can be read"
            )
        whole = checksum == _digest(path, os.path.getsize(path) - _SEAL_SIZE)
    except OSError as error:
        return str(error)
    return None if whole else "its checksum does not fit its content, so it is corrupted"


def _checksum(path: str | os.PathLike) -> str | None:
    """Returns the checksum at the end of a file, if there is one."""
    with open(path, "rb") as file:
        file.seek(max(os.path.getsize(path) - _SEAL_SIZE, 0))
        found = _SEAL.fullmatch(file.read())
    return found[1].decode() if found else None


def _digest(path: str | os.PathLike, size: int) -> str:
    """Returns the SHA-256 of the first bytes of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size > 0 and (part := file.read(min(size, _CHUNK))):
            digest.update(part)
            size -= len(part)
    return digest.hexdigest()


def _in_a_name(monitor: str) -> str:
    return urllib.parse.quote(monitor, safe="")


class _File(io.BytesIO):
    """A file in memory, with the ending that Keras asks of `str(file)`."""

    def __str__(self) -> str:
        return "memory.weights.h5"


def in_memory(gan: GAN) -> io.BytesIO:
    """Returns the weights file of a model; on a full disk, HDF5 itself crashes the process."""
    _keep_what_keras_skips()
    file = _File()
    gan.save_weights(file)
    return file


def _keep_what_keras_skips() -> None:
    """Lets Keras find the lists of attributes that it does not save, by kind of object.

    Keras 3.14.0 to 3.15.1 looks for them under another name than that under which it keeps them.
    So for every object that it saves it makes a new layer, metric or optimiser, whose memory is
    never given back: 140 KB for each checkpoint of a GAN. Without these names, which are private,
    it is as Keras has it.
    """
    try:
        from keras.src.backend.common import global_state
        from keras.src.saving.saving_lib import get_attr_skipset
    except ImportError:
        return
    for kind in ("Functional", "Layer", "Loss", "Metric", "Operation", "Optimizer", "Sequential"):
        name = f"saving_attr_skiplist_{kind}"
        if global_state.get_global_attribute(name) is None:
            global_state.set_global_attribute(name, get_attr_skipset(kind))


def _structure(file: str | os.PathLike | io.BytesIO) -> Structure:
    """Returns the shape of each array in a weights file, by its place in the file."""
    import h5py

    shapes: Structure = {}

    def note(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            shapes[name] = item.shape

    with h5py.File(file, "r") as opened:
        opened.visititems(note)
    return shapes


def _differences(saved: Structure, own: Structure) -> list[str]:
    """Returns one phrase per array that differs, in the order of the model."""
    return [
        f"{name}: {_shape_text(saved.get(name))} in the file, {_shape_text(own.get(name))} in "
        "the model"
        for name in dict.fromkeys([*own, *saved])
        if saved.get(name) != own.get(name)
    ]


def _shape_text(shape: tuple[int, ...] | None) -> str:
    return "nothing" if shape is None else str(list(shape))
