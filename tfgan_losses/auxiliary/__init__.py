"""Auxiliary objectives: terms of both losses beside the adversarial one."""

from __future__ import annotations

from typing import Any

from tfgan_losses.auxiliary.base import Auxiliary as Auxiliary, registry as registry
from tfgan_losses.auxiliary.classification import (
    Classification as Classification,
    class_loss as class_loss,
)
from tfgan_losses.auxiliary.mutual_information import (
    MutualInformation as MutualInformation,
    categorical_log_likelihood as categorical_log_likelihood,
    gaussian_log_likelihood as gaussian_log_likelihood,
)
from tfgan_losses.auxiliary.pull_away import (
    PullAway as PullAway,
    pull_away_term as pull_away_term,
)

register = registry.register
names = registry.names


def get(identifier: Any) -> Auxiliary:
    """The objective that a name, spec string, config or instance stands for.

    Raises:
        ValueError: If it is none of these; the message lists the known names.
    """
    return _checked(registry.get(identifier))


def get_all(identifiers: Any) -> list[Auxiliary]:
    """The objectives of a list of names, specs, configs or objects, or of one string of specs.

    Raises:
        ValueError: If one is none of these; the message lists the known names.
    """
    return [_checked(one) for one in registry.get_all(identifiers)]


def _checked(one: Any) -> Auxiliary:
    if not isinstance(one, Auxiliary):
        raise ValueError(
            f"Expected an auxiliary objective: one of {names()} or an Auxiliary object. "
            f"Received: {one!r}"
        )
    return one
