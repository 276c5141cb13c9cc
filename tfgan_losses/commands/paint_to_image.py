"""Makes an image like the one that was trained of a painting of a few colours.

python -m tfgan_losses paint_to_image --run=runs/photo --image=painting.png --output=image.png

Paint with colours of the image that the run was trained on.
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
        flags: Of the group "injection".
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

    # Each use has a default of its own.
    scale = {} if flags.scale is None else {"scale": flags.scale}
    return uses.paint_to_image(pyramid, image, seed=flags.seed, **scale)


COMMAND = Command(description=__doc__ or "", groups=("injection",), run=run)
