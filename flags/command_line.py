"""From the rows of `definitions` to the flags of one command, and back to text."""

from __future__ import annotations

from collections.abc import Sequence

from absl import flags as absl_flags
from absl.flags import FlagValues
from tfgan_losses.flags.definitions import GROUPS, Flag

_KINDS = {str: "string", int: "integer", float: "float", bool: "bool"}


def parse(groups: Sequence[str], arguments: Sequence[str]) -> FlagValues:
    """Returns the flags of some groups with the values that a person gave.

    Args:
        groups: Names of `definitions.GROUPS`.
        arguments: What was typed, such as `["--steps=10", "--flagfile=flags.txt"]`.

    Raises:
        ValueError: If a flag is unknown or its value is none that it can have, or if something
            else than a flag was typed.
    """
    flags = _define(groups)
    try:
        # absl expects the name of the program first.
        _, *others = flags(["", *arguments])
    except absl_flags.Error as error:
        raise ValueError(str(error)) from error
    if others:
        raise ValueError(f"Expected flags only, each with two dashes. Received: {others}")
    return flags


def _define(groups: Sequence[str]) -> FlagValues:
    flags = FlagValues()
    for group in groups:
        for row in GROUPS[group]:
            _define_row(row, group, flags)
    return flags


def _define_row(row: Flag, group: str, flags: FlagValues) -> None:
    define = getattr(absl_flags, f"DEFINE_{'enum' if row.choices else _KINDS[row.kind]}")
    bounds: dict[str, object] = {"enum_values": row.choices} if row.choices else {}
    if row.at_least is not None:
        bounds["lower_bound"] = row.at_least
    # absl prints the flags of each `module_name` under a heading of that name.
    define(row.name, row.default, help=row.help, flag_values=flags, module_name=group, **bounds)


def help_text(groups: Sequence[str]) -> str:
    """Returns the help of all flags of some groups under their headings."""
    flags = _define(groups)
    return "\n\n".join(flags.module_help(group).strip() for group in groups)


def flagfile_text(flags: FlagValues) -> str:
    """Returns the values of all flags as a flagfile; what a recipe decides stays open."""
    lines = []
    for group, rows in GROUPS.items():
        kept = [row.name for row in rows if row.name in flags and not row.of_one_call]
        lines += [f"# {group}"] if kept else []
        lines += filter(None, [flags[name].serialize() for name in kept])
    return "\n".join(lines) + "\n"
