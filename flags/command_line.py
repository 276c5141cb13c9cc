"""From the rows of `definitions` to the flags of one command, and back to text."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from absl import flags as absl_flags
from absl.flags import FlagValues
from tfgan_losses.flags.definitions import GROUPS, rows_of
from tfgan_losses.flags.flag import Flag

from tfgan_losses.names import did_you_mean, did_you_mean_path, nearest

_OF_ALL_COMMANDS = """of all commands:
  --flagfile: Read flags from a file with one in each line, such as the flags.txt
    of a run, which repeats it, or flags/presets/mnist.flags. What stands behind
    it in the command wins.
  --help: Print this."""


def parse(groups: Sequence[str], arguments: Sequence[str]) -> FlagValues:
    """Returns the flags of some groups with the values that a person gave.

    Args:
        groups: Names of groups of `definitions`.
        arguments: What was typed, such as `["--steps=10", "--flagfile=flags.txt"]`.

    Raises:
        ValueError: If a flag is unknown or its value is none that it can have, a flagfile cannot
            be read, or something else than a flag was typed.
    """
    flags = _define(groups)
    if {"--flagfile=", "-flagfile="} & set(arguments):
        # absl reads no flags then, and all of them would be the defaults.
        raise ValueError("Expected --flagfile=<file>. Received: --flagfile=")
    try:
        # absl expects the name of the program first.
        _, *others = flags(["", *arguments])
    except absl_flags.Error as error:
        raise ValueError(_in_words(error)) from error
    except UnicodeDecodeError as error:
        raise ValueError("Expected a flagfile of text. Received: one of bytes") from error
    if others:
        raise ValueError(_refusal(others, list(flags)))
    for row in _rows(groups):
        value = flags[row.name].value
        if row.check is not None and value is not None:
            try:
                row.check(value, flags)
            except ValueError as error:
                raise ValueError(f"--{row.name}: {error}") from error
    return flags


def _rows(groups: Sequence[str]) -> list[Flag]:
    return [row for group in groups for row in rows_of(group)]


def _in_words(error: absl_flags.Error) -> str:
    """Returns what absl says, with the file that may have been meant."""
    if isinstance(error, absl_flags.UnrecognizedFlagError):
        return re.sub(r" \?$", "?", str(error))
    if not isinstance(error, absl_flags.CantOpenFlagFileError):
        return str(error)
    path = str(error.__cause__ or error.__context__).rpartition(": ")[2].strip("'")
    if os.path.isdir(path):
        path = path.rstrip(os.sep)
        return (
            f"Expected a file, such as --flagfile={path}/flags.txt, which repeats a run; "
            f"--resume={path} goes on with it. Received: --flagfile={path}, a directory"
        )
    hint = did_you_mean_path(path, before="--flagfile=")
    return f"Expected a file that can be read. Received: --flagfile={path}{hint}"


def _refusal(others: Sequence[str], known: Sequence[str]) -> str:
    """Returns what to say of words that are no flags."""
    name = others[0].lstrip("-").partition("=")[0]
    near = nearest(name, known, likeness=0.75)
    hint = f". Did you mean --{others[0].lstrip('-').replace(name, near, 1)}?" if near else ""
    return f"Expected flags only, each with two dashes. Received: {' '.join(others)}{hint}"


def _define(groups: Sequence[str]) -> FlagValues:
    flags = FlagValues()
    for group in groups:
        for row in rows_of(group):
            _define_row(row, group, flags)
    return flags


def _define_row(row: Flag, group: str, flags: FlagValues) -> None:
    if row.kind is bool:
        absl_flags.DEFINE_bool(
            row.name, row.default, row.help, flag_values=flags, module_name=group
        )
        flags[row.name].parser = _Switch()
        return
    help_text = f"<{'|'.join(row.choices)}>: {row.help}" if row.choices else row.help
    absl_flags.DEFINE(
        _parser(row),
        row.name,
        row.default,
        help_text,
        flag_values=flags,
        serializer=absl_flags.ArgumentSerializer(),
        # absl prints the flags of each `module_name` under a heading of that name.
        module_name=group,
    )


def _parser(row: Flag) -> absl_flags.ArgumentParser:
    if row.choices:
        return _Choice(row.choices)
    if row.kind is int:
        return _WholeNumber(row.at_least, row.at_most)
    if row.kind is float:
        return _Number(lower_bound=row.at_least)
    return absl_flags.ArgumentParser()


class _Choice(absl_flags.EnumParser):
    def parse(self, argument: str) -> str:
        if argument not in self.enum_values:
            known = ", ".join(self.enum_values)
            hint = did_you_mean(argument, self.enum_values)
            raise ValueError(f"Expected one of {known}. Received: {argument!r}{hint}")
        return argument


class _Switch(absl_flags.BooleanParser):
    def parse(self, argument: str | int) -> bool:
        try:
            return super().parse(argument)
        except ValueError:
            raise ValueError("Expected true or false") from None


class _WholeNumber(absl_flags.IntegerParser):
    def __init__(self, at_least: float | None, at_most: int) -> None:
        super().__init__(lower_bound=at_least)
        self.at_most = at_most

    def convert(self, argument: int | str) -> int:
        try:
            number = super().convert(argument)
        except ValueError:
            raise ValueError("Expected a whole number, such as 1000") from None
        if number > self.at_most:
            raise ValueError(f"Expected at most {self.at_most}")
        return number


class _Number(absl_flags.FloatParser):
    def convert(self, argument: float | str) -> float:
        try:
            return super().convert(argument)
        except ValueError:
            raise ValueError("Expected a number, such as 0.0001 or 1e-4") from None


def help_text(groups: Sequence[str]) -> str:
    """Returns the help of all flags of some groups under their headings."""
    flags = _define(groups)
    return "\n\n".join([*(flags.module_help(group).strip() for group in groups), _OF_ALL_COMMANDS])


def flagfile_text(flags: FlagValues) -> str:
    """Returns the values of all flags as a flagfile; what a recipe decides stays open."""
    lines = []
    for group, rows in GROUPS.items():
        kept = [row.name for row in rows if row.name in flags and not row.of_one_call]
        lines += [f"# {group}"] if kept else []
        lines += filter(None, [flags[name].serialize() for name in kept])
    return "\n".join(lines) + "\n"
