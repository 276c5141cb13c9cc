"""The tables of comparisons with PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from parts.columns import EAGER, NEEDED, TITLES
from parts.comparison import Comparison

LEGEND = """
ms/step: median of blocks that alternate in one process. times PyTorch: of the medians, eager
PyTorch in its faster memory format; above 1 is faster. min..max: of neighbouring blocks. images/s:
real images that the discriminator sees. utilisation: operations of the step's convolutions and
matrix products, over its time, over the rate at which the same device multiplies two large matrices
in the same precision. peak MiB: of a GPU, what training takes above what was there before; of a
CPU, what a process of its own grows by. first call: traces, compiles and makes two steps."""


def details(found: Comparison) -> str:
    """Returns a table with a line for each column, and below it what could not be measured."""
    work = "" if found.operations is None else f", {found.operations / 1e9:.4g} GFLOP a step"
    rounds = len(found.columns[found.eager].blocks)
    lines = [
        f"{found.title}: {rounds} rounds{work}.\n",
        "| | ms/step | times PyTorch | min..max | images/s | utilisation | peak MiB | first call |",
        "|:--|--:|--:|:--|--:|--:|--:|--:|",
    ]
    lines += [_line(found, column) for column in TITLES if column in found.columns]
    lines += [f"| {TITLES[x]} | - | | | | | | |" for x in found.reasons if x in TITLES]
    reasons = [f"{TITLES.get(x, x)}: {why}." for x, why in found.reasons.items()]
    return "\n".join([*lines, "", *reasons, *_sentences(found), ""])


def _line(found: Comparison, column: str) -> str:
    timed = found.columns[column]
    low, high = found.range_of_speed(column)
    used = "" if timed.utilisation is None else f"{timed.utilisation:.3f}"
    peak = "" if timed.peak is None else f"{timed.peak:.0f}"
    return (
        f"| {TITLES[column]} | {1e3 * timed.seconds:.2f} | {found.speed(column):.2f} | "
        f"{low:.2f}..{high:.2f} | {found.images / timed.seconds:.0f} | {used} | {peak} | "
        f"{timed.first:.1f} s |"
    )


def _sentences(found: Comparison) -> list[str]:
    own = found.columns["default"].seconds
    lines = []
    if "bare" in found.columns:
        times = own / found.columns["bare"].seconds
        lines.append(f"GAN.fit takes {times:.3f} of its own step in a bare loop.")
    if "products" in found.columns:
        share = found.columns["products"].seconds / own
        lines.append(f"Products alone take {share:.2f} of GAN.fit.")
    return lines


def summary(rows: Sequence[Comparison]) -> str:
    """Returns a table with a line for each comparison: ms, and in brackets times PyTorch."""
    columns = [
        column
        for column in TITLES
        if column not in EAGER and (column in NEEDED or any(column in row.columns for row in rows))
    ]
    titles = ["", "PyTorch", *(TITLES[column] for column in columns), "share of the products"]
    lines = [f"| {' | '.join(titles)} |", f"|:--|{'--:|' * (len(titles) - 1)}"]
    for row in rows:
        cells = [row.title, f"{1e3 * row.columns[row.eager].seconds:.1f}"]
        cells += [_cell(row, column) for column in columns]
        lines.append(f"| {' | '.join([*cells, _share(row)])} |")
    return "\n".join(lines)


def _cell(row: Comparison, column: str) -> str:
    timed = row.columns.get(column)
    return "-" if timed is None else f"{1e3 * timed.seconds:.1f} ({row.speed(column):.2f})"


def _share(row: Comparison) -> str:
    if "products" not in row.columns:
        return "-"
    return f"{row.columns['products'].seconds / row.columns['default'].seconds:.2f}"
