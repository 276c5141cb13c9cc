"""The two networks push each other about instead of going anywhere."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Looks that are compared, and how often it must change sides among them. No healthy recipe on
# digits ever does after its third look, and noise around 1/2 stays within 0.1 of it: the share is
# one of thousands of pairs.
_LATEST, _CHANGES = 8, 2
_BELOW, _ABOVE = 0.4, 0.6


class Oscillation(Sign):
    """The discriminator is right and wrong in turn: both networks go too far at each step."""

    name = "oscillation"
    section = "The networks swing"
    remedies = (
        "lower learning rates of both networks (g_learning_rate, d_learning_rate)",
        "beta_1 of Adam at 0.5 or 0 in place of 0.9",
        "penalties='r1(weight=1)', and ema_decay=0.999 for the samples",
    )
    in_a_row = 2

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether the latest looks go from one side to the other again and again."""
        shares = [look.told_apart for look in looks if look.told_apart is not None][-_LATEST:]
        if len(shares) < _LATEST:
            return None
        return _changes(shares) >= _CHANGES

    def evidence(self, looks: Sequence[Look]) -> str:
        """The latest shares."""
        shares = [look.told_apart for look in looks if look.told_apart is not None][-_LATEST:]
        told = ", ".join(f"{share:.0%}" for share in shares)
        return (
            "the networks swing: the discriminator put real examples above generated ones in "
            f"{told} of pairs at the latest looks"
        )


def _changes(shares: Sequence[float]) -> int:
    """Returns how often clearly wrong follows on clearly right, or the other way round."""
    sides = [share > _ABOVE for share in shares if not _BELOW <= share <= _ABOVE]
    return sum(a != b for a, b in itertools.pairwise(sides))
