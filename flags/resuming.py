"""The run that --resume names, and what it says of the flags. Without TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from absl.flags import FlagValues
from tfgan_losses.flags import command_line
from tfgan_losses.flags.definitions import GROUPS
from tfgan_losses.flags.flag import Value

from tfgan_losses import data_paths
from tfgan_losses.run_files import initial_weights
from tfgan_losses.run_files.directory import RunDirectory

_SHOWN = 5


def find(flags: FlagValues, groups: Sequence[str]) -> RunDirectory | None:
    """Returns the run that goes on, and gives the flags its values.

    Args:
        flags: Of all groups; those that a person has given stay.
        groups: Names of these groups.

    Returns:
        None if a new run begins: without --resume, or where --output_dir is the same directory
        and no run is there yet, as in a script that a scheduler starts again and again.

    Raises:
        ValueError: If no run is there, or a flag that decides the training has another value than
            in it.
    """
    if flags.resume is None:
        return None
    directory = RunDirectory(flags.resume)
    twice = flags.output_dir is not None
    if twice and os.path.realpath(flags.output_dir) != os.path.realpath(flags.resume):
        raise ValueError(
            "Expected --resume alone, since a run goes on where it is. "
            f"Received: --output_dir={flags.output_dir} --resume={flags.resume}"
        )
    if directory.settings_file.exists():
        _take_over(flags, _settings(directory, groups), directory.settings_file)
        return directory
    if twice and not directory.results():
        return None
    raise ValueError(_nothing_there(directory))


def check_origin(path: str) -> None:
    """Refuses an --init_from that no run can start from.

    Raises:
        ValueError: If there is no such run or file; it names the runs near by.
    """
    try:
        initial_weights.find(path)
    except ValueError as error:
        raise ValueError(f"{error}. {_known_runs(Path(path))}") from error


def _settings(directory: RunDirectory, groups: Sequence[str]) -> FlagValues:
    try:
        return command_line.parse(groups, directory.settings())
    except ValueError as error:
        raise ValueError(
            f"Expected the flags of a run. Received: {directory.settings_file}: {error}"
        ) from error


def _take_over(flags: FlagValues, saved: FlagValues, path: Path) -> None:
    there, received = [], []
    for row in (row for rows in GROUPS.values() for row in rows if not row.of_one_call):
        own, before = flags[row.name], saved[row.name]
        if not own.present:
            own.value = before.value
        elif not row.free_on_resume and _comparable(own.value) != _comparable(before.value):
            there.append(before.serialize() or f"--{row.name} by default")
            received.append(own.serialize() or f"--{row.name} by default")
    if received:
        raise ValueError(
            f"Expected the flags of the run that is resumed, {path}. There: {' '.join(there)}. "
            f"Received: {' '.join(received)}. Leave them out to go on; "
            f"--flagfile={path} with them begins a new run."
        )


def _comparable(value: Value) -> Value:
    """Returns a value without the place of data, which may have moved; run.json knows them."""
    kind, colon, _ = str(value).partition(":")
    return kind if colon and kind in data_paths.KINDS else value


def _nothing_there(directory: RunDirectory) -> str:
    looked_for = os.path.abspath(directory.settings_file)
    if not directory.path.is_dir():
        state = "there is no such directory"
    elif directory.results():
        state = f"the directory holds {', '.join(directory.results())}, but no flags to go on with"
    else:
        state = "there is no such file in the directory"
    return (
        f"Expected --resume=<directory of a run>. Looked for {looked_for}: {state}. "
        f"Received: --resume={directory.path}. "
        f"{_known_runs(directory.path)}"
    )


def _known_runs(path: Path) -> str:
    known = _runs_near(path)
    return f"Runs near by, the newest first: {', '.join(known)}" if known else "No run is near by"


def _runs_near(path: Path) -> list[str]:
    """Returns the newest runs in and beside a directory, and where the command was called."""
    places = (path, path.parent, path.parent / "runs", Path("runs"), Path())
    found = {os.path.realpath(run): run for place in places for run in _runs_in(place)}
    newest = sorted(found.values(), key=lambda run: os.path.getmtime(run / "flags.txt"))[::-1]
    more = len(newest) - _SHOWN
    return [*map(str, newest[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])]


def _runs_in(place: Path) -> Iterator[Path]:
    try:
        yield from (path.parent for path in place.glob("*/flags.txt"))
    except OSError:
        return
