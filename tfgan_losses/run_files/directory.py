"""A run as it lies on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_losses.run_files.atomic import PREFIX, atomic_path, errors_name
from tfgan_losses.run_files.checkpoint_files import (
    all_checkpoints,
    best_checkpoint,
    latest_checkpoint,
)
from tfgan_losses.run_files.lock import RunLock
from tfgan_losses.run_files.table import read_table

if TYPE_CHECKING:
    import tensorflow as tf


class RunDirectory:
    """Where everything of a run is, for `Run`, which writes it, and for all who read it.

    Making one touches no file, and a run can be read while it is being written.

    Args:
        path: The directory, which need not be there.

    Attributes:
        path: The directory.
        lock: What keeps other processes out while one trains in it.
        settings_file: `flags.txt`, if a command has started the run.
        record: `run.json`, what optimisers, data and versions the run was begun with.
        tracking: `tracking_id.txt`, what trackers know the run by, if there are some.
        class_names: `classes.txt`, the name of a class on each line, if the data has such.
        metrics_csv: The table of metrics.
        health: `health.csv`, what went wrong by its signs, if anything did; see `health`.
        curves: `curves.png`, a picture of it.
        logs: The folder for TensorBoard.
        real: `real.png`, a picture of real examples.
        samples: The folder of the pictures `step_00001000.png`.
        animation: `samples.gif`.
        checkpoints: The folder of the checkpoints.
        generator: The SavedModel.
        best_generator: That of the best checkpoint, if the run has kept one.
        gan: `gan.keras`, the whole model for `keras.saving.load_model`.
        pyramid: `pyramid.keras`, the generators of all scales of one image, if it is such a run.
        scales_csv: `scales.csv`, a row for each scale that is done, likewise.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.lock = RunLock(path)
        self.settings_file = self.path / "flags.txt"
        self.record = self.path / "run.json"
        self.tracking = self.path / "tracking_id.txt"
        self.class_names = self.path / "classes.txt"
        self.metrics_csv = self.path / "metrics.csv"
        self.health = self.path / "health.csv"
        self.curves = self.path / "curves.png"
        self.logs = self.path / "logs"
        self.real = self.path / "real.png"
        self.samples = self.path / "samples"
        self.animation = self.path / "samples.gif"
        self.checkpoints = self.path / "checkpoints"
        self.generator = self.path / "generator"
        self.best_generator = self.path / "best_generator"
        self.gan = self.path / "gan.keras"
        self.pyramid = self.path / "pyramid.keras"
        self.scales_csv = self.path / "scales.csv"

    def __repr__(self) -> str:
        return f"RunDirectory({str(self.path)!r})"

    def make(self) -> None:
        """Makes the directory if it is not there.

        Raises:
            ValueError: If it cannot be made or written to.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise ValueError(
                "Expected a directory that can be made and written to. "
                f"Received: directory={str(self.path)!r}: {error}"
            ) from error

    def results(self) -> list[str]:
        """Returns the names of what a training has left so far."""
        kinds = (self.metrics_csv, self.logs, self.samples, self.checkpoints, self.generator)
        models = (self.best_generator, self.gan, self.pyramid, self.scales_csv)
        scales = sorted(self.path.glob("scale_[0-9]*"))
        return [path.name for path in (*kinds, *models, *scales) if path.exists()]

    def others(self) -> list[str]:
        """Returns the names of what else lies in the directory, but for its lock."""
        known = {self.lock.path.name, *self.results()}
        names = os.listdir(self.path) if self.path.is_dir() else []
        return sorted(name for name in names if name not in known and not name.startswith(PREFIX))

    def written_at_the_start(self) -> tuple[Path, ...]:
        """Returns the files that may be there before anything is trained, half of them, too."""
        whole = (self.settings_file, self.record, self.tracking, self.class_names, self.real)
        return *whole, *(path.with_name(PREFIX + path.name) for path in whole)

    def was_begun(self) -> bool:
        """Returns whether a run was begun here, even if nothing has come of it yet."""
        return self.settings_file.exists() or self.record.exists() or bool(self.results())

    def is_of_pyramid(self) -> bool:
        """Returns whether a pyramid is or was trained here, on one image."""
        return self.pyramid.exists() or self.scale(0).path.is_dir()

    def check_resume(self, resume: bool) -> None:
        """Checks that there is a run to go on with, or none that a new one would meet.

        Args:
            resume: Whether a run goes on.

        Raises:
            ValueError: If the directory holds a run and `resume` is False, or none and it is True.
        """
        found = self.results()
        if found and not resume:
            raise ValueError(
                f"Expected a new or empty directory, or resume=True to go on with the run in it. "
                f"Received: directory={str(self.path)!r}, which holds {', '.join(found)}"
            )
        if resume and not self.was_begun():
            raise ValueError(
                "Expected a run to go on with. Looked for "
                f"{os.path.abspath(self.checkpoints)} and {self.record.name} "
                f"beside it. Received: directory={str(self.path)!r}, resume=True"
            )

    def scale(self, number: int) -> RunDirectory:
        """Returns the directory of the run of one scale of a pyramid, `scale_00` the coarsest."""
        return RunDirectory(self.path / f"scale_{number:02d}")

    def checkpoint_files(self) -> list[Path]:
        """Returns the checkpoints, whole or not, the oldest step first."""
        return all_checkpoints(self.checkpoints)

    def settings(self) -> list[str]:
        """Returns the flags of the run, such as `--gan_type=wgan-gp`.

        Raises:
            FileNotFoundError: If no command has started the run.
            ValueError: If the file is no text.
        """
        try:
            lines = self.settings_file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Expected a text with a flag on each line. Received: {self.settings_file}: {error}"
            ) from error
        return [line.strip() for line in lines if line.strip().startswith("--")]

    def write_settings(self, text: str) -> None:
        """Writes `flags.txt`.

        Args:
            text: A flag on each line; other lines are for readers.

        Raises:
            OSError: If it cannot be written.
        """
        with atomic_path(self.settings_file) as path:
            path.write_text(text, encoding="utf-8")

    def write_class_names(self, names: Sequence[str] | None) -> None:
        """Writes `classes.txt`, unless the classes have no names; the first line is class 0.

        Raises:
            OSError: If it cannot be written.
        """
        if names:
            with atomic_path(self.class_names) as path:
                path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")

    def tracking_id(self) -> str:
        """Returns a word that no other run has, chosen and written when it is first asked for.

        Raises:
            OSError: If it cannot be written.
        """
        if not self.tracking.exists():
            with atomic_path(self.tracking) as path:
                path.write_text(uuid.uuid4().hex[:16] + "\n", encoding="ascii")
        return self.tracking.read_text(encoding="ascii").strip()

    def rows(self) -> list[dict[str, float]]:
        """Returns the rows of `metrics.csv`, `step` among the names; none if there is no table.

        A row lacks what was not measured yet or no more.
        """
        if not self.metrics_csv.exists():
            return []
        _, rows = read_table(self.metrics_csv)
        return [{name: float(text) for name, text in row.items() if text} for row in rows]

    def newest_checkpoint(self) -> Path | None:
        """Returns the newest checkpoint that is whole, or None; see `latest_checkpoint`."""
        return latest_checkpoint(self.checkpoints)

    def best_checkpoint(self, monitor: str, mode: str = "min") -> Path | None:
        """Returns the best checkpoint by a metric, if the run has kept it whole; see `Checkpoints`.

        Args:
            monitor: Name of the metric, the whole column of `metrics.csv`.
            mode: `"min"` if lower is better, else `"max"`.
        """
        found = best_checkpoint(self.checkpoints, monitor, mode)
        return None if found is None else found[0]

    def load_generator(self, *, best: bool = False) -> tf.Module:
        """Returns the exported generator; see `GAN.export_generator` for what it can do.

        Args:
            best: Whether it shall be that of the best checkpoint, not of the last step.

        Raises:
            FileNotFoundError: If the run has exported none.
        """
        path = self.best_generator if best else self.generator
        if not path.exists():
            needs = ", and needs a monitor" if best else ""
            raise FileNotFoundError(
                "Expected a run with a generator, which comes when the training ends or is "
                f"interrupted{needs}. Received: directory={str(self.path)!r}, which holds "
                f"{', '.join(self.results()) or 'no run'}"
            )
        import tensorflow as tf

        return tf.saved_model.load(path)

    def replace_generator(self, write: Callable[[Path], None], *, best: bool = False) -> None:
        """Leaves the earlier generator in place until the new one is complete.

        Args:
            write: Writes a SavedModel to a path, as `GAN.export_generator` does.
            best: Whether it is that of the best checkpoint, not of the last step.

        Raises:
            OSError: If it cannot be written.
        """
        target = self.best_generator if best else self.generator
        new, old = (target.with_name(f"{state}_{target.name}") for state in ("unfinished", "old"))
        if old.exists() and not target.exists():
            old.rename(target)  # A kill between the two renames below.
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            with errors_name(target):
                write(new)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if target.exists():
            target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
