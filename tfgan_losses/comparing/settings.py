"""What all trainings of a comparison have in common, and that it stays so. Without TensorFlow."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from absl.flags import FlagValues

from tfgan_losses import data_paths
from tfgan_losses.flags.definitions import rows_of
from tfgan_losses.flags.flag import Flag, Value
from tfgan_losses.run_files.atomic import atomic_path

# The groups of training that a comparison hands on; seeds and recipes are its own.
HANDED_ON = ("networks", "data", "trainings", "machine")
_PATHS = tuple(data_paths.KINDS)
# Where data lies may change.
_FREE = ("data_dir",)

Settings = dict[str, Value]


def of(flags: FlagValues) -> Settings:
    """Returns the values of all flags that trainings share, paths as they are from everywhere."""
    return {row.name: _absolute(row.name, flags[row.name].value) for row in _rows()}


def arguments(flags: FlagValues) -> list[str]:
    """Returns those that a person has given, as the command line of a training."""
    given = []
    for row in _rows():
        flag = flags[row.name]
        value = _absolute(row.name, flag.value)
        if flag.present and row.kind is bool:
            given.append(f"--{row.name}" if value else f"--no{row.name}")
        elif flag.present:
            given.append(f"--{row.name}={value}")
    return given


def check_same(path: Path, now: Settings) -> None:
    """Compares them with those that a comparison was begun with, if it was.

    Args:
        path: `comparison.json`.
        now: What `of` returned.

    Raises:
        ValueError: If one differs, by its name, or the file is damaged.
    """
    before = _read(path)
    if before is None:
        return
    common = [name for name in now if name in before and name not in _FREE]
    names = [name for name in common if before[name] != now[name]]
    if names:
        raise ValueError(
            f"Expected the settings that the comparison in {path.parent} was begun with, since all "
            f"its trainings have to be alike. There: {_in_words(before, names)}. Received: "
            f"{_in_words(now, names)}. Another --output={shlex.quote(str(path.parent))}-2 begins "
            "a new one; recipes and seeds may be added to this one."
        )


def write(path: Path, now: Settings) -> None:
    """Writes `comparison.json`.

    Raises:
        OSError: If it cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> Settings | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(
            f"Expected the settings of a comparison; delete it to go on without. "
            f"Received: {path}: {error}"
        ) from error
    return found


def _rows() -> Iterator[Flag]:
    return (row for group in HANDED_ON for row in rows_of(group))


def _absolute(name: str, value: Value) -> Value:
    if value is None:
        return None
    if name == "data_dir":
        return os.path.abspath(os.path.expanduser(str(value)))
    kind, colon, path = str(value).partition(":")
    if name == "dataset" and colon and path and kind in _PATHS:
        return f"{kind}:{os.path.abspath(os.path.expanduser(path))}"
    return value


def _in_words(settings: Settings, names: list[str]) -> str:
    return " ".join(
        f"--{name} by default" if settings.get(name) is None else f"--{name}={settings[name]}"
        for name in names
    )
