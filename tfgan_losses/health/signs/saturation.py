"""The discriminator has won: what it says no longer tells the generator where to go."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Of the loss of a discriminator that cannot tell. Healthy runs are below it for hundreds of steps
# at their beginning (hinge, projection, ralsgan and rahinge on digits), but with their gradient.
_LITTLE_LEFT = 0.05
# Of the derivative at chance, and of the largest gradient that was seen. The same runs do not come
# below 0.2; the minimax generator has 2 sigmoid(f), which is 0.04 at f = -4.
_FALLEN_TO = 0.1


class Saturation(Sign):
    """The discriminator's loss stays at its lowest value, and the generator's gradient is gone."""

    name = "saturation"
    section = "The discriminator has won"
    remedies = (
        "loss='non_saturating' in place of 'minimax'",
        "penalties='r1(weight=1)', or d_normalization='spectral'",
        "a lower d_learning_rate, or d_steps=1",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether hardly anything is left of the loss and of the gradient."""
        left = looks[-1].d_left
        if left is None:
            return None
        return left < _LITTLE_LEFT and _has_fallen(looks)

    def evidence(self, looks: Sequence[Look]) -> str:
        """Loss, divergence and gradient."""
        now = looks[-1]
        divergence = (1.0 - (now.d_left or 0.0)) * math.log(2.0)
        return (
            f"the discriminator has won: its loss is {now.d_loss:.3g} where one that cannot tell "
            f"has {now.d_chance:.3g} (Jensen-Shannon estimate {divergence:.3f} of at most 0.693), "
            f"and of the generator's gradient {now.g_signal or 0.0:.2%} is left at the outputs, a "
            f"norm of {now.g_gradient or 0.0:.2g} at its weights after up to {_largest(looks):.2g}"
        )


def _largest(looks: Sequence[Look]) -> float:
    return max(look.g_gradient or 0.0 for look in looks)


def _has_fallen(looks: Sequence[Look]) -> bool:
    signal, gradient = looks[-1].g_signal, looks[-1].g_gradient
    return (signal is not None and signal < _FALLEN_TO) or (
        gradient is not None and gradient < _FALLEN_TO * _largest(looks)
    )
