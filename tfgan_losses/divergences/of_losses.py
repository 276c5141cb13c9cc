"""The divergence behind an adversarial loss, found from the loss itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_losses import gan_types, losses
from tfgan_losses.divergences import best_responses, solvers
from tfgan_losses.divergences.density import Density, mixture, probabilities_on_one_grid


class LossDivergence:
    """What a loss measures between two densities once the discriminator is the best there is.

    There are two answers. The discriminator's (`measured`) is how far its loss falls below that of
    two equal distributions. The generator's (`followed`) is what it descends, since it takes its
    gradient with the discriminator held. They are the same if the generator's loss is minus the
    discriminator's, as in the minimax game, and differ for every "non-saturating" one.

    Args:
        loss: The adversarial loss. One with state is taken with its state: BEGAN's k is 0 at first.
        lipschitz: The largest slope that the discriminator may have; None for no limit.

    Attributes:
        loss: The adversarial loss.
        lipschitz: The largest slope.

    Raises:
        ValueError: If `lipschitz` is not above 0, or is given for a relativistic loss.
    """

    def __init__(self, loss: losses.AdversarialLoss, *, lipschitz: float | None = None):
        self.loss = loss
        self._best = best_responses.best_response(loss, lipschitz)
        self.lipschitz = getattr(self._best, "slope", None)

    def optimal_outputs(self, p: Density, q: Density) -> np.ndarray:
        """The raw outputs of the best discriminator, float64 [n], with -inf and inf where sure.

        Args:
            p: The data.
            q: The generator, on the same grid. For losses that see the batch the probabilities of
                both have to be multiples of 1/n with n <= 64; with a limit on slopes the grid has
                to be [n].

        Raises:
            TypeError: If one is no `Density`.
            ValueError: If they do not fit.
        """
        return self._best.outputs(p, q)

    def optimal_loss(self, p: Density, q: Density) -> float:
        """The least expected loss of the discriminator. Args and errors as above."""
        return self._best.expected_loss(p, q, self.optimal_outputs(p, q))

    def measured(self, p: Density, q: Density) -> float:
        """How far the discriminator's best loss lies below its best where both are p.

        At least 0, and 0 if p = q. Nats for cross-entropies. Args and errors as above.
        """
        return self.optimal_loss(p, p) - self.optimal_loss(p, q)

    def potential(self, p: Density, q: Density) -> np.ndarray:
        """The generator's loss of a sample at each point with the best discriminator held, [n].

        Generated points move down its slope. It is the first variation of the generator's expected
        loss with respect to q, up to a constant.

        Raises:
            TypeError: If one is no `Density`.
            ValueError: If the loss sees the batch: then a sample has no loss of its own.
        """
        if self.loss.sees_batch:
            raise ValueError(
                "Expected a loss of single examples or pairs. Received: "
                f"{type(self.loss).__name__}, where it depends on the rest of the batch"
            )
        outputs = self.optimal_outputs(p, q)
        if not self.loss.needs_real:
            return self._generator_loss(np.zeros_like(outputs), outputs)
        # A difference of two infinities says nothing; no weight is ever on such a pair.
        real, fake = np.broadcast_arrays(np.clip(outputs, -800, 800)[:, None], outputs[None, :])
        return p.probabilities @ self._generator_loss(real, fake)

    def followed(self, p: Density, q: Density) -> float:
        """What the generator descends with the best discriminator held: 0 if p = q.

        The work of `potential` on the way from p to q along the mixtures (1 - t) p + t q. Where a
        functional of q has `potential` as its derivative, this is it; it may be below 0, and then
        the generator does not minimise a divergence.

        Returns:
            inf where the generator pays without limit, as KL(q || p) does.

        Raises:
            TypeError: If one is no `Density`.
            ValueError: If the loss sees the batch.
        """
        p_values, q_values = probabilities_on_one_grid(p, q)
        change = q_values - p_values
        some = change != 0

        def work(t: float) -> float:
            potential = self.potential(p, mixture(q, p, t))
            return float(np.sum(change[some] * potential[some]))

        nodes, weights = solvers.quadrature()
        return float(sum(w * work(t) for t, w in zip(nodes, weights, strict=True)))

    def _generator_loss(self, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
        return np.asarray(self.loss.generator_loss(tf.constant(real), tf.constant(fake)))


def divergence_of(identifier: Any, *, lipschitz: float | None = None) -> LossDivergence:
    """What a loss minimises at the optimal discriminator, found numerically from the loss itself.

    Args:
        identifier: A gan_type (`"lsgan"` stands for the loss of that recipe), or whatever
            `losses.get` takes.
        lipschitz: The largest slope of the discriminator along the grid. None is no limit, or 1 for
            losses that have no optimum without: `wasserstein` and `boundary_equilibrium`.

    Returns:
        A `LossDivergence`; `closed_form_of` has the formulas that it is compared with.

    Raises:
        ValueError: If the identifier is unknown, `lipschitz` is not above 0, or it is given for a
            relativistic loss.
    """
    if isinstance(identifier, str) and identifier in gan_types.names():
        identifier = gan_types.get(identifier).loss
    return LossDivergence(losses.get(identifier), lipschitz=lipschitz)
