"""Parts of an image that were moved or copied fit to where they are now."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.uses.masks import changed_inside
from tfgan_losses.types import Examples

_MARGIN = 20.0


def editing(
    pyramid: Pyramid, image: Examples, mask: Examples, *, scale: int | None = None, seed: int = 0
) -> np.ndarray:
    """Makes seams and repetitions of a roughly edited image plausible.

    That is `harmonisation` from a coarser scale and with a wider margin: there is more to change.

    Args:
        pyramid: What was trained on the image before it was edited.
        image: The edited image, `[height, width, channels]` in [-1, 1].
        mask: `[height, width]`, above 1/2 or True where it was edited. Outside the image stays.
        scale: Number of the first stage that sees it, one of the coarse ones; None for the third
            coarsest.
        seed: Decides the noise.

    Returns:
        Float32 `[height, width, channels]` in [-1, 1], of the size that was trained.

    Raises:
        ValueError: If image or mask are none or of different sizes, or there is no such scale.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4 and figure 12.
    """
    scale = min(2, len(pyramid.stages) - 1) if scale is None else scale
    return changed_inside(pyramid, image, mask, scale=scale, margin=_MARGIN, seed=seed)
