"""What `python -m tfgan_losses <command>` runs: a module for each command.

Each has a `COMMAND`, and imports what needs TensorFlow only when that runs.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import logging
import os
import pkgutil
import sys
import warnings
from collections.abc import Callable, Sequence

from absl.flags import FlagValues

from tfgan_losses import environment, interrupts, notices
from tfgan_losses.flags import command_line, messages

HELP = ("--help", "-h", "-help")


@dataclasses.dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        description: Its help, of which the first line says what it does.
        groups: Names of the groups of its flags in `flags.definitions`.
        run: Does it. Called with the flags and with what was typed before them; returns the exit
            code, and raises a ValueError, OSError, FloatingPointError or MemoryError that a person
            understands.
        needs_settings_of_keras: Whether others than those of `environment` are refused before.
    """

    description: str
    groups: tuple[str, ...]
    run: Callable[[FlagValues, str], int]
    needs_settings_of_keras: bool = True

    @property
    def summary(self) -> str:
        """Its help on one line, the first of the description."""
        return self.description.splitlines()[0]

    def call(self, arguments: Sequence[str], *, typed: str) -> int:
        """Runs the command as from a shell.

        Args:
            arguments: The flags as they were typed.
            typed: What was typed before them, such as `python train.py`.

        Returns:
            The exit code.

        Raises:
            SystemExit: With the line for a person if something is wrong.
        """
        _prepare_streams()
        notices.hide()
        program = typed.split()[-1]
        with interrupts.Interrupts(program):
            return self._call(arguments, typed, program)

    def _call(self, arguments: Sequence[str], typed: str, program: str) -> int:
        if set(HELP) & set(arguments):
            print(f"{self.description}\n{command_line.help_text(self.groups)}")
            return 0
        try:
            flags = command_line.parse(self.groups, arguments)
        except ValueError as error:
            hint = f"({typed} --help shows all flags.)"
            raise SystemExit(f"{program}: {error}\n{hint}") from None
        _prepare_process(program, self.groups)
        try:
            if self.needs_settings_of_keras:
                environment.check()
            return self.run(flags, typed)
        except (ValueError, OSError, FloatingPointError, MemoryError) as error:
            if os.environ.get("TFGAN_LOSSES_DEBUG"):
                raise
            hint = f"({typed} --help shows all flags, TFGAN_LOSSES_DEBUG=1 where this was.)"
            text = messages.naming_flags(str(error), self.groups)
            raise SystemExit(f"{_in_place_of_progress()}{program}: {text}\n{hint}") from None


def _prepare_streams() -> None:
    """Gives a process without stdin, stdout or stderr (`>&-`) ones that hold and keep nothing.

    The next files that are opened would have their numbers, and what TensorFlow says go into them.
    """
    while True:
        number = os.open(os.devnull, os.O_RDWR)
        if number > 2:
            os.close(number)
            break
        # Later processes get it as they would get a real one.
        os.set_inheritable(number, True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The name of a class that the locale cannot show is no reason to train nothing.
        sys.stdout.reconfigure(errors="backslashreplace")


def _in_place_of_progress() -> str:
    """Returns what clears a line of a terminal that a training has left without an end."""
    rewritable = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return "\r\x1b[K" if rewritable else ""


def _prepare_process(program: str, groups: Sequence[str]) -> None:
    """Sets what TensorFlow reads when it is imported, and how warnings are written."""
    # Without oneDNN, which TensorFlow leaves off on CPUs that have no AVX512, the gradients of
    # convolutions take several times as long.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    for handler in [each for each in logging.root.handlers if isinstance(each, _Warnings)]:
        logging.root.removeHandler(handler)
    logging.root.addHandler(_Warnings(program, groups))
    warnings.formatwarning = lambda message, *_, **__: (
        f"{program}: warning: {messages.naming_flags(' '.join(str(message).split()), groups)}\n"
    )


class _Warnings(logging.Handler):
    """Writes a warning as the command writes an error: on one line, which names flags."""

    def __init__(self, program: str, groups: Sequence[str]) -> None:
        super().__init__(logging.WARNING)
        self.program, self.groups = program, groups

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = messages.naming_flags(record.getMessage(), self.groups)
            kind = record.levelname.lower()
            print(f"{_in_place_of_progress()}{self.program}: {kind}: {text}", file=sys.stderr)
        except Exception:
            self.handleError(record)


def names() -> list[str]:
    """Returns the names of all commands."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def get(name: str) -> Command:
    """Returns the command of that name."""
    command: Command = importlib.import_module(f"{__name__}.{name}").COMMAND
    return command
