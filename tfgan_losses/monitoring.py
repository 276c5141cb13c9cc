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
        text: Its name, or what stands before the extractor in it.
        mode: `"min"`, `"max"`, or None for that of the column.
        known: All columns, with which of their values is the best.

    Raises:
        ValueError: If there is no such column, or the mode is none.
    """
    if mode not in (None, "min", "max"):
        raise ValueError(
            f"Expected `monitor_mode` to be 'min' or 'max'. Received: monitor_mode={mode!r}"
        )
    # A measurement has one extractor: no two columns begin alike.
    names = {name.partition("[")[0]: name for name in known} | {name: name for name in known}
    if text not in names:
        raise ValueError(
            f"Expected `monitor` to be one of {list(known)}. Received: monitor={text}"
            f"{did_you_mean(text, names)}"
        )
    name = names[text]
    return Monitor(name, mode or known[name])
