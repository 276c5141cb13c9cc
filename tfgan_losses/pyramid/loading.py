"""From what lies on the disk to a pyramid."""

from __future__ import annotations

import os
from pathlib import Path

import keras

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.run_files.directory import RunDirectory


def load(path: str | os.PathLike) -> Pyramid:
    """Returns the pyramid of a run of one image.

    Args:
        path: Directory of the run, or a file that `Pyramid.save` has written.

    Raises:
        ValueError: If there is none, the run has not trained all its scales yet, or the file is
            damaged or holds something else.
    """
    path = Path(os.path.expanduser(path))
    directory = RunDirectory(path)
    file = directory.pyramid if path.is_dir() else path
    if not file.is_file():
        begun = path.is_dir() and directory.scale(0).path.is_dir()
        state = f"which is not finished; --resume={path} goes on with it" if begun else "none"
        raise ValueError(
            "Expected the directory of a finished run of one image, with "
            f"{directory.pyramid.name} in it, or such a file. "
            f"Received: path={str(path)!r}, {state}"
        )
    try:
        found = keras.saving.load_model(file)
    except Exception as error:  # Damaged ones raise nearly anything.
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"Expected a pyramid that can be read. Received: path={str(file)!r}: {lines[0]}"
        ) from error
    if not isinstance(found, Pyramid):
        raise ValueError(
            f"Expected a pyramid. Received: path={str(file)!r}, a {type(found).__name__}"
        )
    return found
