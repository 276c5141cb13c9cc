"""One line of a terminal that is written again and again."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple, TextIO

SEPARATOR = " - "
"""What stands between the parts of a line."""
_CLEAR_TO_THE_END = "\x1b[K"


class Part(NamedTuple):
    """A piece of the line: its text, and a shorter one for where there is less space."""

    long: str
    short: str


class StatusLine:
    """Shows the most important parts that the screen has columns for, on one line.

    What cannot be written, to a terminal that is gone for instance, is left out without an error:
    a training must not end because nobody watches it.

    Args:
        stream: A terminal, or the output of a cell of a notebook.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream
        # A notebook knows the carriage return, and prints the codes of terminals or drops them.
        self._clears = stream.isatty()
        self._shown = ""

    def show(self, parts: Sequence[Part]) -> None:
        """Writes the line in place of the one before.

        Args:
            parts: The most important first.
        """
        # In the last column some terminals begin another line. Asked for each time: a window may
        # have another size by now.
        line = fitted(parts, width_of(self._stream) - 1)
        rest = _CLEAR_TO_THE_END if self._clears else " " * (columns(self._shown) - columns(line))
        self._shown = line
        write(self._stream, f"\r{line}{rest}")

    def write_above(self, text: str) -> None:
        """Writes a line that stays, and leaves the place below it for the next `show`."""
        rest = _CLEAR_TO_THE_END if self._clears else " " * (columns(self._shown) - columns(text))
        self._shown = ""
        write(self._stream, f"\r{text}{rest}\n")

    def clear(self) -> None:
        """Takes the line away."""
        rest = _CLEAR_TO_THE_END if self._clears else " " * columns(self._shown)
        if self._shown:
            write(self._stream, f"\r{rest}\r")
        self._shown = ""

    def end(self) -> None:
        """Leaves the line as it is; what is printed next stands below it."""
        write(self._stream, "\n")


def is_rewritable(stream: TextIO) -> bool:
    """Whether a line can be written over there: in a terminal that is not dumb, in a notebook.

    Args:
        stream: Such as `sys.stderr`.
    """
    if "ipykernel" in sys.modules:
        return True
    with contextlib.suppress(ValueError):  # Of a closed stream.
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    return False


def write(stream: TextIO, text: str) -> None:
    """Writes, unless nobody can read it.

    Args:
        stream: Such as `sys.stderr`.
        text: With its line end, if it has one.
    """
    # ValueError: a stream that is closed, or that has no such letter.
    with contextlib.suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()


def width_of(stream: TextIO) -> int:
    """The columns of a terminal now; what the environment or a convention says elsewhere."""
    # Not COLUMNS first, as shutil does: a shell may have exported it before the window changed.
    with contextlib.suppress(OSError, ValueError):
        found = os.get_terminal_size(stream.fileno()).columns
        if found:
            return found
    return shutil.get_terminal_size().columns


def fitted(parts: Sequence[Part], width: int) -> str:
    """All parts if they fit; else, shortened, as many as do, of the first at least its beginning.

    Args:
        parts: The most important first.
        width: In columns.
    """
    whole = SEPARATOR.join(part.long for part in parts)
    if columns(whole) <= width:
        return whole
    line = parts[0].short[: max(width, 0)]
    for part in parts[1:]:
        longer = f"{line}{SEPARATOR}{part.short}"
        if columns(longer) > width:
            break
        line = longer
    return line


def columns(text: str) -> int:
    """The columns that a text takes: two for each letter of some scripts."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))
