"""What --run, --image and --mask resolve to for the uses of a pyramid."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from absl.flags import FlagValues
from tfgan_losses.flags import outputs, trained

from tfgan_losses import libraries
from tfgan_losses.names import did_you_mean_path
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    import numpy as np

    from tfgan_losses.pyramid import Pyramid


def find(flags: FlagValues) -> RunDirectory:
    """Returns the run of --run. Needs no TensorFlow.

    Raises:
        ValueError: If it is none of one image.
    """
    directory = trained.find(flags)
    if not directory.is_of_pyramid():
        raise ValueError(
            "Expected the run of one image, trained with --gan_type=singan. "
            f"Received: --run={flags.run}"
        )
    return directory


def check_file(flags: FlagValues, name: str) -> str:
    """Returns the path of a file that a flag names. Needs no TensorFlow.

    Raises:
        ValueError: If there is none.
    """
    typed = flags[name].value
    if typed is None:
        raise ValueError(f"Expected --{name}=<file of an image>. Received: no --{name}")
    path = os.path.expanduser(typed)
    if not os.path.isfile(path):
        hint = did_you_mean_path(typed, before=f"--{name}=")
        raise ValueError(f"Expected --{name}=<file of an image>. Received: {typed}, none{hint}")
    return path


def to_picture(
    flags: FlagValues, make: Callable[[FlagValues, Pyramid, np.ndarray], np.ndarray]
) -> None:
    """Does what a command does that makes one image of another one.

    Args:
        flags: With `run`, `image`, and `output`.
        make: Called with the flags, the pyramid of the run and the image, float32
            `[height, width, channels]` in [-1, 1]; returns another one.

    Raises:
        ValueError: If there is no such run or image, the output is no new .png file, or the flags
            do not fit the pyramid.
        OSError: If the output cannot be written.
    """
    directory = find(flags)
    image = check_file(flags, "image")
    output = outputs.new_picture(flags.output, ".png")
    libraries.with_libraries(_to_picture)(flags, directory, image, output, make)


def _to_picture(
    flags: FlagValues,
    directory: RunDirectory,
    image: str,
    output: Path,
    make: Callable[[FlagValues, Pyramid, np.ndarray], np.ndarray],
) -> None:
    from tfgan_losses import pyramid
    from tfgan_losses.pyramid.uses import images

    found = pyramid.load(directory.path)
    made = make(flags, found, images.read(image, found.channels))
    images.write(output, made)
    height, width, _ = made.shape
    print(f"{output}: {height}x{width} (height x width)")
