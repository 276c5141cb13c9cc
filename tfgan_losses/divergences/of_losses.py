"""The divergence behind an adversarial loss, found from the loss itself."""

from __future__ import annotations

import math
from typing import TypeAlias

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import gan_types, losses
from tfgan_losses.divergences import solvers
from tfgan_losses.divergences.best_response import BOUND, BestResponse, values
from tfgan_losses.divergences.density import Density, mixture, probabilities_on_one_grid
from tfgan_losses.divergences.responses_to_comparisons import Batchwise, Pairwise
from tfgan_losses.divergences.responses_to_sums import (
    Lipschitz,
    Pointwise,
    is_convex,
    is_unbounded,
)

# A name, a spec string or a config, or the loss itself.
LossIdentifier: TypeAlias = str | dict[str, object] | losses.AdversarialLoss | keras.losses.Loss


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
        self._best = _best_response(loss, lipschitz)
        self.lipschitz = self._best.slope

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

        At least 0 up to rounding, 0 if p = q; nats for cross-entropies. Args and errors as above.
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
        return self._potential(p, self.optimal_outputs(p, q))

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
        nodes, weights = solvers.quadrature()
        on_the_way = [mixture(q, p, t) for t in nodes]
        potentials = [self._potential(p, x) for x in self._best.outputs_for_each(p, on_the_way)]
        work = [np.sum(change[some] * potential[some]) for potential in potentials]
        return float(weights @ np.array(work))

    def _potential(self, p: Density, outputs: np.ndarray) -> np.ndarray:
        if self.loss.sees_batch:
            raise ValueError(
                "Expected a loss of single examples or pairs. Received: "
                f"{type(self.loss).__name__}, where it depends on the rest of the batch"
            )
        if not self.loss.needs_real:
            return self._generator_loss(np.zeros_like(outputs), outputs)
        # A difference of two infinities says nothing; no weight is ever on such a pair.
        real, fake = np.broadcast_arrays(np.clip(outputs, -BOUND, BOUND)[:, None], outputs)
        return p.probabilities @ self._generator_loss(real, fake)

    def _generator_loss(self, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
        found = self.loss.generator_loss(tf.constant(real[..., None]), tf.constant(fake[..., None]))
        return np.asarray(found, np.float64).reshape(fake.shape)


def divergence_of(identifier: LossIdentifier, *, lipschitz: float | None = None) -> LossDivergence:
    """What a loss minimises at the optimal discriminator, found numerically from the loss itself.

    Args:
        identifier: A gan_type (`"lsgan"` stands for the loss of that recipe), or whatever
            `losses.get` takes. The discriminator's loss has to be convex in its outputs.
        lipschitz: The largest slope of the discriminator along the grid. None is no limit, or 1 for
            losses that have no optimum without: `wasserstein` and `boundary_equilibrium`.

    Returns:
        A `LossDivergence`; `closed_form_of` has the formulas that it is compared with.

    Raises:
        ValueError: If the identifier is unknown, the loss is not convex, `lipschitz` is not above
            0, or it is given for a relativistic loss.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.divergences import Gaussian, divergence_of, jensen_shannon
        >>> x = np.linspace(-9, 9, 400)
        >>> p, q = Gaussian(0.0, 1.0).on(x), Gaussian(1.0, 1.0).on(x)
        >>> bool(np.isclose(divergence_of("gan").measured(p, q), 2 * jensen_shannon(p, q)))
        True
    """
    if isinstance(identifier, str) and identifier in gan_types.names():
        identifier = gan_types.get(identifier).loss
    return LossDivergence(losses.get(identifier), lipschitz=lipschitz)


def _best_response(loss: losses.AdversarialLoss, lipschitz: float | None) -> BestResponse:
    """Asks the loss how it looks at outputs, and takes the search that fits.

    - a sum of a function of r and a function of f: the output at each point apart from the others;
    - a sum, with a limit on the slope of the discriminator: all outputs together;
    - a function of r - f: that difference, for each pair of points;
    - a function of the batch: all outputs together.

    Raises:
        ValueError: If a limit on slopes is asked for and the loss is not a sum, if it is a sum and
            not convex, or if it looks at outputs in none of these ways.
    """
    if lipschitz is not None and not (math.isfinite(lipschitz) and lipschitz > 0):
        raise ValueError(f"Expected lipschitz > 0. Received: lipschitz={lipschitz}")
    if not loss.sees_batch and _is_a_sum(loss):
        if not is_convex(loss):
            raise ValueError(
                "Expected a discriminator's loss that is convex in its outputs: of others the best "
                f"outputs are not found. Received: {type(loss).__name__}"
            )
        if lipschitz is None and is_unbounded(loss):
            lipschitz = 1.0
        return Pointwise(loss) if lipschitz is None else Lipschitz(loss, lipschitz)
    if not (loss.sees_batch or _is_of_differences(loss)):
        raise ValueError(
            "Expected a loss that is a sum of a function of real and one of generated outputs, or "
            f"a function of their difference. Received: {type(loss).__name__}"
        )
    if lipschitz is not None:
        raise ValueError(
            "Expected no lipschitz for a loss that is no sum of a function of real and a function "
            f"of generated outputs. Received: lipschitz={lipschitz}, loss={type(loss).__name__}"
        )
    return Batchwise(loss) if loss.sees_batch else Pairwise(loss)


def _probes(loss: losses.AdversarialLoss) -> tuple[np.ndarray, np.ndarray]:
    """Outputs to ask the loss at; an autoencoder's are minus an error."""
    real, fake = np.random.default_rng(0).uniform(-3, 3, [2, 16])
    return (-abs(real), -abs(fake)) if loss.autoencoding else (real, fake)


def _is_a_sum(loss: losses.AdversarialLoss) -> bool:
    real, fake = _probes(loss)
    zero = np.zeros_like(real)
    together = values(loss, real, fake) + values(loss, zero, zero)
    return np.allclose(together, values(loss, real, zero) + values(loss, zero, fake), atol=1e-5)


def _is_of_differences(loss: losses.AdversarialLoss) -> bool:
    real, fake = _probes(loss)
    return np.allclose(values(loss, real, fake), values(loss, real - 1, fake - 1), atol=1e-5)
