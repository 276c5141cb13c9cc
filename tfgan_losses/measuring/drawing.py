"""Samples of a trained generator, a part at a time, from latents that a person chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import tensorflow as tf

from tfgan_losses import random, sampling
from tfgan_losses.conditioning import Condition, Labels
from tfgan_losses.training import data_checks
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Shape, Tensor, TensorLike

# Examples [n, ...], images in [-1, 1], and the labels that they were asked for with, or None.
Batch: TypeAlias = tuple[np.ndarray, np.ndarray | None]

# As `GAN.generate` does it.
_AT_ONCE = 256


class Generator(Protocol):
    """What makes samples of latents: a `GAN`, or its export as a `SavedGenerator`."""

    @property
    def condition(self) -> Condition | None:
        """What it is told beside the latents, or None."""

    @property
    def latent_dim(self) -> int:
        """Number of standard normal latent variables."""

    @property
    def example_shape(self) -> Shape:
        """Shape of one example."""

    @property
    def draw(self) -> Callable[[Tensor | list[Tensor]], Tensor]:
        """Samples of latents [n, latent_dim], or of a list of them and of encoded values."""


def drawn(
    generator: Generator,
    count: int,
    *,
    seed: int,
    labels: TensorLike | Sequence[int | str] | int | str | None = None,
    truncation: Truncation | float | None = None,
) -> Iterator[Batch]:
    """Yields the samples of `GAN.generate`, at most 256 at a time, with their labels.

    Args:
        generator: What makes them.
        count: How many.
        seed: Decides the latents, and the labels if none are given.
        labels: As in `GAN.generate`.
        truncation: Likewise.

    Raises:
        ValueError: If the labels do not fit the generator, or a sample is not finite.
    """
    condition = generator.condition
    values = data_checks.check_values(condition, count, labels=labels, codes=None)
    if condition is not None and values is None:
        uniforms = random.sample_uniforms(count, condition.factors, seed)
        values = condition.from_uniforms(uniforms)
    inputs = sampling.generator_inputs(
        count, generator.latent_dim, condition, seed, values, truncation=truncation
    )
    kept = np.asarray(values) if isinstance(condition, Labels) else None
    for start, examples in enumerate(made_of(generator, inputs)):
        rows = slice(start * _AT_ONCE, (start + 1) * _AT_ONCE)
        yield examples, None if kept is None else kept[rows]


def made_of(generator: Generator, inputs: Tensor | list[Tensor]) -> Iterator[np.ndarray]:
    """Yields what a generator makes of latents, at most 256 samples at a time.

    Args:
        generator: What makes them.
        inputs: Latents [n, latent_dim], or a list of them and of encoded labels or codes.

    Raises:
        ValueError: If a sample is not finite.
    """
    count = len(tf.nest.flatten(inputs)[0])
    for start in range(0, count, _AT_ONCE):
        part = tf.nest.map_structure(lambda x, s=start: x[s : s + _AT_ONCE], inputs)
        # The function behind `generate`, so that these are its bits.
        examples = generator.draw(part).numpy()
        if not np.isfinite(examples).all():
            raise ValueError(
                "Expected a generator that makes finite numbers. Received: NaN or infinity among "
                "its samples, as of a training that has diverged"
            )
        yield examples


def labels_in_turn(text: str, condition: Condition | None, count: int) -> list[int]:
    """Returns a label for each of so many samples, of what a person typed.

    Args:
        text: Names or numbers of classes with commas between; they take turns.
        condition: Of the generator.
        count: Number of samples.

    Raises:
        ValueError: If the generator knows no labels, or a class does not exist.
    """
    if not isinstance(condition, Labels):
        kind = "none" if condition is None else condition.source
        raise ValueError(
            "Expected labels only for a generator that was trained with labels, such as one of "
            f"--gan_type=acgan. Received: labels={text} for one with condition={kind}"
        )
    # A name may have commas itself.
    words = [text] if text in (condition.class_names or ()) else text.split(",")
    chosen = [_class_of(word.strip(), condition) for word in words]
    return [chosen[i % len(chosen)] for i in range(count)]


def _class_of(word: str, condition: Labels) -> int:
    """Returns the number of a class; a name that is a number is the name."""
    if word not in (condition.class_names or ()) and word.isdecimal():
        if int(word) < condition.num_classes:
            return int(word)
    elif condition.class_names is not None:
        return int(condition.check(word, 1)[0])
    names = " or a name of its classes" if condition.class_names else ", as they have no names"
    raise ValueError(
        f"Expected labels from 0 to {condition.num_classes - 1}{names}. Received: labels={word}"
    )
