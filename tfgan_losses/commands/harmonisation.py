"""Gives an object that was pasted into an image the look of that image.

python -m tfgan_losses harmonisation --run=runs/photo --image=pasted.png --mask=object.png \\
    --output=harmonised.png

The run is one of the image without the object. Outside of the mask the image stays.
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
        flags: Of the group "masked_injection".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such run or image or mask, or the flags do not fit the pyramid.
        OSError: If the file cannot be written.
    """
    trained_pyramid.check_file(flags, "mask")
    trained_pyramid.to_picture(flags, _make)
    return 0


def _make(flags: FlagValues, pyramid: Pyramid, image: np.ndarray) -> np.ndarray:
    from tfgan_losses.pyramid import uses
    from tfgan_losses.pyramid.uses.images import read_mask

    mask = read_mask(trained_pyramid.check_file(flags, "mask"))
    return uses.harmonisation(pyramid, image, mask, scale=flags.scale, seed=flags.seed)


COMMAND = Command(description=__doc__ or "", groups=("masked_injection",), run=run)
