"""Whatever generated examples come from, behind one interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from tfgan_losses import conditioning, random

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN

# Examples [n, ...], images in [-1, 1], and the labels that they were asked for with, or None.
Batch: TypeAlias = tuple[np.ndarray, np.ndarray | None]

# The latents of so many are one draw, so that this number decides which samples there are.
_DRAWN_AT_ONCE = 8192


class Sampler(Protocol):
    """Makes examples, or has them."""

    name: str

    def batches(self, count: int, seed: int) -> Iterator[Batch]:
        """Yields `count` examples in all, the same ones for the same seed.

        Raises:
            ValueError: If there are fewer.
        """


class GANSampler:
    """Samples of a `GAN`, with the averaged generator; under labels, evenly over the classes.

    Args:
        gan: The model.
    """

    name = "GAN"

    def __init__(self, gan: GAN):
        self.gan = gan

    def batches(self, count: int, seed: int) -> Iterator[Batch]:
        """Yields samples; no draw of the training moves."""
        condition = self.gan.condition
        for start in range(0, count, _DRAWN_AT_ONCE):
            size = min(_DRAWN_AT_ONCE, count - start)
            part = random.derived_seed(seed, f"measured from {start}")
            if isinstance(condition, conditioning.Labels):
                labels = np.arange(start, start + size) % condition.num_classes
                yield self.gan.generate(size, seed=part, labels=labels), labels
            else:
                yield self.gan.generate(size, seed=part), None
