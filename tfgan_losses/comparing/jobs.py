"""Which trainings a comparison consists of, where they lie, and what is there of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

from tfgan_losses.comparing import cost
from tfgan_losses.run_files.directory import RunDirectory
from tfgan_losses.run_files.lock import RunLock


@dataclasses.dataclass(frozen=True)
class Job:
    """One training: a recipe and a seed."""

    gan_type: str
    seed: int

    @property
    def name(self) -> str:
        """Of its files, such as `wgan-gp-seed0`."""
        return f"{self.gan_type}-seed{self.seed}"

    def __str__(self) -> str:
        return f"{self.gan_type}, seed {self.seed}"


def grid(gan_types: Iterable[str], seeds: int) -> list[Job]:
    """Returns all trainings, seed after seed, so that an unfinished comparison has every recipe."""
    gan_types = list(gan_types)
    return [Job(gan_type, seed) for seed in range(seeds) for gan_type in gan_types]


class ComparisonDirectory:
    """Where everything of a comparison is; making one touches no file.

    Args:
        path: The directory, which need not be there.

    Attributes:
        path: The directory.
        lock: What keeps a second process out.
        settings: `comparison.json`, what all trainings have in common.
        report: `report.html`.
        record: `report.json`.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.lock = RunLock(path)
        self.settings = self.path / "comparison.json"
        self.report = self.path / "report.html"
        self.record = self.path / "report.json"

    def __repr__(self) -> str:
        return f"ComparisonDirectory({str(self.path)!r})"

    def run(self, job: Job) -> RunDirectory:
        """Returns the directory of a training."""
        return RunDirectory(self.path / "runs" / job.name)

    def log(self, job: Job) -> Path:
        """Returns the file of what a training has printed."""
        return self.path / "logs" / f"{job.name}.log"

    def costs(self, job: Job) -> Path:
        """Returns the file of what a training has cost; see `cost`."""
        return self.path / "costs" / f"{job.name}.json"

    def measured(self, job: Job) -> Path:
        """Returns the file of what was measured of a training."""
        return self.path / "measured" / f"{job.name}.json"

    def step(self, job: Job) -> int:
        """Returns the last step of the table of a training, 0 without one."""
        rows = self.run(job).rows()
        return int(rows[-1].get("step", 0)) if rows else 0

    def is_finished(self, job: Job, steps: int) -> bool:
        """Returns whether a training has come to its last step and has left its models.

        The table alone is not enough: it is whole before the models are written.
        """
        attempts = cost.read(self.costs(job))
        return bool(
            attempts
            and attempts[-1].succeeded
            and self.run(job).gan.exists()
            and self.step(job) >= steps
        )

    def state(self, job: Job, steps: int) -> str:
        """Returns in words how far a training is."""
        if self.is_finished(job, steps):
            return "finished"
        attempts = cost.read(self.costs(job))
        if attempts and attempts[-1].error:
            return f"failed: {attempts[-1].error}"
        step = self.step(job)
        return f"at step {step} of {steps}" if self.run(job).was_begun() else "to do"
