"""One thing that was found out."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        name: Of what was looked at.
        value: What was found, on one line.
        note: What a person may want to change, though training works; empty for nothing.
        problem: What keeps a training from its first step; empty for nothing.
    """

    name: str
    value: str
    note: str = ""
    problem: str = ""
