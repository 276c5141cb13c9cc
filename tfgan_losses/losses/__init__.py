"""Adversarial losses: pure functions of logits, and the classes that hold their options."""

from __future__ import annotations

import keras

from tfgan_losses.losses.base import (
    AdversarialLoss as AdversarialLoss,
    DiscriminatorLoss as DiscriminatorLoss,
    GeneratorLoss as GeneratorLoss,
    registry as registry,
)
from tfgan_losses.losses.boundary_equilibrium import (
    BoundaryEquilibrium as BoundaryEquilibrium,
    boundary_equilibrium_discriminator_loss as boundary_equilibrium_discriminator_loss,
    boundary_equilibrium_generator_loss as boundary_equilibrium_generator_loss,
    boundary_equilibrium_measure as boundary_equilibrium_measure,
    boundary_equilibrium_next_k as boundary_equilibrium_next_k,
)
from tfgan_losses.losses.energy_based import (
    EnergyBased as EnergyBased,
    energy_based_discriminator_loss as energy_based_discriminator_loss,
    energy_based_generator_loss as energy_based_generator_loss,
)
from tfgan_losses.losses.hinge import (
    Hinge as Hinge,
    hinge_discriminator_loss as hinge_discriminator_loss,
    hinge_generator_loss as hinge_generator_loss,
)
from tfgan_losses.losses.least_squares import (
    LeastSquares as LeastSquares,
    least_squares_discriminator_loss as least_squares_discriminator_loss,
    least_squares_generator_loss as least_squares_generator_loss,
)
from tfgan_losses.losses.minimax import (
    Minimax as Minimax,
    NonSaturating as NonSaturating,
    minimax_discriminator_loss as minimax_discriminator_loss,
    minimax_generator_loss as minimax_generator_loss,
    non_saturating_generator_loss as non_saturating_generator_loss,
)
from tfgan_losses.losses.relativistic import (
    Relativistic as Relativistic,
    relativistic_discriminator_loss as relativistic_discriminator_loss,
    relativistic_generator_loss as relativistic_generator_loss,
)
from tfgan_losses.losses.relativistic_average import (
    RelativisticAverage as RelativisticAverage,
    relativistic_average_discriminator_loss as relativistic_average_discriminator_loss,
    relativistic_average_generator_loss as relativistic_average_generator_loss,
)
from tfgan_losses.losses.stock import StockLoss as StockLoss
from tfgan_losses.losses.wasserstein import (
    Wasserstein as Wasserstein,
    wasserstein_discriminator_loss as wasserstein_discriminator_loss,
    wasserstein_generator_loss as wasserstein_generator_loss,
)
from tfgan_losses.registry import Identifier

register = registry.register
names = registry.names


def get(identifier: Identifier) -> AdversarialLoss:
    """The adversarial loss that an identifier stands for.

    Args:
        identifier: A name or spec string (`"hinge(margin=0.5)"`), a config, an `AdversarialLoss`,
            one of its halves, or a stock `keras.losses.Loss` of raw outputs (real 1, fake 0).

    Raises:
        ValueError: If it is none of these; the message lists the known names.

    Examples:
        >>> from tfgan_losses import losses
        >>> losses.get("hinge(margin=0.5)")
        hinge(margin=0.5)
    """
    loss = registry.resolve(identifier)
    if isinstance(loss, DiscriminatorLoss | GeneratorLoss):
        return loss.loss
    if isinstance(loss, keras.losses.Loss):
        return StockLoss(loss)
    if not isinstance(loss, AdversarialLoss):
        raise ValueError(
            f"Expected a loss: one of {names()}, an AdversarialLoss or a keras.losses.Loss. "
            f"Received: {identifier!r}"
        )
    return loss
