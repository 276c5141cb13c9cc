"""One row of the tables of flags."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from tfgan_losses.flags import checks

Value: TypeAlias = bool | int | float | str | None


class Flag(NamedTuple):
    """One row.

    Attributes:
        name: What a person types after two dashes.
        kind: `str`, `int`, `float` or `bool`; a text with `choices` is one of these.
        default: Of that kind, or None for what is decided later.
        help: One or two sentences.
        at_least: Lower bound of a number.
        at_most: Upper bound of a whole number; what TensorFlow keeps sizes and counts in.
        choices: All values that a text can have.
        of_one_call: Whether it says how to run once, not what was trained, so that flags.txt lacks
            it.
        free_on_resume: Whether it may change when a run is resumed.
        check: Raises ValueError for a value that cannot be meant; none is checked for being None.
    """

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    default: Value
    help: str
    at_least: float | None = None
    at_most: int = 2**31 - 1
    choices: tuple[str, ...] = ()
    of_one_call: bool = False
    free_on_resume: bool = False
    check: checks.Check | None = None
