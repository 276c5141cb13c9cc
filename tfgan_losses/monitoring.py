"""Which number decides which checkpoint of a run is the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tfgan_losses.names import did_you_mean


class Monitor(NamedTuple):
    """A column of `metrics.csv`, and `"min"` or `"max"` for which of its values is the best."""

    name: str
    mode: str


def find(text: str, mode: str | None, known: Mapping[str, str]) -> Monitor:
    """Returns the column that is meant.

    Args:
        text: Its name, or the beginning of it that no other column has.
        mode: `"min"`, `"max"`, or None for that of the column.
        known: All columns, with which of their values is the best.

    Raises:
        ValueError: If no column begins so, or several do, or the mode is none.
    """
    if mode not in (None, "min", "max"):
        raise ValueError(
            f"Expected monitor_mode to be 'min' or 'max'. Received: monitor_mode={mode!r}"
        )
    meant = [text] if text in known else [name for name in known if text and name.startswith(text)]
    if len(meant) != 1:
        several = f", with which {' and '.join(meant)} begin" if meant else ""
        raise ValueError(
            f"Expected monitor to be one of {list(known)}. Received: monitor={text}{several}"
            f"{'' if meant else did_you_mean(text, known)}"
        )
    return Monitor(meant[0], mode or known[meant[0]])
