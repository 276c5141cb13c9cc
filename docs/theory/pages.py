"""Where the pages are, and how figures and numbers come into them."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import measurements
import numpy as np
from matplotlib.figure import Figure
from measurements import Number

from tfgan_losses.run_files.circumstances import circumstances

ROOT = Path(__file__).parent

# No file of a figure may change when nothing in it has.
matplotlib.rcParams["svg.hashsalt"] = "tfgan_losses"


def names() -> list[str]:
    """The pages that have an experiment, sorted."""
    pages = (path.stem for path in ROOT.glob("*.md"))
    return sorted(name for name in pages if (ROOT / f"{name}.py").exists())


def save_figure(name: str, figure: Figure) -> None:
    """Writes `<name>.svg`: transparent, so that it takes the colour of the page."""
    path = ROOT / f"{name}.svg"
    figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    # matplotlib leaves spaces at the ends of lines.
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def check(rows: list[Number]) -> None:
    """Lets no page state what does not hold.

    Raises:
        ArithmeticError: If a value is not where its row expects it.
    """
    wrong = [
        ": ".join(row.cells()[:2]) + f", expected {row.cells()[2]}"
        for row in rows
        if not row.holds()
    ]
    if wrong:
        raise ArithmeticError("These numbers do not hold. " + ". ".join(wrong))


def write_numbers(name: str, rows: list[Number], *, seconds: float) -> None:
    """Puts the table of measurements into `<name>.md`, and all digits into `<name>.jsonl`."""
    made = circumstances(f"NumPy {np.__version__}")
    source = f"*`python docs/theory/make_figures.py {name}`, {made}, {seconds:.0f} s.*"
    text = "\n".join([*table(rows), "", source])
    replace_between(ROOT / f"{name}.md", "numbers", text)
    measurements.write(ROOT / f"{name}.jsonl", rows)


def read_numbers(name: str) -> list[Number]:
    """What the last run measured."""
    return measurements.read(ROOT / f"{name}.jsonl")


def table(rows: list[Number]) -> list[str]:
    """The lines of a table of measurements."""
    head = ["| measured | | expected |", "|:--|--:|:--|"]
    return head + [f"| {' | '.join(row.cells())} |" for row in rows]


def replace_between(path: Path, marker: str, text: str) -> None:
    """Replaces what stands between `<!-- marker -->` and `<!-- /marker -->`.

    Raises:
        ValueError: If the file has not exactly one such pair.
    """
    page = path.read_text(encoding="utf-8")
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if page.count(start) != 1 or page.count(end) != 1:
        raise ValueError(f"Expected one {start} and one {end} in {path.name}.")
    before, rest = page.split(start)
    after = rest.split(end)[1]
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
