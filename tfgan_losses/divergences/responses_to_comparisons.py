"""Best discriminators for relativistic losses, which compare real with generated outputs."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_losses.divergences import solvers
from tfgan_losses.divergences.best_response import BOUND, BestResponse, values, with_infinities
from tfgan_losses.divergences.density import Density, probabilities_on_one_grid

_MOST_ATOMS = 64


class Pairwise(BestResponse):
    """For a loss of r - f: the best difference of two points' outputs depends on them alone."""

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

        places = solvers.minimise_pointwise(derivative, len(p.grid), -BOUND, BOUND)
        return with_infinities(places, *weights)

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """E of the loss over independent pairs of x from p and y from q."""
        outputs = np.clip(outputs, -BOUND, BOUND)
        real, fake = np.broadcast_arrays(outputs[:, None], outputs[None, :])
        return float(p.probabilities @ values(self.loss, real, fake) @ q.probabilities)


class Batchwise(BestResponse):
    """For a loss that compares with means of the batch: p and q have to be batches themselves."""

    def outputs(self, p: Density, q: Density) -> np.ndarray:
        """Raw outputs, [n], within [-60, 60]."""
        batches = _as_batches(p, q)
        one_hot = [np.eye(len(p.grid))[batch] for batch in batches]
        # Atoms that repeat another pair of points have the same loss.
        _, first, counts = np.unique(
            np.stack(batches), axis=1, return_index=True, return_counts=True
        )

        def losses_and_jacobian(outputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(outputs)
                real, fake = (tf.linalg.matvec(batch, outputs) for batch in one_hot)
                losses = tf.gather(self.loss.discriminator_loss(real, fake), first)
            return losses, tape.jacobian(losses, outputs)

        graph = tf.function(losses_and_jacobian).get_concrete_function(
            tf.TensorSpec([len(p.grid)], tf.float64)
        )

        def terms(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            losses, jacobian = graph(tf.constant(outputs))
            return losses.numpy(), jacobian.numpy()

        weights = counts / len(batches[0])
        return solvers.minimise_jointly(terms, weights, -60.0, 60.0, None, len(p.grid))

    def expected_loss(self, p: Density, q: Density, outputs: np.ndarray) -> float:
        """The mean over the batch."""
        real, fake = (outputs[batch] for batch in _as_batches(p, q))
        return float(values(self.loss, real, fake).mean())


def _as_batches(p: Density, q: Density) -> tuple[np.ndarray, np.ndarray]:
    """Indices of points, [atoms] each, of which p and q are the shares."""
    shares = probabilities_on_one_grid(p, q)
    for atoms in range(1, _MOST_ATOMS + 1):
        counts = [np.rint(atoms * x).astype(int) for x in shares]
        if all(np.allclose(n, atoms * x, atol=1e-9) for n, x in zip(counts, shares, strict=True)):
            real, fake = (np.repeat(np.arange(len(n)), n) for n in counts)
            return real, fake
    raise ValueError(
        "Expected probabilities that are multiples of 1/n with n <= "
        f"{_MOST_ATOMS}, since the loss compares with the means of a batch. "
        f"Received: probabilities from {shares[0].min()} to {shares[0].max()}"
    )
