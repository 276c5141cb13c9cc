"""What was told of a run's health, as the file health.csv."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from tfgan_losses.health.watch import Finding
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.table import read_table

_COLUMNS = ("step", "sign", "text")


def read_findings(path: str | os.PathLike) -> list[Finding]:
    """Returns what was told, the earliest first; nothing if there is no such file.

    Args:
        path: `health.csv` of a run, `RunDirectory.health`.
    """
    if not Path(path).exists():
        return []
    rows = read_table(path)[1]
    complete = [row for row in rows if row.get("step", "").isdigit()]
    return [Finding(int(x["step"]), x.get("sign", ""), x.get("text", "")) for x in complete]


def write_findings(path: str | os.PathLike, findings: Sequence[Finding]) -> None:
    """Writes all of them, the file as a whole.

    Raises:
        OSError: If it cannot be written; the file of before is whole.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((x.step, x.sign, x.text) for x in findings)
