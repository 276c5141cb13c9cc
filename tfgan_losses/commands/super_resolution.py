"""Enlarges an image with the detail that a generator of it has learnt.

python -m tfgan_losses super_resolution --run=runs/photo --image=photo.jpg --factor=4 \\
    --output=large.png

The finest scale of the run adds its detail again and again, while the image becomes larger. Train
the run on the image itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses.commands import Command
from tfgan_losses.flags import trained_pyramid

if TYPE_CHECKING:
    import numpy as np

    from tfgan_losses.pyramid import Pyramid


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a run and an image to another image.

    Args:
        flags: Of the group "super_resolution".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such run or image, or the flags do not fit the pyramid.
        OSError: If the file cannot be written.
    """
    trained_pyramid.to_picture(flags, _make)
    return 0


def _make(flags: FlagValues, pyramid: Pyramid, image: np.ndarray) -> np.ndarray:
    from tfgan_losses.pyramid import uses

    return uses.super_resolution(pyramid, image, factor=flags.factor, seed=flags.seed)


COMMAND = Command(description=__doc__ or "", groups=("super_resolution",), run=run)
