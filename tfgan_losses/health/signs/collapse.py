"""The generator makes few different examples."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Of the mean distance of two real examples. Healthy recipes on digits end at 0.6 to 1.05, and all
# begin at 0.1 to 0.2, some for 500 steps (ralsgan, rahinge): that is a collapse only if it comes
# after better ones, or does not end.
_ALIKE = 0.25
_HAS_BEEN = 2.0  # times what it is now
# Of the data. On ring8 and grid25 wgan-lp, r3gan and r1gan miss up to 0.2 in the first six looks
# and 0.04 later; gan with 4 of 8 and 13 of 25 modes 0.2 to 0.45, hinge with 20 of 25 modes 0.17.
_MISSED = 0.15
# Times the standard deviation of the numbers in real examples.
_NARROW = 0.1
# Looks after which it counts that nothing becomes better, and by how much it would.
_LONG, _BETTER = 8, 1.2


class Collapse(Sign):
    """Generated examples are alike, or none is made where much of the data is."""

    name = "collapse"
    section = "The generator makes few different examples"
    remedies = (
        "a zero-centred penalty, such as penalties='r1(weight=1), r2(weight=1)' with "
        "loss='relativistic', or the recipe wgan-lp",
        "lower learning rates of both networks, or a larger batch_size",
        "condition='labels', if the data has them",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether examples have become or stayed alike, or much of the data stays missed."""
        if _is_far_too_narrow(looks[-1]):
            return None
        alike = _are_alike([ratio for ratio in map(_ratio, looks) if ratio is not None])
        missed = _is_missed([look.missed for look in looks if look.missed is not None])
        return True if alike or missed else None if None in (alike, missed) else False

    def evidence(self, looks: Sequence[Look]) -> str:
        """Distances, and what is missed of points."""
        now = looks[-1]
        told = (
            f"the generator makes few different examples: two are {now.fake_diversity:.3g} apart "
            f"on average, two real ones {now.real_diversity:.3g}"
        )
        where = "of the data is where none is made"
        return told if now.missed is None else f"{told}, and {now.missed:.0%} {where}"


def _is_far_too_narrow(look: Look) -> bool:
    """Of numbers as good as constant, `Scales` says more."""
    fake, real = look.fake_spread, look.real_spread
    return fake is not None and real is not None and fake < _NARROW * real


def _are_alike(ratios: Sequence[float]) -> bool | None:
    if not ratios or ratios[-1] > _ALIKE:
        return False
    if max(ratios) > max(_ALIKE, _HAS_BEEN * ratios[-1]):
        return True
    # Not that it is absent: a run that goes on has no looks of before.
    return None if len(ratios) < _LONG else ratios[-1] < _BETTER * ratios[-_LONG]


def _is_missed(shares: Sequence[float]) -> bool | None:
    if not shares or shares[-1] < _MISSED:
        return False
    latest = shares[-_LONG:]
    if len(latest) < _LONG:
        return None
    return min(latest) > _MISSED and _BETTER * latest[-1] > latest[0]


def _ratio(look: Look) -> float | None:
    if look.fake_diversity is None or not look.real_diversity:
        return None
    return look.fake_diversity / look.real_diversity
