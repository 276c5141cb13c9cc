"""Results that survive an interruption: what is in a file under its key is not trained again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tfgan_losses.run_files.atomic import atomic_path

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# What JSON holds. A key is everything that decides the result of a training.
Key: TypeAlias = dict[str, Any]
Result: TypeAlias = dict[str, Any]


class ResultFile:
    """JSON lines `{"key": ..., "result": ...}`; of several lines with one key the last counts.

    Args:
        path: The file; made with its directory when the first result comes.
    """

    def __init__(self, path: Path):
        self.path = path
        self._results = dict(self._read()) if path.exists() else {}

    def _read(self) -> Iterator[tuple[str, Result]]:
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entry = json.loads(line)
                yield _name(entry["key"]), entry["result"]
            except (ValueError, KeyError, TypeError):
                # A process that was killed while it wrote leaves half a line.
                print(f"{self.path}, line {number}: no result, ignored", file=sys.stderr)

    def get(self, key: Key) -> Result | None:
        """Returns the result of a training, or None."""
        return self._results.get(_name(key))

    def outcome(self, key: Key) -> str:
        """Returns the outcome of a training, "missing" where there is no result yet."""
        return outcome_of(self.get(key))

    def append(self, key: Key, result: Result) -> None:
        """Writes a result to the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(max(0, file.tell() - 1))
            if file.read(1) not in (b"", b"\n"):
                file.write(b"\n")
            file.write(json.dumps({"key": key, "result": result}).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._results[_name(key)] = result


def outcome_of(result: Result | None) -> str:
    """Returns "trained", "diverged", "failed", or "missing" for None."""
    return "missing" if result is None else result["outcome"]


def plain(fields: DataclassInstance) -> Key:
    """Returns a dataclass as the part of a key: without citations, and without what is None.

    So a field that is added later, None for the recipes of today, leaves today's keys as they are.
    """
    kept = {
        key: value
        for key, value in dataclasses.asdict(fields).items()
        if value is not None and key != "citation"
    }
    # Through JSON, so that keys of this process and of the file are equal.
    return json.loads(json.dumps(kept, default=str))


def write_samples(directory: Path, key: Key, samples: np.ndarray) -> None:
    """Keeps the samples of a training, for pictures and other measures."""
    path = _samples_path(directory, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        np.savez(temporary, samples=samples)


def read_samples(directory: Path, key: Key) -> np.ndarray | None:
    """Returns the samples of a training, or None if it left none."""
    path = _samples_path(directory, key)
    return np.load(path)["samples"] if path.exists() else None


def _samples_path(directory: Path, key: Key) -> Path:
    """Returns a path that other settings do not have."""
    digest = hashlib.sha256(_name(key).encode()).hexdigest()[:8]
    return directory / "samples" / f"{key['dataset']}-{key['gan_type']}-{key['seed']}-{digest}.npz"


def _name(key: Key) -> str:
    return json.dumps(key, sort_keys=True)
