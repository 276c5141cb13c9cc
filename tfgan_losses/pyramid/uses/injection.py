"""What paint-to-image, harmonisation and editing have in common."""

from __future__ import annotations

from tfgan_losses import random
from tfgan_losses.pyramid.images import resize
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.sampling import check_scale, to_image
from tfgan_losses.pyramid.uses.images import check_image
from tfgan_losses.types import Examples, Tensor


def inject(pyramid: Pyramid, image: Examples, scale: int, *, seed: int = 0) -> Tensor:
    """Puts an image in the place of what the scales below one have made.

    It is shrunk to the size of the scale below, so that only its coarse content is left, and the
    stages from `scale` on add what belongs to the image that they know.

    Args:
        pyramid: What was trained.
        image: `[height, width, channels]` in [-1, 1], of any size; the result has that which was
            trained.
        scale: Number of the first stage that sees it, 1 or more. A higher one changes less.
        seed: Decides the noise of the stages.

    Returns:
        Float32 `[1, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If the image is none, or there is no such scale.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4.
    """
    image = check_image(pyramid, image)
    scale = check_scale(pyramid, scale, "scale", at_least=1)
    below = resize(image, *pyramid.sizes[scale - 1])[None]
    noises = pyramid.split(random.sample_latents(1, pyramid.latent_dim, seed))
    return to_image(pyramid.compose(noises[scale:], below, first=scale))
