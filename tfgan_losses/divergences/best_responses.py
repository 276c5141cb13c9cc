"""The discriminator that is best for a loss, out of all functions on a grid.

What is searched depends on how the loss looks at outputs, which is found by asking the loss:

- a sum of a function of r and a function of f: the outputs at each point apart from the others;
- a function of r - f: that difference, for each pair of points;
- a function of the batch: all outputs together;
- a sum, with a limit on the slope of the discriminator: all outputs together.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse
import tensorflow as tf

from tfgan_losses.divergences import solvers
from tfgan_losses.divergences.density import Density, probabilities_on_one_grid
from tfgan_losses.losses import AdversarialLoss

# Cross-entropies are exactly linear or 0 in float64 beyond it.
_BOUND = 800.0
_MOST_ATOMS = 64


class Pointwise:
    """For a loss that is a sum: the best output at x depends on p(x) and q(x) alone."""

    def __init__(self, loss: AdversarialLoss):
        self.loss, self._highest = loss, _highest_output(loss)
        # In a graph, since a search calls it thousands of times.
        self._slopes = tf.function(self._eager_slopes, reduce_retracing=True)

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n]; -inf or inf where no finite one is best."""
        weights = probabilities_on_one_grid(p, q)
        places = solvers.minimise_pointwise(
            lambda d: self.derivatives(d, *weights), len(p.grid), -_BOUND, self._highest
        )
        return _with_infinities(places)

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """E_p of the function of r plus E_q of that of f."""
        return float(self.terms(outputs, p.probabilities, q.probabilities).sum())

    def terms(self, outputs: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """What each point adds to the expected loss, [n]."""
        outputs = np.clip(outputs, -_BOUND, _BOUND)
        zeros = np.zeros_like(outputs)
        at_zero = values(self.loss, zeros, zeros)
        of_real, of_fake = values(self.loss, outputs, zeros), values(self.loss, zeros, outputs)
        # Each holds the other's function at 0, which their sum at (0, 0) takes away again.
        return p * of_real + q * of_fake - (p + q) / 2 * at_zero

    def derivatives(self, outputs: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Of each of `terms` with respect to its output, [n]."""
        of_real, of_fake = self._slopes(tf.constant(outputs))
        return p * of_real.numpy() + q * of_fake.numpy()

    def _eager_slopes(self, outputs: tf.Tensor) -> list[tf.Tensor]:
        real, fake = tf.identity(outputs), tf.identity(outputs)
        with tf.GradientTape() as tape:
            tape.watch([real, fake])
            total = tf.reduce_sum(self.loss.discriminator_loss(real, fake))
        return tape.gradient(total, [real, fake], unconnected_gradients="zero")


class Lipschitz(Pointwise):
    """The same, but neighbouring outputs differ by at most `slope` times their distance."""

    def __init__(self, loss: AdversarialLoss, slope: float):
        super().__init__(loss)
        self.slope = slope

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n]."""
        p_values, q_values = probabilities_on_one_grid(p, q)
        if p.grid.ndim != 1 or len(p.grid) < 2:
            raise ValueError(
                "Expected a grid [n] on the line, where slopes are those between neighbours. "
                f"Received: grid of shape {p.grid.shape}"
            )
        # A program of small numbers in the costs alone: solvers drop small coefficients.
        total = p_values + q_values
        p_share = np.divide(p_values, total, out=np.zeros_like(total), where=total > 0)
        q_share = np.divide(q_values, total, out=np.zeros_like(total), where=total > 0)
        largest_steps = self.slope * np.diff(p.grid)
        # Beyond the range that a slope allows around a margin of 50 no loss gains anything.
        bound = largest_steps.sum() + 50
        return solvers.minimise_jointly(
            lambda d: (
                self.terms(d, p_share, q_share),
                scipy.sparse.diags_array(self.derivatives(d, p_share, q_share)),
            ),
            weights=total,
            lowest=-bound,
            highest=min(bound, self._highest),
            largest_steps=largest_steps,
            size=len(p.grid),
        )


class Pairwise:
    """For a loss of r - f: the best difference of two points' outputs depends on them alone."""

    def __init__(self, loss: AdversarialLoss):
        self.loss = loss

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n], up to a constant; 0 at the point where both are likeliest."""
        p_values, q_values = probabilities_on_one_grid(p, q)
        anchor = np.argmax(np.minimum(p_values, q_values))
        # x is real and the anchor generated, or the other way round. Without a point that could be
        # both, all outputs are infinite, and any anchor says so.
        overlap = min(p_values[anchor], q_values[anchor]) > 0
        anchor_p, anchor_q = (p_values[anchor], q_values[anchor]) if overlap else (1.0, 1.0)
        weights = p_values * anchor_q, q_values * anchor_p

        def derivative(differences: np.ndarray) -> np.ndarray:
            real, zero = tf.constant(differences), tf.zeros(len(differences), tf.float64)
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(real)
                as_real = tf.reduce_sum(self.loss.discriminator_loss(real, zero))
                as_fake = tf.reduce_sum(self.loss.discriminator_loss(zero, real))
            slopes = [tape.gradient(x, real).numpy() for x in (as_real, as_fake)]
            return weights[0] * slopes[0] + weights[1] * slopes[1]

        places = solvers.minimise_pointwise(derivative, len(p.grid), -_BOUND, _BOUND)
        return _with_infinities(places)

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """E of the loss over independent pairs of x from p and y from q."""
        outputs = np.clip(outputs, -_BOUND, _BOUND)
        real, fake = np.broadcast_arrays(outputs[:, None], outputs[None, :])
        return float(p.probabilities @ values(self.loss, real, fake) @ q.probabilities)


class Batchwise:
    """For a loss that compares with means of the batch: p and q have to be batches themselves."""

    def __init__(self, loss: AdversarialLoss):
        self.loss = loss

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n], within [-60, 60]."""
        batches = _as_batches(p, q)
        one_hot = [np.eye(len(p.grid))[batch] for batch in batches]

        def terms(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            variable = tf.constant(outputs)
            with tf.GradientTape() as tape:
                tape.watch(variable)
                real, fake = (tf.linalg.matvec(batch, variable) for batch in one_hot)
                losses = self.loss.discriminator_loss(real, fake)
            return losses.numpy(), tape.jacobian(losses, variable).numpy()

        atoms = len(batches[0])
        weights = np.full(atoms, 1 / atoms)
        return solvers.minimise_jointly(terms, weights, -60.0, 60.0, None, len(p.grid))

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """The mean over the batch."""
        real, fake = (outputs[batch] for batch in _as_batches(p, q))
        return float(values(self.loss, real, fake).mean())


def values(loss: AdversarialLoss, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """The unreduced loss of the discriminator in float64."""
    return np.asarray(loss.discriminator_loss(tf.constant(real), tf.constant(fake)), np.float64)


def best_response(loss: AdversarialLoss, lipschitz: float | None) -> Any:
    """The one of the four that fits.

    Raises:
        ValueError: If a limit on slopes is asked for and the loss is not a sum, or if the loss
            looks at outputs in none of these ways.
    """
    if lipschitz is not None and not (math.isfinite(lipschitz) and lipschitz > 0):
        raise ValueError(f"Expected lipschitz > 0. Received: lipschitz={lipschitz}")
    if not loss.sees_batch and _is_a_sum(loss):
        if lipschitz is None and _is_unbounded(loss):
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


def _probes(loss: AdversarialLoss) -> tuple[np.ndarray, np.ndarray]:
    """Outputs to ask the loss at; an autoencoder's are minus an error."""
    real, fake = np.random.default_rng(0).uniform(-3, 3, [2, 16])
    return (-abs(real), -abs(fake)) if loss.autoencoding else (real, fake)


def _is_a_sum(loss: AdversarialLoss) -> bool:
    real, fake = _probes(loss)
    zero = np.zeros_like(real)
    together = values(loss, real, fake) + values(loss, zero, zero)
    return np.allclose(together, values(loss, real, zero) + values(loss, zero, fake), atol=1e-5)


def _is_of_differences(loss: AdversarialLoss) -> bool:
    real, fake = _probes(loss)
    return np.allclose(values(loss, real, fake), values(loss, real - 1, fake - 1), atol=1e-5)


def _is_unbounded(loss: AdversarialLoss) -> bool:
    """Whether the loss of some point falls without end as its output does, or grows."""
    ends = np.array([-_BOUND, _highest_output(loss)])
    slopes = Pointwise(loss).derivatives
    falls_below = slopes(ends, np.array(1e-6), np.array(1.0))[0] > 0
    falls_above = slopes(ends, np.array(1.0), np.array(1e-6))[1] < 0
    return bool(falls_below or (falls_above and not loss.autoencoding))


def _highest_output(loss: AdversarialLoss) -> float:
    return 0.0 if loss.autoencoding else _BOUND


def _with_infinities(places: np.ndarray) -> np.ndarray:
    return np.where(abs(places) > _BOUND - 1e-6, np.copysign(np.inf, places), places)


def _as_batches(p: Density, q: Density) -> tuple[np.ndarray, np.ndarray]:
    """Indices of points, [atoms] each, of which p and q are the shares."""
    shares = probabilities_on_one_grid(p, q)
    for atoms in range(1, _MOST_ATOMS + 1):
        counts = [np.rint(atoms * x).astype(int) for x in shares]
        if all(np.allclose(n, atoms * x, atol=1e-9) for n, x in zip(counts, shares, strict=True)):
            return tuple(np.repeat(np.arange(len(n)), n) for n in counts)
    raise ValueError(
        "Expected probabilities that are multiples of 1/n with n <= "
        f"{_MOST_ATOMS}, since the loss compares with the means of a batch. "
        f"Received: probabilities from {shares[0].min()} to {shares[0].max()}"
    )
