"""Hashes that tell extractors apart, and the names that they are part of."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

_AT_ONCE = 2**20
_SHOWN = 8


def of_file(path: str | os.PathLike) -> str:
    """Returns the SHA-256 of a file, or of all files in a folder with their names, in hex."""
    path = Path(path)
    if not path.is_dir():
        return _digest(path)
    whole = hashlib.sha256()
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        whole.update(f"{file.relative_to(path).as_posix()} {_digest(file)}\n".encode())
    return whole.hexdigest()


def of_arrays(arrays: Iterable[np.ndarray]) -> str:
    """Returns the SHA-256 of shapes, types and values, in hex."""
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(f"{array.dtype.str} {array.shape}\n".encode())
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def of_text(text: str) -> str:
    """Returns the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def short(digest: str) -> str:
    """Returns what of a hash stands in a name."""
    return digest[:_SHOWN]


def plain(path: str) -> str:
    """Returns the last part of a path or of the name of a data set, fit for a name.

    `folder:/data/My Photos` -> `My-Photos`; `npz:cats.npz` -> `cats`.
    """
    last = os.path.basename(path.partition(":")[2].rstrip("/") or path.rstrip("/"))
    stem = re.sub(r"\.(npz|npy|zip|hdf5?|keras|h5|weights\.h5|pb)$", "", last)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-") or "data"


def _digest(path: Path) -> str:
    hashed = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(_AT_ONCE):
            hashed.update(part)
    return hashed.hexdigest()
