"""The critic is far from the slope that makes its outputs a distance."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Times the slope that the penalty asks for; on digits it is 1.0 to 1.3 from step 20 on, with a
# learning rate that is 100 times too large 0.8 to 1.6.
_STEEP, _FLAT = 3.0, 0.1
# Of a critic that no penalty bounds; clipped weights have 0.004 on digits.
_UNBOUNDED = 100.0


class Slope(Sign):
    """The gradient between real and generated examples is far above or below its bound."""

    name = "slope"
    section = "The critic is too steep or too flat"
    remedies = (
        "a larger weight of the penalty, or one at all: penalties='gradient_penalty(weight=10)'",
        "no batch normalisation in the discriminator (d_normalization='layer')",
        "a lower d_learning_rate where it is too steep, more d_steps where it is too flat",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether the slope is far from its bound."""
        now = looks[-1]
        if now.slope is None:
            return None
        if now.slope_bound is None:
            return now.slope > _UNBOUNDED
        flat = now.slope < _FLAT * now.slope_bound and not now.slope_may_be_low
        return flat or now.slope > _STEEP * now.slope_bound

    def evidence(self, looks: Sequence[Look]) -> str:
        """The slope and its bound."""
        now = looks[-1]
        bound = "no penalty bounds it"
        if now.slope_bound is not None:
            bound = f"{now.slope_bound:.3g} is asked for"
        return (
            f"the critic's slope between real and generated examples is {now.slope:.3g} on "
            f"average, where {bound}; its outputs measure no distance"
        )
