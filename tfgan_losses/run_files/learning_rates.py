"""Whose learning rates count when a run goes on: those of its checkpoint, or others now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN

_ROLES = {"g_optimizer": "generator", "d_optimizer": "discriminator"}
_SINCE = "learning_rates_since"


def present(gan: GAN) -> dict[str, float | None]:
    """Returns the present learning rates of both optimisers; None for a schedule."""
    return {role: _rate(getattr(gan, role)) for role in _ROLES}


def take_over(gan: GAN, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Sets the rates that a person asks for in a GAN that was restored.

    Another number than that of the record asks for it. The rate of the checkpoint stays where the
    number is the same, since callbacks may have changed it, unless the checkpoint is older than
    the wish, as after a kill.

    Args:
        gan: Restored; its optimisers may change.
        before: The record of the run.
        now: What it becomes, with the rates that the GAN was compiled with; those that count and
            the steps from which they do are written into it.

    Returns:
        A line for each rate that is another one now.
    """
    step, restored = int(gan.step.numpy()), present(gan)
    began, since = before["learning_rates"], dict(before.get(_SINCE) or {})
    lines = []
    for role, given in now["learning_rates"].items():
        asked = given != began.get(role) or step <= since.get(role, -1)
        # A schedule has no rate to set. The same model that trains again brings what it has.
        if given is None or not asked or given == restored[role]:
            now["learning_rates"][role] = began.get(role) if given is not None else None
            continue
        getattr(gan, role).learning_rate = given
        since[role] = step
        lines.append(
            f"Learning rate of the {_ROLES[role]}: {restored[role]:.6g} before, {given:.6g} now."
        )
    if since:
        now[_SINCE] = since
    return lines


def changes_of_kind(before: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    """Returns a phrase for each optimiser that has a schedule in only one of two records."""
    phrases = {}
    for role, given in now["learning_rates"].items():
        began = before["learning_rates"].get(role, given)
        if (began is None) != (given is None):
            sides = ["a schedule" if rate is None else f"{rate:.6g}" for rate in (began, given)]
            phrases[role] = (
                f"learning_rate of the {_ROLES[role]}: {sides[0]} before, {sides[1]} now"
            )
    return phrases


def _rate(optimizer: keras.optimizers.Optimizer) -> float | None:
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    if isinstance(inner._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return None
    return float(keras.ops.convert_to_numpy(inner.learning_rate))
