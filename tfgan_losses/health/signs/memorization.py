"""The discriminator knows its examples by heart."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Held-out examples are nearer to generated ones than to those trained on.
_HALF_WAY = 0.5
# Without held-out examples: so few, seen so often, and told apart so well.
_FEW, _OFTEN, _TOLD_APART = 200, 50.0, 0.8


class Memorization(Sign):
    """Real examples that were held out are taken for generated ones; or there are very few."""

    name = "memorization"
    section = "The discriminator knows its examples by heart"
    remedies = (
        "more data",
        "penalties='lecam(weight=0.3)' or 'r1(weight=10)'",
        "a smaller discriminator (width), fewer steps, or the checkpoint before",
    )

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether held-out examples are treated as generated ones, or so few were seen so often."""
        now = looks[-1]
        if now.held_out is not None:
            return now.held_out > _HALF_WAY
        if now.size is None or now.passes is None or now.told_apart is None:
            return None
        return now.size <= _FEW and now.passes >= _OFTEN and now.told_apart >= _TOLD_APART

    def evidence(self, looks: Sequence[Look]) -> str:
        """Outputs for held-out examples, or how few there are."""
        now = looks[-1]
        if now.held_out is not None:
            return (
                f"the discriminator knows its examples by heart: held-out real ones are "
                f"{now.held_out:.0%} of the way from those to generated ones"
            )
        return (
            f"the discriminator can know its {now.size} examples by heart: each was seen "
            f"{now.passes:.0f} times, and it puts a real example above a generated one in "
            f"{now.told_apart:.0%} of pairs"
        )
