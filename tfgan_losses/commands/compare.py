"""Trains recipes under identical conditions, and writes a report that compares them.

python -m tfgan_losses compare --gan_types=gan,lsgan,wgan-gp --dataset=digits --seeds=3 --steps=2500
python -m tfgan_losses compare --gan_types=gan,pacgan --dataset=grid25 --output=runs/modes
python -m tfgan_losses compare --dataset=folder:photos --image_size=64 --dry_run

Each training is a process of its own with a directory in <output>/runs. The same command goes on
with what is missing, and <output>/report.html can be opened in any browser. See docs/compare.md.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from absl.flags import FlagValues

from tfgan_losses import interrupts, libraries
from tfgan_losses.commands import Command
from tfgan_losses.comparing import preflight, settings, training
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job, grid
from tfgan_losses.comparing.processes import Stop
from tfgan_losses.comparing.progress import Progress
from tfgan_losses.flags import checks, comparing
from tfgan_losses.progress import duration


def run(flags: FlagValues, typed: str) -> int:
    """Goes from flags to a report.

    Args:
        flags: Of the groups of this command.
        typed: What was typed before them.

    Returns:
        0 if the report is written, 1 if all trainings in it have failed, 3 if a signal has ended
        one.

    Raises:
        ValueError: If nothing can be compared, the directory holds a comparison under other
            settings or something else, or another process works in it.
        OSError: If data cannot be read or results cannot be written.
    """
    checks.check_path(flags.dataset)
    if flags.strategy == "multi_worker":
        raise ValueError("Expected a strategy of one machine. Received: --strategy=multi_worker")
    directory = ComparisonDirectory(_output(flags))
    _check_sets(flags)
    jobs = grid(comparing.recipes_in(flags.gan_types), flags.seeds)
    shared = settings.of(flags)
    _check_place(directory)
    settings.check_same(directory.settings, shared)
    if flags.dry_run:
        for number, job in enumerate(jobs, start=1):
            print(f"[{number}/{len(jobs)}] {job}: {directory.state(job, flags.steps)}")
        seconds = Progress(directory, jobs, flags.steps).to_do()
        if seconds:
            print(f"About {duration(seconds)} to do, by what those that are finished took.")
        return 0
    with interrupts.leaving(directory.lock.give_up):
        directory.lock.acquire()
        return _compare(flags, typed, directory, jobs, shared)


def _compare(
    flags: FlagValues,
    typed: str,
    directory: ComparisonDirectory,
    jobs: Sequence[Job],
    shared: settings.Settings,
) -> int:
    found = preflight.Found("")
    if not all(directory.is_finished(job, flags.steps) for job in jobs):
        recipes = len({job.gan_type for job in jobs})
        print(f"Looking at the data and at {recipes} recipes.", flush=True)
        found = preflight.check(_given(flags), recipes)
        if found.error or len(found.refused) == recipes:
            raise ValueError(found.error or next(iter(found.refused.values())))
    for name, reason in found.refused.items():
        print(f"{name} is left out: {reason}")
    settings.write(directory.settings, shared)
    kept = [job for job in jobs if job.gan_type not in found.refused]
    command = _command(flags, typed, directory)
    with Stop() as stop:
        through = training.train_missing(
            directory, kept, flags.steps, [*settings.arguments(flags), *found.measuring], stop
        )
    if not through:
        print(f"To go on: {command}")
        return interrupts.EXIT_CODE
    return libraries.with_libraries(_report)(flags, directory, kept, found.refused, command)


def _report(
    flags: FlagValues,
    directory: ComparisonDirectory,
    jobs: Sequence[Job],
    refused: dict[str, str],
    command: str,
) -> int:
    from tfgan_losses.comparing import reporting

    return 0 if reporting.report(flags, directory, jobs, refused, command) else 1


def _output(flags: FlagValues) -> str:
    if flags.output is not None and (not flags.output.strip() or flags.output.startswith("--")):
        raise ValueError(f"Expected --output=<directory>. Received: --output={flags.output}")
    data = re.sub(r"[^A-Za-z0-9_.]+", "_", os.path.normpath(flags.dataset)).strip("_")
    return os.path.expanduser(flags.output or os.path.join("runs", f"compare-{data}"))


def _check_sets(flags: FlagValues) -> None:
    """Refuses one image, which has no distances of sets to be compared by."""
    if flags.dataset.startswith("image:"):
        raise ValueError(
            "Expected data of many images, since distances of sets are compared. Two generators of "
            "one image compare by the sifid of evaluate --run=<run> --inception=<file>. "
            f"Received: --dataset={flags.dataset}"
        )


def _check_place(directory: ComparisonDirectory) -> None:
    path = directory.path
    if path.exists() and not path.is_dir():
        raise ValueError(f"Expected a directory. Received: --output={path}, a file")
    names = set(os.listdir(path)) - {directory.lock.path.name} if path.exists() else set()
    if names and not directory.settings.exists():
        raise ValueError(
            "Expected a new or empty directory, or that of a comparison. "
            f"Received: --output={path}, which holds {', '.join(sorted(names)[:5])}"
        )


def _given(flags: FlagValues) -> list[str]:
    """Returns the flags of this command that were given, as they are typed."""
    own = ("gan_types", "seeds", "metrics", "extractor", "samples")
    given = [f"--{name}={flags[name].value}" for name in own if flags[name].present]
    return [*given, *settings.arguments(flags)]


def _command(flags: FlagValues, typed: str, directory: ComparisonDirectory) -> str:
    words = [*_given(flags), f"--output={directory.path}"]
    return f"{typed} {shlex.join(words)}"


COMMAND = Command(description=__doc__ or "", groups=("comparison", *settings.HANDED_ON), run=run)
