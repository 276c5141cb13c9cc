"""The discriminator has won: what it says no longer tells the generator where to go."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Parts of the loss of a discriminator that cannot tell.
_LITTLE_LEFT = 0.05
_NOTHING_LEFT = 0.01
# Of the largest gradient that was seen.
_FALLEN_TO = 0.1


class Saturation(Sign):
    """The discriminator's loss stays at its lowest value, and the generator's gradient falls."""

    name = "saturation"
    section = "The discriminator has won"
    remedies = (
        "loss='non_saturating' in place of 'minimax'",
        "a penalty such as penalties='r1(weight=1)' or d_normalization='spectral'",
        "a lower d_learning_rate, or d_steps=1",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether hardly anything is left of the loss, with a gradient that has fallen."""
        left = looks[-1].d_left
        if left is None:
            return None
        return left < _NOTHING_LEFT or (left < _LITTLE_LEFT and _has_fallen(looks))

    def evidence(self, looks: Sequence[Look]) -> str:
        """Loss, divergence and gradient."""
        now = looks[-1]
        left = now.d_left or 0.0
        divergence = (1.0 - left) * math.log(2.0)
        return (
            f"the discriminator has won: its loss is {now.d_loss:.3g}, where {now.d_best:.3g} is "
            f"the lowest and {now.d_chance:.3g} that of one that cannot tell (as an estimate of "
            f"the Jensen-Shannon divergence {divergence:.3f} of at most log 2 = 0.693), and the "
            f"generator's gradient has a norm of {now.g_gradient or 0.0:.3g} after up to "
            f"{_largest(looks):.3g}"
        )


def _largest(looks: Sequence[Look]) -> float:
    return max((look.g_gradient or 0.0 for look in looks), default=0.0)


def _has_fallen(looks: Sequence[Look]) -> bool:
    now = looks[-1].g_gradient
    return now is not None and now < _FALLEN_TO * _largest(looks)
