"""Where an image is changed, and how that fades into where it is not."""

from __future__ import annotations

import numpy as np

from tfgan_losses.pyramid.images import resize
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.uses.images import check_image
from tfgan_losses.pyramid.uses.injection import inject
from tfgan_losses.types import Examples

# Of the authors' code, for images of which the longer side has so many pixels.
_OF_SIDE = 250
_BLUR = 5.0


def changed_inside(
    pyramid: Pyramid, image: Examples, mask: Examples, *, scale: int, margin: float, seed: int
) -> np.ndarray:
    """Injects an image, and keeps it as it is outside of a mask.

    Args:
        pyramid: What was trained.
        image: `[height, width, channels]` in [-1, 1], of any size.
        mask: `[height, width]`, above 1/2 or True where it may change; of the image's size.
        scale: Number of the first stage that sees it.
        margin: So far beyond the mask it may change, in pixels of an image of 250.
        seed: Decides the noise.

    Raises:
        ValueError: If image or mask are none or of different sizes, or there is no such scale.
    """
    image = check_image(pyramid, image)
    inside = _check_mask(mask, image.shape[:2])
    changed = inject(pyramid, image, scale, seed=seed)[0].numpy()
    kept = resize(image, *pyramid.sizes[-1])
    share = soft(inside, pyramid.sizes[-1], margin)[..., None]
    return (share * changed + (1.0 - share) * kept).astype(np.float32)


def soft(mask: np.ndarray, size: tuple[int, int], margin: float) -> np.ndarray:
    """Returns shares in [0, 1] at a size: 1 in a mask and a margin around it, fading to 0."""
    from scipy import ndimage

    unit = max(size) / _OF_SIDE
    inside = resize(mask[..., None].astype(np.float32), *size)[..., 0] > 0.5
    distance = ndimage.distance_transform_edt(~inside)
    wide = (distance <= margin * unit).astype(np.float32)
    return ndimage.gaussian_filter(wide, _BLUR * unit)


def _check_mask(mask: Examples, size: tuple[int, int]) -> np.ndarray:
    array = np.asarray(mask)
    problem = None
    if array.shape != tuple(size):
        problem = f"shape {array.shape}"
    elif array.dtype.kind not in "fb":
        problem = f"dtype {array.dtype}"
    elif not (array > 0.5).any():
        problem = "nothing inside"
    if problem:
        raise ValueError(
            f"Expected mask [{size[0]}, {size[1]}], the size of the image, of floats or bools, "
            f"above 1/2 where the image may change. Received: mask of {problem}"
        )
    return array > 0.5
