"""BEGAN: an autoencoder as discriminator, and a controller that balances the two networks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, as_float, check_logits, registry
from tfgan_losses.types import Logits, Report, Scalar, Tensor


def boundary_equilibrium_discriminator_loss(
    real_logits: Logits, fake_logits: Logits, *, k: Scalar
) -> Tensor:
    """L(x) - k L(G(z)) with the reconstruction error L = -logit, so -r + k f.

    Args:
        real_logits: Minus the reconstruction errors of real examples, any shape.
        fake_logits: Minus those of generated examples, the same shape.
        k: How much the errors of generated examples count, a scalar in [0, 1].

    Returns:
        Unreduced values, the shape of the logits.

    References:
        Berthelot et al., 2017, BEGAN: Boundary Equilibrium Generative Adversarial Networks,
        arXiv:1703.10717.
    """
    check_logits(real_logits, fake_logits)
    real_logits, fake_logits = as_float(real_logits), as_float(fake_logits)
    return ops.cast(k, fake_logits.dtype) * fake_logits - real_logits


def boundary_equilibrium_generator_loss(fake_logits: Logits) -> Tensor:
    """L(G(z)) = -f, unreduced, of any shape.

    Args:
        fake_logits: Minus the reconstruction errors of generated examples, any shape.

    References:
        Berthelot et al., 2017, arXiv:1703.10717.
    """
    return -as_float(fake_logits)


def boundary_equilibrium_next_k(
    k: Scalar, real_error: Scalar, fake_error: Scalar, *, gamma: float, k_rate: float
) -> Tensor:
    """clip(k + k_rate (gamma L(x) - L(G(z))), 0, 1): k after a step, a scalar.

    Args:
        k: k before it.
        real_error: Mean reconstruction error of real examples, L(x).
        fake_error: That of the generated examples of the generator's update, L(G(z)).
        gamma: The diversity ratio L(G(z)) / L(x) that is held.
        k_rate: The paper's lambda_k.

    References:
        Berthelot et al., 2017, arXiv:1703.10717.
    """
    moved = ops.convert_to_tensor(k + k_rate * (gamma * real_error - fake_error))
    return ops.clip(moved, 0.0, 1.0)


def boundary_equilibrium_measure(real_error: Scalar, fake_error: Scalar, *, gamma: float) -> Tensor:
    """L(x) + |gamma L(x) - L(G(z))|: the paper's measure of convergence, lower is better.

    Args:
        real_error: L(x), the mean error of real examples.
        fake_error: L(G(z)), that of generated ones.
        gamma: The ratio of both that is aimed at, in [0, 1].

    References:
        Berthelot et al., 2017, arXiv:1703.10717.
    """
    return real_error + ops.abs(gamma * real_error - fake_error)


@registry.register("boundary_equilibrium")
class BoundaryEquilibrium(AdversarialLoss):
    """BEGAN. Owns k, which starts at 0 and is state of the training, not an option.

    Args:
        gamma: Diversity ratio, in [0, 1]; lower gives sharper and less diverse samples.
        k_rate: Step size of k, the paper's lambda_k.

    Raises:
        ValueError: If an option is out of range.

    Examples:
        >>> from tfgan_losses import losses
        >>> loss = losses.get("boundary_equilibrium(gamma=0.7)")
        >>> loss
        boundary_equilibrium(gamma=0.7, k_rate=0.001)
    """

    autoencoding = True
    report_keys = ("k", "convergence")

    def __init__(self, *, gamma: float = 0.5, k_rate: float = 1e-3):
        if not 0.0 <= gamma <= 1.0:
            raise ValueError(f"Expected gamma in [0, 1]. Received: gamma={gamma}")
        if not k_rate > 0:
            raise ValueError(f"Expected k_rate > 0. Received: k_rate={k_rate}")
        self.gamma, self.k_rate = gamma, k_rate
        self.k = keras.Variable(
            0.0, trainable=False, dtype="float32", aggregation="only_first_replica", name="k"
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """k."""
        return [self.k]

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-r + k f."""
        return boundary_equilibrium_discriminator_loss(real_logits, fake_logits, k=self.k)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-fake_logits."""
        return boundary_equilibrium_generator_loss(fake_logits)

    def end_step(self, d_real: Scalar, g_fake: Scalar) -> Report:
        """Updates k; reports it and the measure of convergence."""
        real_error, fake_error = -ops.cast(d_real, "float32"), -ops.cast(g_fake, "float32")
        k = boundary_equilibrium_next_k(
            self.k, real_error, fake_error, gamma=self.gamma, k_rate=self.k_rate
        )
        self.k.assign(k)
        measure = boundary_equilibrium_measure(real_error, fake_error, gamma=self.gamma)
        return {"k": k, "convergence": measure}

    def get_config(self) -> dict[str, Any]:
        """gamma and k_rate."""
        return {"gamma": self.gamma, "k_rate": self.k_rate}
