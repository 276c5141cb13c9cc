"""From a clip art to an image like the one that was trained."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.uses.injection import inject
from tfgan_losses.types import Examples


def paint_to_image(
    pyramid: Pyramid, image: Examples, *, scale: int = 1, seed: int = 0
) -> np.ndarray:
    """Gives a painting the textures of the image that was trained, where its colours stand.

    Args:
        pyramid: What was trained on an image with the colours of the painting.
        image: The painting, `[height, width, channels]` in [-1, 1], of any size.
        scale: Number of the first stage that sees it, one of the coarse ones.
        seed: Decides the noise.

    Returns:
        Float32 `[height, width, channels]` in [-1, 1], of the size that was trained.

    Raises:
        ValueError: If the image is none, or there is no such scale.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4 and figure 11.
    """
    return inject(pyramid, image, scale, seed=seed)[0].numpy()
