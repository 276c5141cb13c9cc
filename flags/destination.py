"""Which directory a run goes to: a new one, or that of the run that goes on. Without TensorFlow.

It is chosen, made and locked before anything that takes time, so that commands that are started
together never get the same one.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from absl.flags import FlagValues
from tfgan_losses.flags import command_line, resuming

from tfgan_losses import data_paths
from tfgan_losses.run_files.directory import RunDirectory

_RUNS = Path("runs")
_PATH_OF_DATA = re.compile(
    rf"^(--dataset=(?:{'|'.join(data_paths.KINDS)}):|--data_dir=|--inception=)(.+)$", re.MULTILINE
)


class Destination:
    """The directory of a run.

    Attributes:
        directory: --resume, --output_dir or a new one of the next number; locked, if `writes`.
        resumed: Whether a run that it holds goes on.
        writes: Whether this process writes there: not a dry run, and not a worker that others
            write for.
    """

    directory: RunDirectory
    resumed = writes = _is_open = False

    def choose(self, flags: FlagValues, groups: Sequence[str]) -> None:
        """Finds the directory, and opens it unless there are workers to wait for first.

        Call `leave` in the end in any case.

        Args:
            flags: Of all groups. Of a run that is resumed they take the values that a person has
                not given.
            groups: Names of these groups.

        Raises:
            ValueError: If there is no run to resume, a flag that decides the training has another
                value than before, another process holds the directory, it holds something else,
                or several workers have to name one.
        """
        for name in ("output_dir", "resume", "init_from"):
            if flags[name].value is not None:
                flags[name].value = _own_path(name, flags[name].value)
        if flags.init_from is not None:
            flags.init_from = os.path.abspath(flags.init_from)
        found = resuming.find(flags, groups)
        self.resumed = found is not None
        if flags.init_from is not None and not self.resumed:
            resuming.check_origin(flags.init_from)
        if not self.resumed and flags.output_dir is None and flags.strategy == "multi_worker":
            raise ValueError(
                "Expected --output_dir, a directory that all workers see. Received: "
                "--strategy=multi_worker without it"
            )
        self.writes = is_chief(flags) and not flags.dry_run
        if self.resumed or flags.output_dir is not None:
            self.directory = found or RunDirectory(flags.output_dir)
        if flags.strategy != "multi_worker":
            self.open(flags)

    def open(self, flags: FlagValues) -> None:
        """Makes and locks the directory and writes flags.txt, if this process is to.

        Args:
            flags: Of all groups.

        Raises:
            ValueError: If another process holds the directory, or it holds something else.
        """
        if self._is_open or not is_chief(flags):
            return
        self._is_open = True
        if self.resumed or flags.output_dir is not None:
            self.directory.lock.acquire()
        else:
            self._make_next_of_number(flags)
        if not self.resumed:
            _check_unused(self.directory)
            self.write_settings(flags)
        if flags.dry_run:
            self.leave()

    def _make_next_of_number(self, flags: FlagValues) -> None:
        """Makes a new directory, also if others make theirs at the same time."""
        # Paths of data become one plain name.
        data = re.sub(r"[^A-Za-z0-9_.]+", "_", os.path.normpath(flags.dataset)).strip("_")
        stem = f"{data}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', flags.gan_type)}-"
        while True:
            numbers = [path.name.removeprefix(stem) for path in _RUNS.glob(f"{glob.escape(stem)}*")]
            taken = [int(number) for number in numbers if number.isdecimal()]
            self.directory = RunDirectory(_RUNS / f"{stem}{max(taken, default=0) + 1:03d}")
            with contextlib.suppress(FileExistsError):
                return self.directory.lock.acquire(new=True)

    def write_settings(self, flags: FlagValues) -> None:
        """Writes flags.txt, with paths that are right from everywhere."""
        if self.writes:
            text = command_line.flagfile_text(flags)
            self.directory.write_settings(_PATH_OF_DATA.sub(_absolute, text))

    def leave(self) -> None:
        """Lets others in; a new directory in which nothing was trained is gone again."""
        directory: RunDirectory | None = getattr(self, "directory", None)
        if directory is None:
            return
        if self.writes and not self.resumed and directory.lock.is_own() and not directory.results():
            for path in directory.written_at_the_start():
                path.unlink(missing_ok=True)
        directory.lock.give_up()


def _own_path(name: str, typed: str) -> str:
    if not typed.strip() or typed.startswith("--"):
        raise ValueError(f"Expected --{name}=<directory>. Received: --{name}={typed}")
    path = os.path.expanduser(typed)
    if path.startswith("~"):
        raise ValueError(
            f"Expected a home directory that there is, or ./{path}. Received: --{name}={typed}"
        )
    return path


def _check_unused(directory: RunDirectory) -> None:
    # Flags alone are of a run that was killed before anything came of it.
    begun = {path.name for path in directory.written_at_the_start()}
    held = [*directory.results(), *directory.others()]
    if not begun.issuperset(held):
        hint = f", or --resume={directory.path} to go on with the run in it"
        raise ValueError(
            f"Expected a new or empty directory{hint if directory.was_begun() else ''}. "
            f"Received: --output_dir={directory.path}, which holds {', '.join(held)}"
        )


def is_chief(flags: FlagValues) -> bool:
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
