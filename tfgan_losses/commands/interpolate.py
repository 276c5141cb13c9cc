"""Goes from one sample of a trained generator to the next: a picture and an animation.

python -m tfgan_losses interpolate --run=runs/digits-acgan-001 --output=ways

Latents move as on a sphere, from the first seed over the others and back, so that the animation
has no end. Under labels or codes there is a row for each class, or for each value of the first
code, all with the same latents.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl.flags import FlagValues

from tfgan_losses import libraries
from tfgan_losses.commands import Command
from tfgan_losses.flags import trained
from tfgan_losses.flags.outputs import new_folder

if TYPE_CHECKING:
    from tfgan_losses.run_files.directory import RunDirectory


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a run to interpolation.png and interpolation.gif.

    Args:
        flags: Of the group "interpolation".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such generator, it makes no pictures, or it makes NaN.
        OSError: If a file cannot be written.
    """
    directory = trained.find(flags)
    with new_folder(flags.output) as folder:
        libraries.with_libraries(_interpolate)(flags, directory, folder)
    return 0


def _interpolate(flags: FlagValues, directory: RunDirectory, folder: Path) -> None:
    from tfgan_losses.measuring import example_files, paths_of_latents
    from tfgan_losses.run_files.pictures import are_images

    opened = trained.open_generator(flags, directory)
    shape = opened.generator.example_shape
    if not are_images(shape):
        raise ValueError(f"Expected a generator of images. Received: examples of shape {shape}")
    rows = paths_of_latents.interpolated(
        opened.generator, count=flags.count, steps=flags.steps, seed=flags.seed
    )
    picture, animation = folder / "interpolation.png", folder / "interpolation.gif"
    shown = rows[:, : flags.steps + 1]
    example_files.write_picture(picture, np.concatenate(shown), columns=shown.shape[1])
    example_files.write_loop(animation, np.swapaxes(rows, 0, 1))
    print(f"Between seeds of {opened}: {picture} and {animation}")


COMMAND = Command(description=__doc__ or "", groups=("interpolation",), run=run)
