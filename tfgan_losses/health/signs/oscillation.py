"""The two networks push each other about instead of going anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Looks that are compared with as many before them.
_LATEST = 6
# How often real and generated examples change places among these.
_CHANGES = 3
_GROWTH = 2.0
# Times the loss of a discriminator that cannot tell: it is wrong, and sure of it.
_WORSE_THAN_CHANCE = 1.5


class Oscillation(Sign):
    """The outputs for real and generated examples change places, further and further."""

    name = "oscillation"
    section = "The networks swing"
    remedies = (
        "lower learning rates of both networks (g_learning_rate, d_learning_rate)",
        "beta_1 of Adam at 0.5 or 0 in place of 0.9",
        "penalties='r1(weight=1)', and ema_decay=0.999 for the samples",
    )
    in_a_row = 2

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether the gap changes its sign and grows, or the loss is above that of chance."""
        gaps = [look.gap for look in looks if look.gap is not None]
        if len(gaps) < 2 * _LATEST:
            return None
        before, latest = gaps[-2 * _LATEST : -_LATEST], gaps[-_LATEST:]
        changes = sum(a * b < 0.0 for a, b in zip(latest, latest[1:], strict=False))
        grows = _swing(latest) > _GROWTH * _swing(before)
        wrong = sum((look.d_left or 0.0) > _WORSE_THAN_CHANCE for look in looks[-_LATEST:])
        return changes >= _CHANGES and (grows or wrong >= _CHANGES)

    def evidence(self, looks: Sequence[Look]) -> str:
        """The latest gaps."""
        gaps = [look.gap for look in looks if look.gap is not None][-_LATEST:]
        told = ", ".join(f"{gap:.3g}" for gap in gaps)
        return (
            "the networks swing: the mean output for real examples minus that for generated ones "
            f"was {told} at the latest looks"
        )


def _swing(gaps: Sequence[float]) -> float:
    return max(gaps) - min(gaps)
