"""The table of the metrics of a run, metrics.csv, as text."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path


def read_table(path: str | os.PathLike) -> tuple[list[str], list[dict[str, str]]]:
    """Reads a CSV file with a line of names.

    Args:
        path: The file. A last line that a kill or a full disk has cut short does not count.

    Returns:
        The names of the columns, and the rows; an empty cell is an empty string.
    """
    text = Path(path).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1]), restval="")
    return list(reader.fieldnames or []), list(reader)
