"""Best discriminators for losses that are a function of r plus a function of f, both convex."""

from __future__ import annotations

import numpy as np
import scipy.sparse
import tensorflow as tf

from tfgan_losses.divergences import solvers
from tfgan_losses.divergences.best_response import BOUND, BestResponse, values, with_infinities
from tfgan_losses.divergences.density import Density, probabilities_on_one_grid
from tfgan_losses.losses import AdversarialLoss


class _OfASum(BestResponse):
    """A loss that is a function of r plus a function of f, both convex."""

    def __init__(self, loss: AdversarialLoss):
        super().__init__(loss)
        # In a graph, since a search calls it thousands of times.
        graph = tf.function(self._eager_slopes)
        self._slopes = graph.get_concrete_function(tf.TensorSpec([None], tf.float64))

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """E_p of the function of r plus E_q of that of f."""
        return float(self.terms(outputs, p.probabilities, q.probabilities).sum())

    def terms(self, outputs: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """What each point adds to the expected loss, [n]."""
        outputs = np.clip(outputs, -BOUND, BOUND)
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
        real, fake = outputs[:, None], tf.identity(outputs[:, None])
        with tf.GradientTape() as tape:
            tape.watch([real, fake])
            total = tf.reduce_sum(self.loss.discriminator_loss(real, fake))
        gradients = tape.gradient(total, [real, fake], unconnected_gradients="zero")
        return [tf.squeeze(gradient, 1) for gradient in gradients]


class Pointwise(_OfASum):
    """The best output at x depends on p(x) and q(x) alone."""

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n]; -inf or inf where no finite one is best."""
        return self.outputs_for_weights(*probabilities_on_one_grid(p, q))

    def outputs_for_each(self, p: Density, others: list[Density]) -> list[np.ndarray]:
        """All in one search."""
        weights = [probabilities_on_one_grid(p, q) for q in others]
        outputs = self.outputs_for_weights(*np.concatenate(weights, axis=1))
        return np.split(outputs, len(others))

    def outputs_for_weights(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """The outputs for probabilities at any number of points."""
        places = solvers.minimise_pointwise(
            lambda d: self.derivatives(d, p, q), len(p), -BOUND, _highest_output(self.loss)
        )
        return with_infinities(places, p, q)


class Lipschitz(_OfASum):
    """Neighbouring outputs differ by at most `slope` times the distance of their points."""

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
        lowest, highest = self._range(p_values, q_values, largest_steps.sum())
        return solvers.minimise_jointly(
            lambda d: (
                self.terms(d, p_share, q_share),
                scipy.sparse.diags_array(self.derivatives(d, p_share, q_share)),
            ),
            weights=total,
            lowest=lowest,
            highest=highest,
            largest_steps=largest_steps,
            size=len(p.grid),
        )

    def _range(self, p: np.ndarray, q: np.ndarray, span: float) -> tuple[float, float]:
        """Where the outputs are to be looked for.

        To clip them to the range of the best ones without a limit raises no loss and no slope. A
        loss that has no best ones is linear, and then only differences of outputs matter.
        """
        highest = _highest_output(self.loss)
        if is_unbounded(self.loss):
            return -span, min(span, highest)
        best = np.clip(Pointwise(self.loss).outputs_for_weights(p, q), -BOUND, highest)
        return float(best.min()), float(best.max())


def is_unbounded(loss: AdversarialLoss) -> bool:
    """Whether the loss of some point falls without end as its output does, or grows."""
    ends = np.array([-BOUND, _highest_output(loss)])
    slopes = Pointwise(loss).derivatives
    falls_below = slopes(ends, np.array(1e-6), np.array(1.0))[0] > 0
    falls_above = slopes(ends, np.array(1.0), np.array(1e-6))[1] < 0
    return bool(falls_below or (falls_above and not loss.autoencoding))


def is_convex(loss: AdversarialLoss) -> bool:
    """Whether the derivatives of both functions rise with the output, wherever they were asked."""
    places = np.linspace(-30, min(30.0, _highest_output(loss)), 601)
    slopes = Pointwise(loss).derivatives
    each = (slopes(places, np.array(p), np.array(q)) for p, q in ((1.0, 0.0), (0.0, 1.0)))
    return all((np.diff(slope) >= -1e-6).all() for slope in each)


def _highest_output(loss: AdversarialLoss) -> float:
    return 0.0 if loss.autoencoding else BOUND
