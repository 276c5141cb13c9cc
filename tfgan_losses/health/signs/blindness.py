"""The discriminator cannot tell what a glance at the examples tells."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# A discriminator that guesses has 1/2; healthy ones come down to 0.6 (infogan on digits).
_GUESSES = 0.55
# Right answers of the nearest neighbour, which has 1/2, too, where there is nothing to tell. On
# digits it comes below 0.9 within 500 steps.
_EASY = 0.95


class Blindness(Sign):
    """The discriminator guesses, while nearest neighbours tell real from generated examples."""

    name = "blindness"
    section = "The discriminator sees nothing"
    remedies = (
        "a larger discriminator (width), with layers that suit the data (model)",
        "more updates of it (d_steps), or a higher d_learning_rate",
        "a weaker penalty on it",
    )
    in_a_row = 4

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether it guesses where there is something to see."""
        told, neighbours = looks[-1].told_apart, looks[-1].neighbours
        if told is None or neighbours is None:
            return None
        return told < _GUESSES and neighbours > _EASY

    def evidence(self, looks: Sequence[Look]) -> str:
        """How often each of them is right."""
        now = looks[-1]
        return (
            f"the discriminator sees nothing: it puts a real example above a generated one in "
            f"{now.told_apart:.0%} of pairs, where guessing gives 50%, while {now.neighbours:.0%} "
            "of examples have their nearest neighbour among their own kind"
        )
