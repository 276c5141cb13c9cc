"""From what lies on the disk to a generator that makes samples."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_losses import metrics
from tfgan_losses.measuring.drawing import Generator
from tfgan_losses.measuring.saved_generator import SavedGenerator
from tfgan_losses.run_files.checkpoint_files import checkpoint_name, checkpoint_step, restore
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN

Facts = dict[str, str | int | None]

# A run that trains beside this process may delete the checkpoint that has just been found.
_TRIES = 3
_BEST = re.compile(r"best_(.+)_[^_]+_step_\d{8,}\.weights\.h5")


@dataclasses.dataclass(frozen=True, eq=False)
class Opened:
    """A trained generator and where it comes from.

    Attributes:
        generator: Makes samples.
        facts: What tells it from others, in plain values: `kind`, `path`, `step` if that is
            known, and `sha256` of the file or files; `truncation`, `standing_statistics` and
            `truncated_styles` where a person asked for them.
    """

    generator: Generator
    facts: Facts

    def __str__(self) -> str:
        words = {
            "step": "step {}",
            "truncation": "latents {}",
            "standing_statistics": "statistics of {} batches",
            "truncated_styles": "styles at {} of their distance from the mean",
        }
        there = {key: self.facts.get(key) for key in words}
        found = [words[key].format(fact) for key, fact in there.items() if fact is not None]
        return ", ".join([str(self.facts["path"]), *found])


def open_run(
    directory: RunDirectory,
    checkpoint: str = "last",
    *,
    rebuild: Callable[[], GAN] | None = None,
    monitor: str | None = None,
    mode: str | None = None,
) -> Opened:
    """Returns a generator of a run, which may still be training.

    Args:
        directory: The run.
        checkpoint: `"last"`, `"best"` or a step. Where a checkpoint is gone or no GAN can be made
            for it, the last and the best one are the exported generators.
        rebuild: Makes the GAN of the run where `gan.keras` cannot be read, which comes when a run
            ends.
        monitor: What `"best"` goes by: a column of `metrics.csv`, or its beginning. None for the
            one by which the run has kept a checkpoint.
        mode: `"min"` if a lower value of it is better, `"max"` if a higher one is; None for what
            a metric says, and `"min"` for any other column.

    Raises:
        ValueError: If the directory holds no such generator.
    """
    exports = {"last": directory.generator, "best": directory.path / "best_generator"}
    export = exports.get(checkpoint)
    there = export is not None and export.is_dir()
    for _ in range(_TRIES):
        path = _find(directory, checkpoint, monitor, mode, needed=not there)
        gan = None if path is None else _load_gan(directory, rebuild)
        if path is None or (gan is None and there):
            return open_export(exports[checkpoint])
        if gan is None:
            kept = f"whose {directory.gan.name} is damaged" if directory.gan.exists() else "of none"
            raise ValueError(
                f"Expected a run with {directory.gan.name} or {directory.settings_file.name}, of "
                f"which its networks can be made. Received: run={directory.path}, {kept}"
            )
        try:
            restore(gan, path)
            facts: Facts = {"kind": "run", "path": str(directory.path), "checkpoint": path.name}
            return Opened(gan, {**facts, "step": int(gan.step.numpy()), "sha256": _hash([path])})
        except (ValueError, OSError):
            if path.exists():
                raise
    raise ValueError(f"Expected checkpoints that stay. Received: {path}, which was deleted")


def open_pyramid(
    directory: RunDirectory,
    *,
    height: int | None = None,
    width: int | None = None,
    start_scale: int | None = None,
) -> Opened:
    """Returns the pyramid of a run of one image, which makes samples of a size.

    Args:
        directory: The run.
        height: In pixels; None for the height that was trained.
        width: Likewise.
        start_scale: Number of the coarsest scale with noise of its own; None for 0.

    Raises:
        ValueError: If the run is not finished, or there is no such scale.
    """
    from tfgan_losses.pyramid import load, sampling

    pyramid = load(directory.path)
    first = sampling.check_scale(pyramid, start_scale or 0, "start_scale")
    facts: Facts = {"kind": "pyramid", "path": str(directory.path), "step": None}
    facts |= {"first": first, "sha256": _hash([directory.pyramid])}
    return Opened(sampling.SizedPyramid(pyramid, height, width, first), facts)


def open_export(path: str | os.PathLike) -> Opened:
    """Returns the generator of a SavedModel that `GAN.export_generator` has written.

    Args:
        path: Of its folder.

    Raises:
        ValueError: If it is none, or is damaged.
    """
    generator = SavedGenerator(path)
    files = sorted(each for each in generator.path.rglob("*") if each.is_file())
    facts: Facts = {"kind": "SavedModel", "path": str(path), "step": None, "sha256": _hash(files)}
    return Opened(generator, facts)


def _find(
    directory: RunDirectory,
    checkpoint: str,
    monitor: str | None,
    mode: str | None,
    *,
    needed: bool,
) -> Path | None:
    """Returns the checkpoint that is meant, or None if there is none and none is needed."""
    if checkpoint not in ("last", "best"):
        return _of_step(directory, int(checkpoint))
    if checkpoint == "last":
        path = directory.newest_checkpoint()
    else:
        path = _best(directory, monitor, mode)
    if path is None and needed:
        raise ValueError((_without_last if checkpoint == "last" else _without_best)(directory))
    return path


def _without_last(directory: RunDirectory) -> str:
    there = ", ".join(directory.results()) or "no run"
    state = "none of which is whole" if directory.checkpoint_files() else "not one"
    return (
        "Expected a run with a checkpoint or an exported generator; the first checkpoint comes "
        f"after as many steps as it was told. Received: run={directory.path}, which holds {there}, "
        f"but of checkpoints {state}"
    )


def _without_best(directory: RunDirectory) -> str:
    return (
        "Expected a run that was trained with --monitor=<column of metrics.csv>, and so keeps the "
        f"checkpoint with its best value. Received: run={directory.path}, with checkpoints by "
        f"{', '.join(_monitored(directory)) or 'no column'}"
    )


def _of_step(directory: RunDirectory, step: int) -> Path:
    kept = [directory.checkpoints / checkpoint_name(step)]
    if directory.checkpoints.is_dir():
        kept += directory.checkpoints.glob(f"best_*_{checkpoint_name(step)}")
    there = [path for path in kept if path.is_file()]
    if there:
        return there[0]
    steps = [str(checkpoint_step(path)) for path in directory.checkpoint_files()]
    raise ValueError(
        f"Expected the step of a checkpoint that the run has kept, one of "
        f"{', '.join(steps) or 'none'}. Received: checkpoint={step}"
    )


def _best(directory: RunDirectory, monitor: str | None, mode: str | None) -> Path | None:
    columns = _monitored(directory)
    exact = [column for column in columns if column == monitor]
    chosen = exact or _beginning_with(monitor or "", columns)
    if len(chosen) != 1:
        return None
    return directory.best_checkpoint(chosen[0], mode or _better(chosen[0]))


def _beginning_with(text: str, columns: Iterable[str]) -> list[str]:
    return [column for column in columns if column.startswith(text)]


def _better(column: str) -> str:
    """Returns whether a lower or a higher value of a column is better."""
    name = column.partition("[")[0]
    known = [metrics.registry.lookup(each).best for each in metrics.names()]
    return next((best[name] for best in known if name in best), "min")


def _monitored(directory: RunDirectory) -> list[str]:
    """Returns the columns by which a run has kept its best checkpoint."""
    if not directory.checkpoints.is_dir():
        return []
    names = (_BEST.fullmatch(path.name) for path in directory.checkpoints.iterdir())
    return sorted({urllib.parse.unquote(match[1]) for match in names if match})


def _load_gan(directory: RunDirectory, rebuild: Callable[[], GAN] | None) -> GAN | None:
    """Returns the GAN that `gan.keras` holds, or that is rebuilt; None if there is neither."""
    import keras

    # For their classes, which Keras looks for by name.
    import tfgan_losses.gan
    import tfgan_losses.models

    # Damaged ones raise nearly anything.
    with contextlib.suppress(Exception):
        found = keras.saving.load_model(directory.gan)
        if isinstance(found, tfgan_losses.gan.GAN):
            return found
    return None if rebuild is None else rebuild()


def _hash(files: Iterable[Path]) -> str:
    """Returns the SHA-256 of one file, or of those of several in their order."""
    digests = []
    for path in files:
        with open(path, "rb") as file:
            digests.append(hashlib.file_digest(file, "sha256"))
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(each.digest() for each in digests)).hexdigest()
