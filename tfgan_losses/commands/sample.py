"""Draws samples of a trained generator: image files, one picture, or one archive.

python -m tfgan_losses sample --run=runs/digits-acgan-001 --count=100 --output=samples
python -m tfgan_losses sample --run=runs/digits-acgan-001 --labels=3,7 --grid --output=pictures
python -m tfgan_losses sample --run=runs/digits-acgan-001 --count=50000 --npz --output=archive
python -m tfgan_losses sample --run=runs/photo --count=9 --width=400 --output=wide

The same seed gives the samples of `GAN.generate` and of `sample` of the exported generator.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl.flags import FlagValues

from tfgan_losses import libraries, progress
from tfgan_losses.commands import Command
from tfgan_losses.flags import trained
from tfgan_losses.flags.outputs import new_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfgan_losses.measuring.drawing import Batch
    from tfgan_losses.measuring.opening import Opened
    from tfgan_losses.run_files.directory import RunDirectory


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a run to a folder of samples.

    Args:
        flags: Of the group "sampling".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such generator, the flags do not fit it, or it makes NaN.
        OSError: If a file cannot be written.
    """
    directory = trained.find(flags)
    with new_folder(flags.output) as folder:
        libraries.with_libraries(_sample)(flags, directory, folder)
    return 0


def _sample(flags: FlagValues, directory: RunDirectory, folder: Path) -> None:
    opened = trained.as_asked(flags, trained.open_generator(flags, directory))
    written = _write(flags, opened, folder)
    print(f"{flags.count:,} sample{'' if flags.count == 1 else 's'} of {opened}: {written}")


def _write(flags: FlagValues, opened: Opened, folder: Path) -> str:
    """Writes what the flags ask for, and returns where it is."""
    from tfgan_losses.measuring import example_files
    from tfgan_losses.run_files.pictures import are_images

    shape = opened.generator.example_shape
    names = getattr(opened.generator.condition, "class_names", None)
    pictures = are_images(shape)
    if pictures and not (flags.grid or flags.npz):
        example_files.write_images(folder, _batches(flags, opened), names)
        return f"{folder / '00000.png'} and so on"
    paths = []
    if flags.npz or not pictures:
        paths.append(folder / "samples.npz")
        example_files.write_npz(paths[-1], _batches(flags, opened), flags.count, names)
    if (flags.grid and pictures) or shape == (2,):
        paths.append(folder / "samples.png")
        examples = np.concatenate([part for part, _ in _batches(flags, opened)])
        example_files.write_picture(paths[-1], examples)
    return " and ".join(map(str, paths))


def _batches(flags: FlagValues, opened: Opened) -> Iterator[Batch]:
    from tfgan_losses.measuring import drawing

    labels = None
    if flags.labels is not None:
        condition = opened.generator.condition
        labels = drawing.labels_in_turn(flags.labels, condition, flags.count)
    batches = drawing.drawn(
        opened.generator,
        flags.count,
        seed=flags.seed,
        labels=labels,
        truncation=trained.truncation(flags),
    )
    return progress.counted(batches, flags.count, "drawing samples", lambda batch: len(batch[0]))


COMMAND = Command(description=__doc__ or "", groups=("sampling",), run=run)
