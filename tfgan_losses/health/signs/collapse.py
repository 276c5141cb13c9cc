"""The generator makes few different examples."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Of the mean distance of two real examples.
_ALIKE = 0.3
# Of the data. Sampling alone leaves out less: a region has some eight samples.
_MISSED = 0.25


class Collapse(Sign):
    """Generated examples are alike, or none is made where much of the data is."""

    name = "collapse"
    section = "The generator makes few different examples"
    remedies = (
        "penalties='r1(weight=1), r2(weight=1)' with loss='relativistic' (the recipe r3gan), or "
        "the recipe wgan-lp",
        "lower learning rates of both networks, or a larger batch_size",
        "labels, if the data has them (condition='labels')",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether examples are alike or regions of the data are missed."""
        now = looks[-1]
        ratio = _ratio(now)
        if ratio is None and now.missed is None:
            return None
        return (ratio is not None and ratio < _ALIKE) or (now.missed or 0.0) > _MISSED

    def evidence(self, looks: Sequence[Look]) -> str:
        """Distances, and what is missed of points."""
        now = looks[-1]
        told = (
            f"the generator makes few different examples: two of them are {now.fake_diversity:.3g} "
            f"apart on average, two real ones {now.real_diversity:.3g}"
        )
        missed = now.missed
        return told if missed is None else f"{told}, and {missed:.0%} of the data lies where none is"


def _ratio(look: Look) -> float | None:
    if look.fake_diversity is None or not look.real_diversity:
        return None
    return look.fake_diversity / look.real_diversity
