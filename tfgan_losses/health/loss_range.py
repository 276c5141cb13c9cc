"""Between which values a discriminator's loss lies, found from the loss itself."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import tensorflow as tf

from tfgan_losses.losses.base import AdversarialLoss

# Outputs at which discriminators of all losses here are at their best, or nearly: beyond all
# margins, at the targets of least squares, at the smoothed labels of cross-entropy.
_OUTPUTS = (-30.0, -2.0, -1.0, 0.0, 0.5, 0.9, 1.0, 2.0, 30.0)
_FAR = 1000.0


class LossRange(NamedTuple):
    """Of a discriminator's loss.

    Attributes:
        best: The lowest value.
        chance: The lowest one of a discriminator that cannot tell.
    """

    best: float
    chance: float


def loss_range(loss: AdversarialLoss) -> LossRange | None:
    """Returns the range of a discriminator's loss; None if it has no bound, as a critic's.

    None, too, where outputs are reconstruction errors: even of real examples they are never 0, so
    that the lowest value is not known.
    """
    if loss.autoencoding:
        return None

    def at(real: float, fake: float) -> float:
        # A batch of one pair, for losses that compare with the mean of a batch.
        value = loss.discriminator_loss(tf.constant([[real]]), tf.constant([[fake]]))
        return float(tf.reduce_mean(value))

    values = {pair: at(*pair) for pair in itertools.product(_OUTPUTS, repeat=2)}
    best = min(values.values())
    chance = min(value for (real, fake), value in values.items() if real == fake)
    if at(_FAR, -_FAR) < best - 1.0 or not chance > best:
        return None
    return LossRange(best, chance)


def slope_at_chance(loss: AdversarialLoss) -> float:
    """Returns the absolute derivative of a generator's loss in its output where all are 0."""
    real, fake = tf.zeros([1, 1]), tf.zeros([1, 1])
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = tf.reduce_mean(loss.generator_loss(real, fake))
    slope = tape.gradient(value, fake, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return float(tf.reduce_sum(tf.abs(slope)))
