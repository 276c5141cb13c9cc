"""Something that was pasted into an image gets the look of it."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.uses.masks import changed_inside
from tfgan_losses.types import Examples

_MARGIN = 7.0


def harmonisation(
    pyramid: Pyramid, image: Examples, mask: Examples, *, scale: int | None = None, seed: int = 0
) -> np.ndarray:
    """Gives a pasted object the textures of the image that was trained, its background.

    Args:
        pyramid: What was trained on the background.
        image: The background with the object pasted in, `[height, width, channels]` in [-1, 1].
        mask: `[height, width]`, above 1/2 or True where the object is. Outside the image stays.
        scale: Number of the first stage that sees it, one of the fine ones, which keep what the
            object is; None for the third finest.
        seed: Decides the noise.

    Returns:
        Float32 `[height, width, channels]` in [-1, 1], of the size that was trained.

    Raises:
        ValueError: If image or mask are none or of different sizes, or there is no such scale.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4 and figure 13.
    """
    scale = max(len(pyramid.stages) - 3, 1) if scale is None else scale
    return changed_inside(pyramid, image, mask, scale=scale, margin=_MARGIN, seed=seed)
