"""Samples of a pyramid: of any size and aspect ratio, from any scale on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.conditioning import Condition
from tfgan_losses.pyramid.checks import check_integer
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.types import Scalar, Shape, Tensor


def sample(
    pyramid: Pyramid,
    count: int,
    *,
    seed: int = 0,
    height: int | None = None,
    width: int | None = None,
    first: int = 0,
) -> np.ndarray:
    """Draws images; at the size that was trained those of `GAN.generate`.

    Sample i is the same for any count. Coarse scales decide the layout: with a higher `first` the
    samples keep more of that of the image.

    Args:
        pyramid: What makes them.
        count: How many, 1 or more.
        seed: Decides the noise, 0 to 2^32 - 1.
        height: In pixels, 1 or more; None for the height that was trained.
        width: Likewise.
        first: Number of the coarsest scale with noise of the seed. Below it stands the noise that
            reconstructs the image, at the sizes that were trained.

    Returns:
        Float32 array [count, height, width, channels] in [-1, 1].

    Raises:
        ValueError: If a number is out of its range.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 3.1 and figure 6.
    """
    sized = SizedPyramid(pyramid, height, width, first)
    count = check_integer("count", count, at_least=1)
    seed = check_integer("seed", seed, at_most=2**32 - 1)
    latents = random.sample_latents(count, sized.latent_dim, seed)
    # Not by its graph, which would take longer to make than a few images.
    return images_of(pyramid, latents, sized.sizes, first).numpy()


def check_scale(pyramid: Pyramid, first: int, name: str = "first", at_least: int = 0) -> int:
    """Returns the number of a scale.

    Raises:
        ValueError: If the pyramid has no such scale.
    """
    return check_integer(name, first, at_least=at_least, at_most=len(pyramid.stages) - 1)


def drawn(pyramid: Pyramid, count: Scalar, seed: Scalar, height: Scalar, width: Scalar) -> Tensor:
    """The images of `sample`; all arguments but the first may be tensors."""
    sizes = sizes_at(pyramid, height, width)
    latents = random.sample_latents(count, _latent_dim(sizes, pyramid.channels), seed)
    return images_of(pyramid, latents, sizes)


class SizedPyramid:
    """A pyramid at a size, as a generator like any other: what uses a `GAN` uses it, too.

    Args:
        pyramid: What makes images.
        height: Of them, in pixels; None for the height that was trained.
        width: Likewise.
        first: Number of the coarsest scale with noise of latents; see `sample`.

    Attributes:
        latent_dim: Length of the noise of all scales at this size.
        example_shape: Shape of one image.
        condition: None.
        sizes: Height and width of each scale.

    Raises:
        ValueError: If a number is out of its range.
    """

    condition: Condition | None = None

    def __init__(
        self,
        pyramid: Pyramid,
        height: int | None = None,
        width: int | None = None,
        first: int = 0,
    ):
        trained_height, trained_width = pyramid.sizes[-1]
        height = check_integer("height", trained_height if height is None else height, at_least=1)
        width = check_integer("width", trained_width if width is None else width, at_least=1)
        self.pyramid, self.first = pyramid, check_scale(pyramid, first)
        self.sizes = [(int(own[0]), int(own[1])) for own in sizes_at(pyramid, height, width)]
        self.latent_dim = int(_latent_dim(self.sizes, pyramid.channels))
        self.example_shape: Shape = (height, width, pyramid.channels)

    @functools.cached_property
    def draw(self) -> Callable[[Tensor], Tensor]:
        """Images in [-1, 1] of latents [n, latent_dim]."""
        return tf.function(
            lambda latents: images_of(self.pyramid, latents, self.sizes, self.first),
            input_signature=[tf.TensorSpec([None, self.latent_dim])],
            autograph=False,
        )


def images_of(
    pyramid: Pyramid, latents: Tensor, sizes: Sequence[tuple[Scalar, Scalar]], first: int = 0
) -> Tensor:
    """Images of latents, the noise of scales of these sizes one after the other."""
    start = reconstruction_below(pyramid, first)

    def one(row: Tensor) -> Tensor:
        noises = split(row[None], sizes, pyramid.channels)[first:]
        return to_image(pyramid.compose(noises, start, first=first))[0]

    # One after the other: large images need much memory, and a sample does not depend on others.
    height, width = map(tf.get_static_value, sizes[-1])
    spec = tf.TensorSpec((height, width, pyramid.channels), tf.float32)
    return tf.map_fn(one, latents, fn_output_signature=spec, parallel_iterations=1)


def to_image(image: Tensor) -> Tensor:
    """What a stage returns as float32 in [-1, 1]: it adds to an image, and may leave the range."""
    return tf.clip_by_value(tf.cast(image, tf.float32), -1.0, 1.0)


def sizes_at(pyramid: Pyramid, height: Scalar, width: Scalar) -> list[tuple[Tensor, Tensor]]:
    """`Scales.at` for numbers that may be tensors: height and width of each scale, int32."""
    finest_height, finest_width = pyramid.sizes[-1]
    return [
        (_scaled(h, height, finest_height), _scaled(w, width, finest_width))
        for h, w in pyramid.sizes
    ]


def _scaled(size: int, side: Scalar, finest: int) -> Tensor:
    exact = tf.cast(size, tf.float64) * tf.cast(side, tf.float64) / tf.cast(finest, tf.float64)
    return tf.maximum(tf.cast(tf.round(exact), tf.int32), 1)


def _latent_dim(sizes: Sequence[tuple[Scalar, Scalar]], channels: int) -> Tensor:
    return tf.add_n([tf.cast(height * width * channels, tf.int32) for height, width in sizes])


def split(latents: Tensor, sizes: Sequence[tuple[Scalar, Scalar]], channels: int) -> list[Tensor]:
    """The noise `[batch, height, width, channels]` of scales of these sizes in latents."""
    lengths = tf.stack([height * width * channels for height, width in sizes])
    parts = tf.split(latents, lengths, axis=1, num=len(sizes))
    return [
        tf.reshape(part, (-1, height, width, channels))
        for part, (height, width) in zip(parts, sizes, strict=True)
    ]


def reconstruction_below(pyramid: Pyramid, first: int) -> Tensor | None:
    """The image `[1, height, width, channels]` that the fixed noise makes below a scale.

    It has the size that was trained. Where samples have another size, the image is resized to it,
    not the noise: resized noise is no noise that a stage has seen.
    """
    if not first:
        return None
    noises = pyramid.split(pyramid.reconstruction_latents())
    return pyramid.compose(noises[:first])
