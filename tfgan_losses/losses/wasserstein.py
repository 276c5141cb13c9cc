"""The Wasserstein-1 distance in its dual form (WGAN); the critic must be kept Lipschitz."""

from __future__ import annotations

from tfgan_losses.losses.base import AdversarialLoss, as_float, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def wasserstein_discriminator_loss(real_logits: Logits, fake_logits: Logits) -> Tensor:
    """f - r: minus the critic's estimate of the distance, unreduced, the shape of the logits.

    The critic must be held to a Lipschitz constant by weight clipping, a gradient penalty or
    spectral normalisation; without, this has no lower bound.

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape.

    References:
        Arjovsky et al., 2017, Wasserstein GAN, equation 2 and algorithm 1.
    """
    check_logits(real_logits, fake_logits)
    return as_float(fake_logits) - as_float(real_logits)


def wasserstein_generator_loss(fake_logits: Logits) -> Tensor:
    """-f, unreduced, of any shape.

    Args:
        fake_logits: Raw outputs on generated examples, any shape.

    References:
        Arjovsky et al., 2017, Wasserstein GAN, algorithm 1, line 10.
    """
    return -as_float(fake_logits)


@registry.register("wasserstein")
class Wasserstein(AdversarialLoss):
    """WGAN, and with a gradient penalty WGAN-GP and WGAN-LP.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.Wasserstein()
        >>> loss.discriminator_loss(real, fake).numpy()
        array([-4., -1.])
        >>> loss.generator_loss(real, fake).numpy()
        array([2. , 0.5])
    """

    estimates_distance = True

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """fake_logits - real_logits."""
        return wasserstein_discriminator_loss(real_logits, fake_logits)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-fake_logits."""
        return wasserstein_generator_loss(fake_logits)
