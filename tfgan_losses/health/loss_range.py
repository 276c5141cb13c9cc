"""Between which values a discriminator's loss lies, found from the loss itself."""

from __future__ import annotations

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

    pairs = [(real, fake) for real in _OUTPUTS for fake in _OUTPUTS]
    pairs.append((_FAR, -_FAR))
    *values, far = _values(loss, pairs)
    best = min(values)
    chance = min(value for (real, fake), value in zip(pairs, values, strict=False) if real == fake)
    if far < best - 1.0 or not chance > best:
        return None
    return LossRange(best, chance)


def _values(loss: AdversarialLoss, pairs: list[tuple[float, float]]) -> list[float]:
    real, fake = tf.unstack(tf.constant(pairs), axis=1)
    # Losses that compare with the mean of a batch get a batch of each pair.
    size = 1 if loss.sees_batch else len(pairs)
    parts = zip(*(tf.split(x[:, None], len(pairs) // size) for x in (real, fake)), strict=True)
    values = [tf.reshape(loss.discriminator_loss(*part), [size, -1]) for part in parts]
    return tf.reduce_mean(tf.concat(values, axis=0), axis=1).numpy().tolist()


def slope_at_chance(loss: AdversarialLoss) -> float:
    """Returns the absolute derivative of a generator's loss in its output where all are 0."""
    real, fake = tf.zeros([1, 1]), tf.zeros([1, 1])
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = tf.reduce_mean(loss.generator_loss(real, fake))
    slope = tape.gradient(value, fake, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return float(tf.reduce_sum(tf.abs(slope)))
