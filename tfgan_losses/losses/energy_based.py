"""EBGAN: an autoencoder as discriminator, whose reconstruction error is an energy."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, as_float, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def energy_based_discriminator_loss(
    real_logits: Logits, fake_logits: Logits, *, margin: float = 10.0
) -> Tensor:
    """e(x) + relu(margin - e(G(z))) with the energy e = -logit, so -r + relu(margin + f).

    Args:
        real_logits: Minus the reconstruction errors of real examples, any shape.
        fake_logits: Minus those of generated examples, the same shape.
        margin: Generated examples of a higher energy cost nothing and get no gradient. It has the
            scale of the error: the paper's 10 (MNIST), 20 (CelebA) and 80 (LSUN) belong to an
            error summed over the pixels.

    Returns:
        Unreduced values, the shape of the logits.

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Network, arXiv:1609.03126,
        equation 1.
    """
    check_logits(real_logits, fake_logits)
    return ops.relu(margin + as_float(fake_logits)) - as_float(real_logits)


def energy_based_generator_loss(fake_logits: Logits) -> Tensor:
    """e(G(z)) = -f, unreduced, of any shape.

    Args:
        fake_logits: Minus the reconstruction errors of generated examples, any shape.

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Network, arXiv:1609.03126,
        equation 2.
    """
    return -as_float(fake_logits)


@registry.register("energy_based")
class EnergyBased(AdversarialLoss):
    """EBGAN. The margin is in units of the reconstruction error; see the pure function.

    Args:
        margin: Errors of generated examples beyond it are not raised further; above 0.

    Raises:
        ValueError: If the margin is not above 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([-0.5]), np.array([-4.0])  # Minus the errors.
        >>> loss = losses.EnergyBased(margin=10.0)
        >>> loss.discriminator_loss(real, fake).numpy()
        array([6.5])
        >>> loss.generator_loss(real, fake).numpy()
        array([4.])
    """

    autoencoding = True

    def __init__(self, *, margin: float = 10.0):
        if not margin > 0:
            raise ValueError(f"Expected margin > 0. Received: margin={margin}")
        self.margin = margin

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-r + relu(margin + f)."""
        return energy_based_discriminator_loss(real_logits, fake_logits, margin=self.margin)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-fake_logits."""
        return energy_based_generator_loss(fake_logits)

    def get_config(self) -> dict[str, Any]:
        """The margin."""
        return {"margin": self.margin}
