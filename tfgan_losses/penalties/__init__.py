"""Penalties on the discriminator: callables `(critic, real, fake) -> [batch]`."""

from __future__ import annotations

from typing import Any

from tfgan_losses.penalties.base import (
    GradientNormPenalty as GradientNormPenalty,
    Penalty as Penalty,
    registry as registry,
)
from tfgan_losses.penalties.dragan import Dragan as Dragan
from tfgan_losses.penalties.input_gradients import (
    input_gradients as input_gradients,
    squared_norm as squared_norm,
)
from tfgan_losses.penalties.interpolated import (
    GradientPenalty as GradientPenalty,
    LipschitzPenalty as LipschitzPenalty,
    ZeroCentered as ZeroCentered,
    interpolate as interpolate,
)
from tfgan_losses.penalties.r1_r2 import R1 as R1, R2 as R2

register = registry.register
names = registry.names


def get(identifier: Any) -> Penalty:
    """The penalty that a name, spec string, config or instance stands for.

    Raises:
        ValueError: If it is none of these; the message lists the known names.
    """
    return _checked(registry.get(identifier))


def get_all(identifiers: Any) -> list[Penalty]:
    """The penalties of a list of identifiers, or of one string with commas between specs.

    Raises:
        ValueError: As `get`; or if one penalty is given twice.
    """
    penalties = [_checked(penalty) for penalty in registry.get_all(identifiers)]
    names_given = [penalty.name for penalty in penalties]
    if len(set(names_given)) != len(names_given):
        raise ValueError(f"Expected each penalty once. Received: penalties={names_given}")
    return penalties


def _checked(penalty: Any) -> Penalty:
    if not isinstance(penalty, Penalty):
        raise ValueError(
            f"Expected a penalty: one of {names()} or a Penalty object. Received: {penalty!r}"
        )
    return penalty
