"""The hinge loss of support vector machines, which SNGAN, SAGAN and BigGAN use."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def hinge_discriminator_loss(
    real_logits: Logits, fake_logits: Logits, *, margin: float = 1.0
) -> Tensor:
    """relu(margin - r) + relu(margin + f).

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape.
        margin: Outputs beyond it on the right side cost nothing and get no gradient.

    Returns:
        Unreduced values, the shape of the logits.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> losses.hinge_discriminator_loss(np.array([2.0, 0.5]), np.array([-2.0, -0.5])).numpy()
        array([0., 1.])

    References:
        Lim & Ye, 2017, Geometric GAN.
        Tran et al., 2017, Hierarchical Implicit Models and Likelihood-Free Variational Inference.
        Miyato et al., 2018, Spectral Normalization for GANs, equation 16.
    """
    check_logits(real_logits, fake_logits)
    return ops.relu(margin - real_logits) + ops.relu(margin + fake_logits)


def hinge_generator_loss(fake_logits: Logits) -> Tensor:
    """-f, unreduced, of any shape. No hinge: the generator is never satisfied.

    Args:
        fake_logits: Raw outputs on generated examples, any shape.

    References:
        Miyato et al., 2018, Spectral Normalization for GANs, equation 17.
    """
    return -ops.convert_to_tensor(fake_logits)


@registry.register("hinge")
class Hinge(AdversarialLoss):
    """Hinge loss for the discriminator, a linear one for the generator.

    Args:
        margin: Outputs beyond it on the right side cost nothing; above 0.

    Raises:
        ValueError: If the margin is not above 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.Hinge(margin=1.0)
        >>> loss.discriminator_loss(real, fake).numpy()
        array([0., 1.])
        >>> loss.generator_loss(real, fake).numpy()
        array([2. , 0.5])
    """

    def __init__(self, *, margin: float = 1.0):
        if margin <= 0:
            raise ValueError(f"Expected margin > 0. Received: margin={margin}")
        self.margin = margin

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """relu(margin - r) + relu(margin + f)."""
        return hinge_discriminator_loss(real_logits, fake_logits, margin=self.margin)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-fake_logits."""
        return hinge_generator_loss(fake_logits)

    def get_config(self) -> dict[str, Any]:
        """The margin."""
        return {"margin": self.margin}
