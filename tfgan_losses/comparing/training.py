"""Trains what is missing, one process after the other, and says how far it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tfgan_losses.comparing import cost, processes
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job
from tfgan_losses.comparing.progress import Progress

_ROWS = 100


def train_missing(
    directory: ComparisonDirectory,
    jobs: Sequence[Job],
    steps: int,
    arguments: Sequence[str],
    stop: processes.Stop,
) -> bool:
    """Trains all that are not finished; one that fails does not keep the others from it.

    Args:
        directory: Where they lie.
        jobs: All trainings, in their order.
        steps: Of each.
        arguments: What they have in common, as flags.
        stop: Ends it.

    Returns:
        Whether no signal has ended it.

    Raises:
        OSError: If a process cannot be started or a file cannot be written.
    """
    progress = Progress(directory, jobs, steps)
    for number, job in enumerate(jobs, start=1):
        if directory.is_finished(job, steps):
            progress.say(number, "finished before")
            continue
        command = command_of(directory.run(job).path, job, steps, arguments)
        tick = progress.watching(number)
        attempt = processes.run(command, directory.log(job), stop, tick)
        cost.append(directory.costs(job), attempt)
        progress.ended(number, attempt)
        if stop.received is not None:
            return False
    return True


def command_of(path: Path, job: Job, steps: int, arguments: Sequence[str]) -> list[str]:
    """Returns the words of a training that begins, or goes on if it was begun."""
    return [
        *(sys.executable, "-m", "tfgan_losses", "train"),
        f"--gan_type={job.gan_type}",
        f"--seed={job.seed}",
        *(f"--output_dir={path}", f"--resume={path}"),
        f"--log_every={max(1, steps // _ROWS)}",
        *arguments,
    ]
