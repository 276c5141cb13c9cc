"""Penalties on the discriminator: callables `(critic, real, fake) -> [batch]`, and LeCam's."""

from tfgan_losses.penalties.base import (
    GradientNormPenalty as GradientNormPenalty,
    Penalty as Penalty,
    registry as registry,
)
from tfgan_losses.penalties.consistency import (
    BalancedConsistency as BalancedConsistency,
    Consistency as Consistency,
    flip_and_shift as flip_and_shift,
)
from tfgan_losses.penalties.dragan import Dragan as Dragan
from tfgan_losses.penalties.interpolated import (
    GradientPenalty as GradientPenalty,
    LipschitzPenalty as LipschitzPenalty,
    ZeroCentered as ZeroCentered,
    interpolate as interpolate,
)
from tfgan_losses.penalties.lecam import LeCam as LeCam, lecam_penalty as lecam_penalty
from tfgan_losses.penalties.max_gradient import MaxGradient as MaxGradient
from tfgan_losses.penalties.measures import squared_norm as squared_norm
from tfgan_losses.penalties.pixel_gradient import PixelGradientPenalty as PixelGradientPenalty
from tfgan_losses.penalties.r1_r2 import (
    R1 as R1,
    R2 as R2,
    automatic_weight as automatic_weight,
)
from tfgan_losses.training.critic import input_gradients as input_gradients

register = registry.register
names = registry.names
get = registry.get
get_all = registry.get_all
