"""Relativistic losses: is a real example more real than the generated one beside it?"""

from __future__ import annotations

from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, as_float, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def relativistic_discriminator_loss(real_logits: Logits, fake_logits: Logits) -> Tensor:
    """softplus(-(r - f)): cross-entropy of "r is the real one of this pair".

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape; paired elementwise.

    Returns:
        Unreduced values, the shape of the logits.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> losses.relativistic_discriminator_loss(np.array([0.0]), np.array([0.0])).numpy()
        array([0.69314718])

    References:
        Jolicoeur-Martineau, 2018, The relativistic discriminator: a key element missing from
        standard GAN, arXiv:1807.00734 (RSGAN).
        Huang et al., 2024, The GAN is dead; long live the GAN! A Modern GAN Baseline,
        arXiv:2501.05441 (R3GAN; with r1 and r2 of one weight).
    """
    check_logits(real_logits, fake_logits)
    return ops.softplus(as_float(fake_logits) - as_float(real_logits))


def relativistic_generator_loss(real_logits: Logits, fake_logits: Logits) -> Tensor:
    """softplus(-(f - r)): the discriminator's loss with the roles exchanged.

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape; paired elementwise.

    Returns:
        Unreduced values, the shape of the logits.

    References:
        Jolicoeur-Martineau, 2018, arXiv:1807.00734.
    """
    check_logits(real_logits, fake_logits)
    return relativistic_discriminator_loss(fake_logits, real_logits)


@registry.register("relativistic")
class Relativistic(AdversarialLoss):
    """RSGAN, also the loss of R3GAN: only the difference of a pair's outputs counts.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.Relativistic()
        >>> loss.discriminator_loss(real, fake).numpy()
        array([0.01814993, 0.31326169])
        >>> loss.generator_loss(real, fake).numpy()
        array([4.01814993, 1.31326169])
    """

    needs_real = True

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """softplus(-(r - f))."""
        return relativistic_discriminator_loss(real_logits, fake_logits)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """softplus(-(f - r))."""
        return relativistic_generator_loss(real_logits, fake_logits)
