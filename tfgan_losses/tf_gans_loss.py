"""The three functions of tf-GANs-Loss, for those who port code: same strings, same values.

Each returns one scalar. New code is better served by `tfgan_losses.losses` and
`tfgan_losses.penalties`, which have the options of the papers.
"""

from __future__ import annotations

from collections.abc import Callable

from keras import ops

from tfgan_losses import losses
from tfgan_losses.names import unknown
from tfgan_losses.penalties import Dragan, GradientPenalty, LipschitzPenalty, Penalty
from tfgan_losses.types import Examples, Logits, Tensor

# gan_type -> (loss, penalty). LSGAN without the paper's 1/2; every penalty with weight 10.
_TABLE: dict[str, tuple[str, Penalty | None]] = {
    "gan": ("non_saturating", None),
    "lsgan": ("least_squares", None),
    "wgan": ("wasserstein", None),
    "wgan-gp": ("wasserstein", GradientPenalty(weight=10)),
    "wgan-lp": ("wasserstein", LipschitzPenalty(weight=10)),
    "dragan": ("non_saturating", Dragan(weight=10)),
    "hinge": ("hinge", None),
}


def discriminator_loss(gan_type: str, real: Logits, fake: Logits) -> Tensor:
    """What the discriminator minimises, a scalar.

    Args:
        gan_type: "gan", "lsgan", "wgan", "wgan-gp", "wgan-lp", "dragan" or "hinge".
        real: Raw outputs on real examples, any shape.
        fake: Raw outputs on generated examples, the same shape.

    Raises:
        ValueError: If the gan_type is unknown or the shapes differ.

    Examples:
        >>> import numpy as np
        >>> import tfgan_losses
        >>> float(tfgan_losses.discriminator_loss("lsgan", np.array([1.0]), np.array([0.0])))
        0.0
    """
    real, fake = (ops.convert_to_tensor(x) for x in (real, fake))
    return ops.mean(losses.get(_loss_and_penalty(gan_type)[0]).discriminator_loss(real, fake))


def generator_loss(gan_type: str, fake: Logits) -> Tensor:
    """What the generator minimises, a scalar.

    Args:
        gan_type: As for `discriminator_loss`.
        fake: Raw outputs on generated examples, any shape.

    Raises:
        ValueError: If the gan_type is unknown.

    Examples:
        >>> import numpy as np
        >>> import tfgan_losses
        >>> float(tfgan_losses.generator_loss("wgan-gp", np.array([2.0, 4.0])))
        -3.0
    """
    fake = ops.convert_to_tensor(fake)
    return ops.mean(losses.get(_loss_and_penalty(gan_type)[0]).generator_loss(None, fake))


def gradient_penalty(
    gan_type: str, discriminator: Callable[[Examples], Logits], real: Examples, fake: Examples
) -> Tensor:
    """The gradient penalty to add to the discriminator's loss, a scalar; the weight 10 included.

    Args:
        gan_type: As for `discriminator_loss`. Those without a penalty give 0.
        discriminator: Maps examples to raw outputs.
        real: Real examples [batch, ...].
        fake: Generated examples, the same shape.

    Raises:
        ValueError: If the gan_type is unknown or the shapes differ.
    """
    penalty = _loss_and_penalty(gan_type)[1]
    if penalty is None:
        return ops.zeros(())
    return ops.mean(penalty(discriminator, real, fake))


def _loss_and_penalty(gan_type: str) -> tuple[str, Penalty | None]:
    if gan_type not in _TABLE:
        raise ValueError(unknown("gan_type", gan_type, _TABLE))
    return _TABLE[gan_type]
