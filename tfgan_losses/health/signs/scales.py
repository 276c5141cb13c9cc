"""Real and generated examples are numbers of different sizes."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Times the standard deviation of the numbers in real examples. Generators of images begin at 0.15,
# and are above 0.25 after 200 steps; r3gan has 1.9 for a while.
_WIDE, _NARROW, _APART = 4.0, 0.1, 1.5


class Scales(Sign):
    """Mean, spread or range of generated examples is far from that of the data."""

    name = "scales"
    section = "Real and generated examples have different scales"
    remedies = (
        "data in [-1, 1] (images / 127.5 - 1) and a generator that ends in tanh, or data "
        "standardised to mean 0 and deviation 1",
        "lower learning rates of both networks, if it comes in the middle of a run",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether one of them is."""
        now = looks[-1]
        if now.real_mean is None or now.fake_mean is None or now.fake_spread is None:
            return None
        if not now.real_spread:
            return None
        ratio = now.fake_spread / now.real_spread
        apart = abs(now.fake_mean - now.real_mean) / now.real_spread
        return not _NARROW < ratio < _WIDE or apart > _APART

    def evidence(self, looks: Sequence[Look]) -> str:
        """Both scales."""
        now = looks[-1]
        return (
            "real and generated examples have different scales: mean and standard deviation are "
            f"{now.real_mean:.3g} and {now.real_spread:.3g}, generated {now.fake_mean:.3g} and "
            f"{now.fake_spread:.3g} (at most {now.real_largest:.3g} and {now.fake_largest:.3g} in "
            "absolute value)"
        )
