"""Where generated examples come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tfgan_losses import conditioning, random
from tfgan_losses.extractors.reading import each_once
from tfgan_losses.measuring.drawing import Batch as Batch, Generator, drawn
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Shape

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

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
        gan: The model, or its export as a `SavedGenerator`, which gives the same samples.
        truncation: Of the latents; see `GAN.generate`.
    """

    name = "GAN"

    def __init__(self, gan: Generator, *, truncation: Truncation | float | None = None):
        self.gan, self.truncation = gan, truncation

    def batches(self, count: int, seed: int) -> Iterator[Batch]:
        """Yields samples; no draw of the training moves."""
        condition = self.gan.condition
        for start in range(0, count, _DRAWN_AT_ONCE):
            size = min(_DRAWN_AT_ONCE, count - start)
            part = random.derived_seed(seed, f"measured from {start}")
            labels = None
            if isinstance(condition, conditioning.Labels):
                labels = np.arange(start, start + size) % condition.num_classes
            yield from drawn(self.gan, size, seed=part, labels=labels, truncation=self.truncation)


def in_flags(own: Shape, wanted: Shape) -> str:
    """Returns what makes images of one shape of all, to go into a message; "" if nothing does."""
    if len(own) != 3 or len(wanted) != 3:
        return ""
    ways = []
    if own[:2] != wanted[:2]:
        ways.append(f"image_size={wanted[0]}x{wanted[1]}, to which all are resized")
    if own[2] != wanted[2] and wanted[2] in (1, 3, 4):
        ways.append(f"channels={wanted[2]}, with which all are read")
    return f", or {', and '.join(ways)}" if ways else ""


class SourceSampler:
    """Examples that are there already: a folder of images or an archive, read as a data set.

    Args:
        source: What `datasets.load` has returned.
        like: Shape of the examples that these are compared with. Grey images become coloured ones
            of three equal channels, and nothing else is changed: how images are resized is part of
            what is measured.

    Attributes:
        size: How many there are; None without end.

    Raises:
        ValueError: If they are of another shape.
    """

    def __init__(self, source: Source, like: tuple[int, ...] | None = None):
        self.source = source
        self.name = source.name
        self.size = source.size
        self.shape = tuple(source.example_shape if like is None else like)
        own = tuple(source.example_shape)
        grey = len(own) == 3 and self.shape[2:] == (3,) and own == (*self.shape[:2], 1)
        if not grey and (own != self.shape or len(own) not in (1, 3)):
            raise ValueError(
                "Expected generated examples of the shape of the real ones, "
                f"{self.shape}{in_flags(own, self.shape)}. "
                f"Received: {self.name} of shape {own}"
            )

    def check(self, count: int) -> None:
        """Raises ValueError if there are fewer."""
        if self.size is not None and self.size < count:
            raise ValueError(
                f"Expected at least as many examples as samples={count}. "
                f"Received: {self.name}, which holds {self.size}"
            )

    def batches(self, count: int, seed: int) -> Iterator[Batch]:
        """Yields examples in the order of a seed, each at most once.

        Raises:
            ValueError: If there are fewer.
        """
        self.check(count)
        for examples, labels in each_once(self.source, count, seed):
            yield np.broadcast_to(examples, (len(examples), *self.shape)), labels
