"""Packs: several examples side by side, which the discriminator judges as one (PacGAN).

A pack is made of consecutive examples, so that replicas and parts of a batch make the packs that
the whole batch makes. Everything that looks at what the discriminator is called on sees packs.

References:
    Lin, Khetan, Fanti & Oh, 2018, PacGAN: The power of two samples in generative adversarial
    networks, arXiv:1712.04086, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable

import keras
import tensorflow as tf

from tfgan_losses.training.inspection import count_inputs
from tfgan_losses.training.terms import Term
from tfgan_losses.types import Shape, Tensor


def shape_of(example_shape: Shape, pack: int) -> Shape:
    """The shape of a pack of `pack` examples: side by side along the last axis."""
    *rest, channels = example_shape
    return (*rest, None if channels is None else channels * pack)


def packed(examples: Tensor, pack: int) -> Tensor:
    """Packs of consecutive examples.

    Args:
        examples: [n * pack, ..., channels].
        pack: How many go into one.

    Returns:
        [n, ..., pack * channels]: all channels of the first, then all of the second, and so on.
    """
    if pack == 1:
        return examples
    *rest, channels = examples.shape[1:]
    apart = tf.reshape(examples, [-1, pack, *rest, channels])
    # The members come before the channels, behind the pixels.
    order = [0, *range(2, 2 + len(rest)), 1, 2 + len(rest)]
    return tf.reshape(tf.transpose(apart, order), [-1, *rest, pack * channels])


def unpacked(packs: Tensor, pack: int) -> Tensor:
    """The examples in packs; the inverse of `packed`."""
    if pack == 1:
        return packs
    *rest, channels = packs.shape[1:]
    apart = tf.reshape(packs, [-1, *rest, pack, channels // pack])
    order = [0, 1 + len(rest), *range(1, 1 + len(rest)), 2 + len(rest)]
    return tf.reshape(tf.transpose(apart, order), [-1, *rest, channels // pack])


def rounded_up(rows: Tensor, pack: int) -> Tensor:
    """So many rows that they make whole packs: those that lack are the first ones again."""
    if pack == 1:
        return rows
    size = tf.shape(rows)[0]
    return tf.gather(rows, tf.range((size + pack - 1) // pack * pack) % size)


def check_discriminator(discriminator: keras.Model, pack: int) -> None:
    """Raises ValueError for a discriminator that is told a label of each example."""
    if pack > 1 and count_inputs(discriminator) == 2:
        raise ValueError(
            "Expected pack=1 for a discriminator that takes what an example is conditioned on: "
            f"the {pack} examples of a pack have conditions of their own. Received: pack={pack}"
        )


def check_terms(terms: Iterable[Term], pack: int) -> None:
    """Raises ValueError for terms that look at single examples: conditions, augmentations."""
    for term in terms if pack > 1 else ():
        if term.source is not None:
            raise ValueError(
                f"Expected pack=1 for {term.name!r}, which asks the discriminator for the "
                f"{term.source} of each example. Received: pack={pack}"
            )
        if term.augmentations:
            raise ValueError(
                f"Expected pack=1 for {term!r}, which would change the {pack} examples of a pack "
                f"as one. Received: pack={pack}"
            )
