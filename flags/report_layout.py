"""How a report is laid out."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping

from tfgan_losses.progress import status_line

SPACE = "\u00a0"  # Where no line may end.

_KEY_COLUMNS = 12
_LEAST_COLUMNS, _MOST_COLUMNS = 40, 100


def text_of(lines: Mapping[str, str]) -> str:
    """Returns what a setting resolves to, each part under its key; those that are empty are not."""
    return "\n".join(_in_lines(key, value) for key, value in lines.items() if value)


def _in_lines(key: str, value: str) -> str:
    if key == "output":  # A path, to be copied.
        return f"{key + ':':{_KEY_COLUMNS}}{value}"
    return textwrap.fill(
        f"{key + ':':{_KEY_COLUMNS}}{value}",
        _columns(),
        subsequent_indent=" " * _KEY_COLUMNS,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(SPACE, " ")


def _columns() -> int:
    """Those of a terminal, within reason."""
    wide = status_line.width_of(sys.stdout) if sys.stdout.isatty() else _MOST_COLUMNS
    return min(max(wide, _LEAST_COLUMNS), _MOST_COLUMNS)
