"""A weight is no number any more, and the losses do not show it."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign


class Weights(Sign):
    """A NaN or an infinity in a weight; `StopOnNonFinite`, which every `Run` has, ends there."""

    name = "weights"
    section = "The run has diverged"
    remedies = (
        "callbacks.StopOnNonFinite() first among the callbacks, which ends such a run",
        "a lower learning rate, from a checkpoint of before",
        "a larger penalty weight, or spectral normalisation in the discriminator",
    )
    in_a_row = 1
    grace = 0

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether there is one."""
        return looks[-1].bad_weight is not None

    def evidence(self, looks: Sequence[Look]) -> str:
        """Which one."""
        bad = looks[-1].bad_weight
        return f"{bad} is not finite, which the losses may hide: a ReLU makes 0 of NaN"
