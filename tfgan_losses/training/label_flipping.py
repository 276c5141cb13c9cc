"""Label flipping: now and then the discriminator is told the opposite of a pair."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Logits, Scalar, Seed


def flip(
    real_logits: Logits, fake_logits: Logits, probability: Scalar, seed: Seed
) -> tuple[Logits, Logits]:
    """Swaps the logits of some pairs of a real and a generated example.

    Args:
        real_logits: [batch, ...].
        fake_logits: Of the same shape.
        probability: Of each pair, in [0, 1].
        seed: What the draws depend on, int64 [2].

    Returns:
        What the loss takes for the logits of real and of generated examples.
    """
    shape = [1] * (len(real_logits.shape) - 1)
    drawn = random.uniform(tf.shape(real_logits)[0], shape, seed)
    flipped = drawn < tf.cast(probability, tf.float32)
    fake_logits = tf.cast(fake_logits, real_logits.dtype)
    return (
        tf.where(flipped, fake_logits, real_logits),
        tf.where(flipped, real_logits, fake_logits),
    )
