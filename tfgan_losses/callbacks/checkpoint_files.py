"""Finding and loading the checkpoints that `Checkpoints` writes."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from pathlib import Path

import keras

_NAME = re.compile(r"step_(\d{8,})\.weights\.h5")
_SHOWN_DIFFERENCES = 3

Structure = dict[str, tuple[int, ...]]


def checkpoint_name(step: int) -> str:
    """`step_00001000.weights.h5` for 1000."""
    return f"step_{step:08d}.weights.h5"


def checkpoint_step(path: str | os.PathLike) -> int:
    """1000 for `step_00001000.weights.h5`."""
    return int(_NAME.fullmatch(Path(path).name)[1])


def all_checkpoints(directory: str | os.PathLike) -> list[Path]:
    """The checkpoints of a directory, the oldest step first; none if there is no directory."""
    directory = Path(directory)
    if not directory.is_dir():
        return []
    paths = [path for path in directory.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(paths, key=checkpoint_step)


def latest_checkpoint(directory: str | os.PathLike) -> Path | None:
    """The newest checkpoint that can be read, or None.

    Warns of each newer one that cannot.
    """
    for path in reversed(all_checkpoints(directory)):
        try:
            _structure(path)
        except (OSError, RuntimeError, KeyError) as error:
            warnings.warn(f"Skipping the unreadable checkpoint {path}: {error}", stacklevel=2)
        else:
            return path
    return None


def restore(gan: keras.Model, path: str | os.PathLike) -> None:
    """Loads networks, EMA, step and optimisers of a compiled GAN from one checkpoint.

    Args:
        gan: The model, built and compiled as when the checkpoint was written.
        path: A `.weights.h5` file.

    Raises:
        ValueError: If the file cannot be read or belongs to another architecture; the message
            names the first differences. The model is then as it was before.
    """
    try:
        saved = _structure(path)
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"Expected a checkpoint. Received: path={path}: {error}") from error
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "own.weights.h5")
        gan.save_weights(own)
        differences = _differences(saved, _structure(own))
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


def _structure(path: str | os.PathLike) -> Structure:
    """The shape of each array in a weights file, by its place in the file."""
    import h5py

    shapes: Structure = {}

    def note(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            shapes[name] = item.shape

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return shapes


def _differences(saved: Structure, own: Structure) -> list[str]:
    """One phrase per array that differs, in the order of the model."""
    return [
        f"{name}: {_shape_text(saved.get(name))} in the file, {_shape_text(own.get(name))} in "
        "the model"
        for name in dict.fromkeys([*own, *saved])
        if saved.get(name) != own.get(name)
    ]


def _shape_text(shape: tuple[int, ...] | None) -> str:
    return "nothing" if shape is None else str(list(shape))
