"""The three functions of tf-GANs-Loss, for those who port code: same strings, same values.

Each returns one scalar. New code is better served by `tfgan_losses.losses` and
`tfgan_losses.penalties`, which have the options of the papers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from tfgan_losses import losses, penalties

# gan_type -> (loss, penalty). LSGAN without the paper's 1/2; every penalty with weight 10.
_TABLE = {
    "gan": ("non_saturating", None),
    "lsgan": ("least_squares", None),
    "wgan": ("wasserstein", None),
    "wgan-gp": ("wasserstein", "gradient_penalty(weight=10)"),
    "wgan-lp": ("wasserstein", "lipschitz_penalty(weight=10)"),
    "dragan": ("non_saturating", "dragan(weight=10)"),
    "hinge": ("hinge", None),
}


def discriminator_loss(gan_type: str, real: Any, fake: Any) -> Any:
    """What the discriminator minimises, a scalar.

    Args:
        gan_type: "gan", "lsgan", "wgan", "wgan-gp", "wgan-lp", "dragan" or "hinge".
        real: Raw outputs on real examples, any shape.
        fake: Raw outputs on generated examples, the same shape.

    Raises:
        ValueError: If the gan_type is unknown or the shapes differ.
    """
    real, fake = (ops.convert_to_tensor(x) for x in (real, fake))
    return ops.mean(losses.get(_row(gan_type)[0]).discriminator_loss(real, fake))


def generator_loss(gan_type: str, fake: Any) -> Any:
    """What the generator minimises, a scalar.

    Args:
        gan_type: As for `discriminator_loss`.
        fake: Raw outputs on generated examples, any shape.

    Raises:
        ValueError: If the gan_type is unknown.
    """
    fake = ops.convert_to_tensor(fake)
    return ops.mean(losses.get(_row(gan_type)[0]).generator_loss(None, fake))


def gradient_penalty(
    gan_type: str, discriminator: Callable[[Any], Any], real: Any, fake: Any
) -> Any:
    """The gradient penalty to add to the discriminator's loss, a scalar; the weight 10 included.

    Args:
        gan_type: As for `discriminator_loss`. Those without a penalty give 0.
        discriminator: Maps examples to raw outputs.
        real: Real examples [batch, ...].
        fake: Generated examples, the same shape.

    Raises:
        ValueError: If the gan_type is unknown or the shapes differ.
    """
    penalty = _row(gan_type)[1]
    if penalty is None:
        return ops.zeros(())
    return ops.mean(penalties.get(penalty)(discriminator, real, fake))


def _row(gan_type: str) -> tuple[str, str | None]:
    if gan_type not in _TABLE:
        raise ValueError(
            f"Unknown gan_type. Expected one of {list(_TABLE)}. Received: {gan_type!r}"
        )
    return _TABLE[gan_type]
