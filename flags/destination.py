"""Which directory a run goes to: a new one, or that of the run that goes on. Without TensorFlow.

It is chosen, made and locked before anything that takes time, so that commands that are started
together never get the same one.
"""

from __future__ import annotations

import dataclasses
import glob
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from absl.flags import FlagValues
from tfgan_losses.flags import command_line, resuming

from tfgan_losses.run_files.directory import RunDirectory

_RUNS = Path("runs")
_PATH_OF_DATA = re.compile(r"^(--dataset=(?:folder|npz):|--data_dir=)(.+)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Destination:
    """The directory of a run.

    Attributes:
        directory: Locked, if `writes`.
        resumed: Whether a run that it holds goes on.
        writes: Whether this process writes there: not a dry run, and not a worker that others
            write for.
    """

    directory: RunDirectory
    resumed: bool
    writes: bool

    def write_settings(self, flags: FlagValues) -> None:
        """Writes flags.txt, with paths that are right from everywhere."""
        if self.writes:
            text = command_line.flagfile_text(flags)
            self.directory.write_settings(_PATH_OF_DATA.sub(_absolute, text))

    def leave(self) -> None:
        """Lets others in; a new directory in which nothing was trained is gone again."""
        if not self.writes:
            return
        if not self.resumed and not self.directory.results():
            for path in self.directory.written_at_the_start():
                path.unlink(missing_ok=True)
        self.directory.lock.release()


def choose(flags: FlagValues, groups: Sequence[str]) -> Destination:
    """Returns --resume, --output_dir or a new directory of the next number, locked.

    Args:
        flags: Of all groups. Of a run that is resumed they take the values that a person has not
            given.
        groups: Names of these groups.

    Raises:
        ValueError: If there is no run to resume, a flag that decides the training has another
            value than before, another process holds the directory, it holds something else, or
            several workers have to name one.
    """
    for name in ("output_dir", "resume"):
        if flags[name].value is not None:
            flags[name].value = _own_path(name, flags[name].value)
    found = resuming.find(flags, groups)
    if found is None and flags.output_dir is None and flags.strategy == "multi_worker":
        raise ValueError(
            "Expected --output_dir, a directory that all workers see. Received: "
            "--strategy=multi_worker without it"
        )
    if not _is_chief(flags):
        return Destination(found or RunDirectory(flags.output_dir), found is not None, writes=False)
    if found is None and flags.output_dir is None:
        directory = _next_of_number(flags)
    else:
        directory = found or RunDirectory(flags.output_dir)
        directory.lock.acquire()
    try:
        if found is None:
            _check_unused(directory)
        destination = Destination(directory, found is not None, writes=not flags.dry_run)
        if not found:
            destination.write_settings(flags)
    except BaseException:
        directory.lock.release()
        raise
    if flags.dry_run:
        directory.lock.release()
    return destination


def _own_path(name: str, typed: str) -> str:
    if not typed.strip():
        raise ValueError(f"Expected --{name}=<directory>. Received: --{name}={typed}")
    return os.path.expanduser(typed)


def _next_of_number(flags: FlagValues) -> RunDirectory:
    """Returns a new directory of this process, also if others look for one at the same time."""
    # Paths of folder: and npz: data sets become one plain name.
    data = re.sub(r"[^A-Za-z0-9_.]+", "_", os.path.normpath(flags.dataset)).strip("_")
    stem = f"{data}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', flags.gan_type)}-"
    while True:
        numbers = [path.name.removeprefix(stem) for path in _RUNS.glob(f"{glob.escape(stem)}*")]
        taken = [int(number) for number in numbers if number.isdecimal()]
        directory = RunDirectory(_RUNS / f"{stem}{max(taken, default=0) + 1:03d}")
        try:
            directory.lock.acquire(new=True)
        except FileExistsError:
            continue
        return directory


def _check_unused(directory: RunDirectory) -> None:
    held = [*directory.results(), *directory.others()]
    if held:
        hint = f", or --resume={directory.path} to go on with the run in it"
        raise ValueError(
            f"Expected a new or empty directory{hint if directory.was_begun() else ''}. "
            f"Received: --output_dir={directory.path}, which holds {', '.join(held)}"
        )


def _is_chief(flags: FlagValues) -> bool:
    """Returns whether no other worker writes; `machine.prepare` refuses a wrong TF_CONFIG."""
    if flags.strategy != "multi_worker":
        return True
    try:
        config = json.loads(os.environ.get("TF_CONFIG", ""))
        kind, index = config["task"]["type"], int(config["task"]["index"])
        return bool(kind == "chief" or ("chief" not in config["cluster"] and index == 0))
    except (ValueError, TypeError, KeyError):
        return False


def _absolute(match: re.Match[str]) -> str:
    path = os.path.abspath(os.path.expanduser(match[2]))
    return match[1] + path
