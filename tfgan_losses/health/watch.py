"""When a sign is worth a line, and when it is not."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

from tfgan_losses.health.look import Look
from tfgan_losses.health.sign import Sign

# Looks that signs can go back to.
_REMEMBERED = 64
# Of one sign in one run: what comes a fourth time is no news.
_MOST_LINES = 3


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line that was told.

    Attributes:
        step: Steps by then.
        sign: Name of the sign.
        text: The line: evidence, remedies, section of the documentation.
    """

    step: int
    sign: str
    text: str


@dataclasses.dataclass
class _State:
    shown: int = 0
    absent: int = 0
    told: int = 0
    is_present: bool = False


class Watch:
    """Goes from looks to lines: one when a sign has come to stay, another if it comes back.

    Args:
        signs: What is looked for.
        every: Steps between two looks; the grace of a sign is so many of them.
        told: What was told before, by a run that goes on.
    """

    def __init__(self, signs: Sequence[Sign], *, every: int, told: Iterable[Finding] = ()):
        self._every = every
        self._looks: collections.deque[Look] = collections.deque(maxlen=_REMEMBERED)
        self._states = {sign: _State() for sign in signs}
        for finding in told:
            for sign, state in self._states.items():
                if sign.name == finding.sign:
                    state.told, state.is_present = state.told + 1, True

    def findings(self, look: Look) -> list[Finding]:
        """Returns what is to be told after one more look."""
        self._looks.append(_finite(look))
        looks = list(self._looks)
        return [
            Finding(look.step, sign.name, sign.line(looks))
            for sign, state in self._states.items()
            if look.step > sign.grace * self._every and _is_news(sign, state, looks)
        ]


def _is_news(sign: Sign, state: _State, looks: Sequence[Look]) -> bool:
    shows = sign.shows(looks)
    if shows is None:
        return False
    state.shown, state.absent = (state.shown + 1, 0) if shows else (0, state.absent + 1)
    if state.absent >= sign.in_a_row:
        state.is_present = False
    if state.is_present or state.shown < sign.in_a_row:
        return False
    state.is_present = True
    state.told += 1
    return state.told <= _MOST_LINES


def _finite(look: Look) -> Look:
    """Returns the look without numbers that are none: nothing can be told from these."""
    values = {field.name: getattr(look, field.name) for field in dataclasses.fields(look)}
    bad = (k for k, x in values.items() if isinstance(x, float) and not math.isfinite(x))
    nothing: dict[str, Any] = dict.fromkeys(bad)
    return dataclasses.replace(look, **nothing)
