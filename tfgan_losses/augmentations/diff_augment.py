"""DiffAugment: images change in colour, move, and lose a square before the discriminator.

Of RGBA images the colours are changed and the opacity is not; all four channels move and are cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfgan_losses import names, random
from tfgan_losses.augmentations.alpha import of_colors
from tfgan_losses.augmentations.base import Augmentation, Occasion, registry
from tfgan_losses.types import Tensor

# Parts of each side: of the longest way, and of the square that is cut out.
_WAY, _SQUARE = 1 / 8, 1 / 2


@of_colors
def brightness(images: Tensor, uniforms: Tensor) -> Tensor:
    """x + u - 1/2.

    Args:
        images: x, float32 [batch, height, width, channels].
        uniforms: u, float32 [batch] in [0, 1), a draw for each image.

    Returns:
        The shape of the images, like all transforms here.
    """
    return images + (_of_each(uniforms) - 0.5)


@of_colors
def saturation(images: Tensor, uniforms: Tensor) -> Tensor:
    """m + 2 u (x - m) with the mean m of the channels of each pixel; grey images stay.

    Args:
        images: x, float32 [batch, height, width, channels].
        uniforms: u, float32 [batch] in [0, 1).
    """
    mean = tf.reduce_mean(images, axis=3, keepdims=True)
    return mean + 2.0 * _of_each(uniforms) * (images - mean)


@of_colors
def contrast(images: Tensor, uniforms: Tensor) -> Tensor:
    """m + (u + 1/2) (x - m) with the mean m of each image.

    Args:
        images: x, float32 [batch, height, width, channels].
        uniforms: u, float32 [batch] in [0, 1).
    """
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + (_of_each(uniforms) + 0.5) * (images - mean)


def translation(images: Tensor, uniforms: Tensor) -> Tensor:
    """Moves images by whole pixels, up to an eighth of a side; zeros come in.

    Args:
        images: Float32 [batch, height, width, channels].
        uniforms: Float32 [batch, 2] in [0, 1), for the ways down and to the right.
    """
    farthest = [int(side * _WAY + 0.5) for side in images.shape[1:3]]
    ways = [_integer(uniforms[:, i], -way, way) for i, way in enumerate(farthest)]
    return _moved(images, *ways)


def cutout(images: Tensor, uniforms: Tensor) -> Tensor:
    """Puts zeros into a rectangle of half of each side, which may hang over the edges.

    Args:
        images: Float32 [batch, height, width, channels].
        uniforms: Float32 [batch, 2] in [0, 1), for the row and the column of the centre.
    """
    inside = []
    for axis, side in enumerate(images.shape[1:3]):
        size = int(side * _SQUARE + 0.5)
        # As the authors' code has it: an even square may be centred behind the last pixel.
        first = _integer(uniforms[:, axis], 0, side - size % 2) - size // 2
        places = tf.range(side)[None, :] - first[:, None]
        inside.append((places >= 0) & (places < size))
    cut = inside[0][:, :, None, None] & inside[1][:, None, :, None]
    return images * tf.cast(~cut, images.dtype)


# What a policy may name: transforms, in their order, and how many uniform numbers each takes.
_Transform = Callable[[Tensor, Tensor], Tensor]
TRANSFORMS: dict[str, tuple[tuple[_Transform, int], ...]] = {
    "color": ((brightness, 1), (saturation, 1), (contrast, 1)),
    "translation": ((translation, 2),),
    "cutout": ((cutout, 2),),
}


@registry.register("diff_augment")
class DiffAugment(Augmentation):
    """Every image goes through all transforms of the policy, in its order, with draws of its own.

    Args:
        policy: `"color"`, `"translation"` and `"cutout"`, each at most once, with commas between.
            The authors have `"color,cutout"` for all of CIFAR and all three for parts of it.

    Raises:
        ValueError: If a transform is unknown or there twice, or there is none.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import augmentations
        >>> images = tf.random.stateless_uniform([2, 8, 8, 3], [0, 0], -1.0, 1.0)
        >>> augment = augmentations.DiffAugment(policy="translation")
        >>> augment(images, seed=0).shape
        TensorShape([2, 8, 8, 3])

    References:
        Zhao et al., 2020, Differentiable Augmentation for Data-Efficient GAN Training,
        arXiv:2006.10738; https://github.com/mit-han-lab/data-efficient-gans.
    """

    def __init__(self, *, policy: str = "color,translation,cutout"):
        self.policy = ",".join(_transforms_of(policy))

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Images after all transforms, no longer within [-1, 1]."""
        for name in self.policy.split(","):
            for transform, count in TRANSFORMS[name]:
                seed = occasion.seed_for(transform.__name__)
                uniforms = random.uniform(tf.shape(examples)[0], [count], seed)
                examples = transform(examples, uniforms if count > 1 else uniforms[:, 0])
        return examples

    def get_config(self) -> dict[str, Any]:
        """The policy."""
        return {"policy": self.policy}


def _transforms_of(policy: str) -> list[str]:
    if not isinstance(policy, str) or not policy.strip():
        raise ValueError(
            f"Expected policy to name some of {list(TRANSFORMS)}, with commas between. "
            f"Received: policy={policy!r}"
        )
    chosen = [name.strip() for name in policy.split(",")]
    for name in chosen:
        if name not in TRANSFORMS:
            message = names.unknown("transform in the policy", name, TRANSFORMS)
            raise ValueError(message)
        if chosen.count(name) > 1:
            raise ValueError(f"Expected each transform once. Received: policy={policy!r}")
    return chosen


def _of_each(numbers: Tensor) -> Tensor:
    return numbers[:, None, None, None]


def _integer(uniforms: Tensor, low: int, high: int) -> Tensor:
    """Integers from low to high, both included, of numbers in [0, 1)."""
    return low + tf.cast(tf.floor(uniforms * (high - low + 1)), tf.int32)


@tf.custom_gradient
def _moved(images: Tensor, down: Tensor, right: Tensor) -> tuple[Tensor, Callable[..., Any]]:
    """Images moved by whole pixels, and their gradient, which moves back: no scattered sums."""
    height, width, channels = images.shape[1:]
    rows, columns = tf.range(height) - down[:, None], tf.range(width) - right[:, None]
    inside = _is_within(rows, height)[:, :, None] & _is_within(columns, width)[:, None, :]
    rows, columns = tf.clip_by_value(rows, 0, height - 1), tf.clip_by_value(columns, 0, width - 1)
    places = tf.reshape(rows[:, :, None] * width + columns[:, None, :], [-1, height * width])
    pixels = tf.reshape(images, [-1, height * width, channels])
    moved = tf.reshape(tf.gather(pixels, places, batch_dims=1), [-1, height, width, channels])
    moved *= tf.cast(inside, images.dtype)[..., None]
    return moved, lambda gradient: (_moved(gradient, -down, -right), None, None)


def _is_within(places: Tensor, side: int) -> Tensor:
    return (places >= 0) & (places < side)
