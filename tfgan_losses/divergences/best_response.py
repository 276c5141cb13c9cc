"""The discriminator that is best for a loss, out of all functions on a grid of some kind."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_losses.divergences.density import Density
from tfgan_losses.losses import AdversarialLoss

# Outputs are looked for in [-BOUND, BOUND]: cross-entropies are linear or 0 in float64 beyond it.
BOUND = 800.0


class BestResponse:
    """Finds the best discriminator for a loss; a subclass says out of which.

    Attributes:
        slope: The largest slope of the discriminator; None for no limit.
    """

    slope: float | None = None

    def __init__(self, loss: AdversarialLoss):
        self.loss = loss

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n]; -inf or inf where no finite one is best."""
        raise NotImplementedError

    def outputs_for_each(self, p: Density, others: list[Density]) -> list[np.ndarray]:
        """The outputs between p and each of the others."""
        return [self.outputs(p, q) for q in others]

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """The loss of a discriminator with these outputs."""
        raise NotImplementedError


def values(loss: AdversarialLoss, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """The unreduced loss of the discriminator, float64, of the shape of the outputs."""
    # [..., 1], since a stock Keras loss averages over the last axis.
    losses = loss.discriminator_loss(tf.constant(real[..., None]), tf.constant(fake[..., None]))
    return np.asarray(losses, np.float64).reshape(real.shape)


def with_infinities(places: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Infinite outputs where only one of both is possible and the loss falls without end.

    The derivative is rounded to 0 a little before the end of the interval.
    """
    sure = (np.abs(places) > 700) & ((p == 0) != (q == 0))
    return np.where(sure, np.copysign(np.inf, places), places)
