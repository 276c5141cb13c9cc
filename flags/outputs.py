"""Where --output goes. Without TensorFlow: what is refused is refused at once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tfgan_losses import interrupts


@contextlib.contextmanager
def new_folder(typed: str | None) -> Iterator[Path]:
    """Makes the folder of --output; a new one in which nothing was written is gone again.

    Raises:
        ValueError: If something lies in it, or it cannot be made or written to.
    """
    if typed is None:
        raise ValueError("Expected --output=<new folder>. Received: no --output")
    path = Path(os.path.expanduser(typed))
    is_new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        held = sorted(os.listdir(path))
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ValueError(
            "Expected a folder that can be made and written to. "
            f"Received: --output={typed}: {os.strerror(error.errno or 0)}"
        ) from error
    if held:
        raise ValueError(
            "Expected a new or empty folder, so that nothing is lost. "
            f"Received: --output={typed}, which holds "
            f"{', '.join(held[:3])}{' and more' if len(held) > 3 else ''}"
        )

    def leave() -> None:
        with contextlib.suppress(OSError):  # It holds something.
            if is_new:
                path.rmdir()

    with interrupts.leaving(leave):
        yield path


def new_picture(typed: str | None, ending: str) -> Path:
    """Returns the file of --output for a picture.

    Args:
        typed: What a person wrote.
        ending: Such as ".png".

    Raises:
        ValueError: If there is none, it has another ending, is there or cannot be written.
    """
    if typed is None or not typed.lower().endswith(ending):
        received = "no --output" if typed is None else f"--output={typed}"
        raise ValueError(f"Expected --output=<new file>{ending}. Received: {received}")
    return new_file(typed, Path(), "")


def new_file(typed: str | None, folder: Path, stem: str) -> Path:
    """Returns the file of --output, or the next number of a stem.

    Args:
        typed: What a person wrote; None for `<folder>/<stem>-<number>.json`.
        folder: Where to without --output.
        stem: Of the name.

    Raises:
        ValueError: If it is there, or cannot be written.
    """
    if typed is None:
        numbers = [path.stem.rpartition("-")[2] for path in folder.glob(f"{stem}-*.json")]
        taken = [int(number) for number in numbers if number.isdecimal()]
        path = folder / f"{stem}-{max(taken, default=0) + 1:03d}.json"
    else:
        path = Path(os.path.expanduser(typed))
    if path.exists():
        raise ValueError(f"Expected a new file. Received: --output={typed}, which is there")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ValueError(
            "Expected --output=<file>, in a folder that is there and can be written to. "
            f"Received: {path}: {os.strerror(error.errno or 0)}"
        ) from error
    return path
