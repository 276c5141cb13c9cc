"""Images that a person brings to a pyramid."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid import images
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.types import Examples


def check_image(pyramid: Pyramid, image: Examples) -> np.ndarray:
    """Returns an image as float32.

    Raises:
        ValueError: If it is no image of the pyramid's channels with floats in [-1, 1].
    """
    array = images.check_image(image)
    if array.shape[-1] != pyramid.channels:
        raise ValueError(
            f"Expected an image of {pyramid.channels} channels, as those of the pyramid have. "
            f"Received: image of shape {array.shape}"
        )
    return array
