"""Arrays that are dear to compute, kept between processes, one `.npz` each.

They lie in `$TFGAN_LOSSES_CACHE`, else in `$XDG_CACHE_HOME/tfgan_losses`, else in
`~/.cache/tfgan_losses`, and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from tfgan_losses.extractors import hashing
from tfgan_losses.run_files.atomic import atomic_path

# What a file says it was computed from, as JSON.
_KEY = "computed_from"
_DAMAGES = (
    *(OSError, ValueError, TypeError, KeyError, EOFError, AttributeError),
    *(zipfile.BadZipFile, zlib.error),
)
Made = TypeVar("Made")


def folder() -> Path:
    """Returns where the files lie; it need not exist."""
    if own := os.environ.get("TFGAN_LOSSES_CACHE"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tfgan_losses"


class Entry:
    """One file of the cache.

    Args:
        kind: Begins its name, for people.
        computed_from: All that its arrays depend on, in plain values.
    """

    def __init__(self, kind: str, computed_from: Mapping[str, object]):
        self._key = json.dumps(computed_from, sort_keys=True)
        self._name = f"{kind}-{hashing.of_text(self._key)[:16]}.npz"

    @property
    def path(self) -> Path:
        """Where it lies, or would."""
        return folder() / self._name

    def read(self, make: Callable[[dict[str, np.ndarray]], Made]) -> Made | None:
        """Returns what `make` makes of its arrays; None if there are none.

        Where the file is damaged, or `make` raises an error, that is said in a warning.
        """
        path = self.path
        if not os.path.exists(path):
            return None
        try:
            # Opened here: NumPy leaves a file open that is none of its own.
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
            if str(arrays.pop(_KEY)) != self._key:
                raise ValueError("it was computed from something else")
            return make(arrays)
        except _DAMAGES as error:
            warnings.warn(
                f"The file {path} of the cache cannot be used, so that it is computed again: "
                f"{type(error).__name__}, {error}",
                stacklevel=2,
            )
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None

    def write(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Writes it in full or not at all; where that cannot be, says so in a warning."""
        path = self.path
        # Of its own, since several processes may compute the same.
        own = path.with_name(f"{uuid.uuid4().hex}-{path.name}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(own) as temporary:
                _save(temporary, {_KEY: np.array(self._key), **arrays})
            os.replace(own, path)
        except OSError as error:
            warnings.warn(
                "Nothing is kept for the next time, since the cache cannot be written. "
                f"$TFGAN_LOSSES_CACHE names another folder. {error}",
                stacklevel=2,
            )


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    # NumPy before 2.2 would keep `allow_pickle=False`, which nothing here needs, as an array.
    np.savez(path, **arrays)  # type: ignore[arg-type]
