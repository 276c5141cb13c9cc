"""The original game: a classifier of real against generated, and two generators for it."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def minimax_discriminator_loss(
    real_logits: Logits,
    fake_logits: Logits,
    *,
    label_smoothing: float = 0.0,
    fake_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of a discriminator that calls real 1 and generated 0.

    softplus(-r) + softplus(f), from logits, so that it never overflows or loses its gradient.

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape.
        label_smoothing: s in [0, 1); the target for real examples becomes 1 - s. One-sided: the
            target for generated ones stays 0 (Salimans et al., 2016, section 3.4).
        fake_smoothing: The target for generated examples, in [0, 1); with it smoothing is
            two-sided, against which that section speaks: the best discriminator is then no longer
            a function of p_data / (p_data + p_g) where the data have no density.

    Returns:
        Unreduced values, the shape of the logits.

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, equation 1.
        Salimans et al., 2016, Improved Techniques for Training GANs.
    """
    check_logits(real_logits, fake_logits)
    # -t log s(r) - (1-t) log(1-s(r)) = softplus(-r) + (1-t) r
    real_loss = ops.softplus(-real_logits) + label_smoothing * real_logits
    fake_loss = ops.softplus(fake_logits)
    # Without a target the graph stays as it is.
    return real_loss + (fake_loss - fake_smoothing * fake_logits if fake_smoothing else fake_loss)


def minimax_generator_loss(fake_logits: Logits) -> Tensor:
    """The saturating generator, log(1 - sigmoid(f)) = -softplus(f), of any shape.

    Args:
        fake_logits: Raw outputs on generated examples, any shape.

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, equation 1.
    """
    return -ops.softplus(fake_logits)


def non_saturating_generator_loss(fake_logits: Logits) -> Tensor:
    """The usual generator, -log sigmoid(f) = softplus(-f), of any shape.

    Its gradient tends to 1, not to 0, where the discriminator is sure (f far below 0).

    Args:
        fake_logits: Raw outputs on generated examples, any shape.

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, section 3, last paragraph.
    """
    return ops.softplus(-fake_logits)


class _Classifier(AdversarialLoss):
    def __init__(self, *, label_smoothing: float = 0.0, fake_smoothing: float = 0.0):
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(
                "Expected label_smoothing in [0, 1): the target for real examples is 1 minus it. "
                f"Received: label_smoothing={label_smoothing}"
            )
        if not 0.0 <= fake_smoothing < 1.0 - label_smoothing:
            raise ValueError(
                "Expected fake_smoothing in [0, 1 - label_smoothing): it is the target for "
                "generated examples, which lies below that for real ones. Received: "
                f"label_smoothing={label_smoothing}, fake_smoothing={fake_smoothing}"
            )
        self.label_smoothing, self.fake_smoothing = label_smoothing, fake_smoothing

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        return minimax_discriminator_loss(real_logits, fake_logits, **self.get_config())

    def get_config(self) -> dict[str, Any]:
        """The smoothing of real examples, and that of generated ones if there is any."""
        both = {"label_smoothing": self.label_smoothing, "fake_smoothing": self.fake_smoothing}
        # What is saved without the second stays as it was.
        return both if self.fake_smoothing else {"label_smoothing": self.label_smoothing}


@registry.register("minimax")
class Minimax(_Classifier):
    """The game as written in the paper; its generator stalls when the discriminator wins.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.Minimax()
        >>> loss.discriminator_loss(real, fake).numpy()
        array([0.25385602, 0.94815397])
        >>> loss.generator_loss(real, fake).numpy()
        array([-0.12692801, -0.47407698])
    """

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """-softplus(fake_logits)."""
        return minimax_generator_loss(fake_logits)


@registry.register("non_saturating")
class NonSaturating(_Classifier):
    """What "GAN loss" means in practice: the same discriminator, a generator that learns on.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.NonSaturating(label_smoothing=0.1)
        >>> loss.discriminator_loss(real, fake).numpy()
        array([0.45385602, 0.99815397])
        >>> loss.generator_loss(real, fake).numpy()
        array([2.12692801, 0.97407698])
    """

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """softplus(-fake_logits)."""
        return non_saturating_generator_loss(fake_logits)
