"""Where the pages are, and how figures and numbers come into them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from tfgan_losses.run_files.circumstances import circumstances

ROOT = Path(__file__).parent

# No file of a figure may change when nothing in it has.
matplotlib.rcParams["svg.hashsalt"] = "tfgan_losses"


class Number(NamedTuple):
    """A row of a page's table of measurements.

    Attributes:
        what: What was measured.
        measured: Its value, with its unit.
        expected: What the theory says, and within what the test holds it.
    """

    what: str
    measured: str
    expected: str


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


def write_numbers(name: str, rows: list[Number], *, seconds: float) -> None:
    """Puts the table of measurements between its markers in `<name>.md`."""
    table = [
        "| measured | | expected |",
        "|:--|--:|:--|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    made = circumstances(f"NumPy {np.__version__}")
    source = f"*`python docs/theory/make_figures.py {name}`, {made}, {seconds:.0f} s.*"
    replace_between(ROOT / f"{name}.md", "numbers", "\n".join([*table, "", source]))


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
