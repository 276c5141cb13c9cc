"""Relativistic average losses: is an example more real than the mean of the other kind?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from keras import ops

from tfgan_losses import replicas
from tfgan_losses.losses.base import AdversarialLoss, as_float, check_logits, registry
from tfgan_losses.types import Logits, Tensor

# Of what should be high (an example minus the mean of the other kind) and what should be low.
_Base: TypeAlias = Callable[[Tensor, Tensor], Tensor]
_BASES: dict[str, _Base] = {
    "non_saturating": lambda high, low: ops.softplus(-high) + ops.softplus(low),
    "least_squares": lambda high, low: ops.square(high - 1.0) + ops.square(low + 1.0),
    "hinge": lambda high, low: ops.relu(1.0 - high) + ops.relu(1.0 + low),
}


def relativistic_average_discriminator_loss(
    real_logits: Logits, fake_logits: Logits, *, base: str = "non_saturating"
) -> Tensor:
    """With h = r - E f, which should be high, and l = f - E r, which should be low.

    | base | paper's name | loss |
    |---|---|---|
    | `"non_saturating"` | RaSGAN | softplus(-h) + softplus(l) |
    | `"least_squares"` | RaLSGAN | (h - 1)^2 + (l + 1)^2 |
    | `"hinge"` | RaHingeGAN | relu(1 - h) + relu(1 + l) |

    E is the mean over all outputs of the batch and of all replicas, and gradients flow through it.

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape.
        base: The loss that is made relativistic.

    Returns:
        Unreduced values, the shape of the logits.

    Raises:
        ValueError: If the base is unknown, or the shapes differ.

    References:
        Jolicoeur-Martineau, 2018, The relativistic discriminator: a key element missing from
        standard GAN, arXiv:1807.00734.
    """
    check_logits(real_logits, fake_logits)
    real_logits, fake_logits = as_float(real_logits), as_float(fake_logits)
    return _checked_base(base)(_above(real_logits, fake_logits), _above(fake_logits, real_logits))


def relativistic_average_generator_loss(
    real_logits: Logits, fake_logits: Logits, *, base: str = "non_saturating"
) -> Tensor:
    """The discriminator's loss with the roles exchanged: f - E r should be high, r - E f low.

    The term of the real examples is no constant: it reaches the generator through E f.

    Args:
        real_logits: Raw outputs on real examples, any shape.
        fake_logits: Raw outputs on generated examples, the same shape.
        base: The loss that is made relativistic.

    Returns:
        Unreduced values, the shape of the logits.

    Raises:
        ValueError: If the base is unknown, or the shapes differ.

    References:
        Jolicoeur-Martineau, 2018, arXiv:1807.00734.
    """
    check_logits(real_logits, fake_logits)
    return relativistic_average_discriminator_loss(fake_logits, real_logits, base=base)


def _above(logits: Tensor, others: Tensor) -> Tensor:
    return logits - ops.cast(replicas.global_mean(others), logits.dtype)


def _checked_base(base: str) -> _Base:
    if base not in _BASES:
        raise ValueError(f"Expected base to be one of {sorted(_BASES)}. Received: base={base!r}")
    return _BASES[base]


@registry.register("relativistic_average")
class RelativisticAverage(AdversarialLoss):
    """RaGAN: RaSGAN, RaLSGAN or RaHingeGAN, by `base`.

    Args:
        base: `"non_saturating"`, `"least_squares"` or `"hinge"`.

    Raises:
        ValueError: If the base is none of these.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> real, fake = np.array([2.0, 0.5]), np.array([-2.0, -0.5])
        >>> loss = losses.RelativisticAverage(base="hinge")
        >>> loss.discriminator_loss(real, fake).numpy()
        array([0., 0.])
        >>> loss.generator_loss(real, fake).numpy()
        array([8.5, 5.5])
    """

    needs_real = True
    sees_batch = True

    def __init__(self, *, base: str = "non_saturating"):
        _checked_base(base)
        self.base = base

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """The base on r - E f (high) and f - E r (low)."""
        return relativistic_average_discriminator_loss(real_logits, fake_logits, base=self.base)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """The base on f - E r (high) and r - E f (low)."""
        return relativistic_average_generator_loss(real_logits, fake_logits, base=self.base)

    def get_config(self) -> dict[str, Any]:
        """The base."""
        return {"base": self.base}
