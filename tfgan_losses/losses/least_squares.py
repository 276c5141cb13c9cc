"""Least squares instead of cross-entropy (LSGAN)."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfgan_losses.losses.base import AdversarialLoss, check_logits, registry
from tfgan_losses.types import Logits, Tensor


def least_squares_discriminator_loss(
    real_logits: Logits, fake_logits: Logits, *, a: float = 0.0, b: float = 1.0, scale: float = 1.0
) -> Tensor:
    """scale ((r - b)^2 + (f - a)^2).

    Args:
        real_logits: Raw outputs on real examples, any shape; no sigmoid.
        fake_logits: Raw outputs on generated examples, the same shape.
        a: Target for generated examples.
        b: Target for real examples. 0.9 is one-sided label smoothing.
        scale: 1.0 as in tf-GANs-Loss, 0.5 as in the paper.

    Returns:
        Unreduced values, the shape of the logits.

    References:
        Mao et al., 2017, Least Squares Generative Adversarial Networks, equation 2.
    """
    check_logits(real_logits, fake_logits)
    return scale * (ops.square(real_logits - b) + ops.square(fake_logits - a))


def least_squares_generator_loss(
    fake_logits: Logits, *, c: float = 1.0, scale: float = 1.0
) -> Tensor:
    """scale (f - c)^2, of any shape; `c` is what the generator wants to be taken for.

    Args:
        fake_logits: Raw outputs on generated examples, any shape.
        c: What they are drawn to.
        scale: Factor of the loss.

    References:
        Mao et al., 2017, Least Squares Generative Adversarial Networks, equation 2.
    """
    return scale * ops.square(fake_logits - c)


@registry.register("least_squares")
class LeastSquares(AdversarialLoss):
    """LSGAN. a=0, b=c=1 is the paper's 0-1 coding; a=-1, b=1, c=0 is Pearson's chi^2.

    Args:
        a: What outputs on generated examples are drawn to.
        b: What those on real ones are drawn to, above `a`.
        c: What the generator wants them to be.
        scale: Factor of both losses, above 0; 0.5 is the paper's.

    Raises:
        ValueError: If the scale is not above 0, or `b` not above `a`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.LeastSquares(scale=0.5)
        >>> loss.discriminator_loss(real, fake).numpy()
        array([2.5 , 0.25])
        >>> loss.generator_loss(real, fake).numpy()
        array([4.5  , 1.125])
    """

    def __init__(self, *, a: float = 0.0, b: float = 1.0, c: float = 1.0, scale: float = 1.0):
        if scale <= 0:
            raise ValueError(f"Expected scale > 0. Received: scale={scale}")
        if not b > a:
            raise ValueError(
                "Expected b (real) above a (generated): higher outputs mean more real. "
                f"Received: a={a}, b={b}"
            )
        self.a, self.b, self.c, self.scale = a, b, c, scale

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """scale ((r - b)^2 + (f - a)^2)."""
        return least_squares_discriminator_loss(
            real_logits, fake_logits, a=self.a, b=self.b, scale=self.scale
        )

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """scale (f - c)^2."""
        return least_squares_generator_loss(fake_logits, c=self.c, scale=self.scale)

    def get_config(self) -> dict[str, Any]:
        """a, b, c and scale."""
        return {"a": self.a, "b": self.b, "c": self.c, "scale": self.scale}
