"""How the figures look: readable on white paper and on a dark screen, and without colour vision.

Figures are transparent. Every colour has a contrast of at least 3 to white and to the dark
background of GitHub, text of at least 4 (tests/theory/test_figure_style.py), and lines differ in
their dashes, too.
"""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

BLUE, ORANGE, GREEN, PURPLE, GREY = "#2b7bd6", "#e06000", "#00a37a", "#a05aa8", "#767676"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))

matplotlib.rcParams.update(
    {
        "axes.edgecolor": GREY,
        "axes.labelcolor": GREY,
        "axes.titlecolor": GREY,
        "axes.titlesize": 10,
        "axes.labelsize": 9,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 9,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "legend.labelcolor": GREY,
        "lines.linewidth": 1.8,
        "text.color": GREY,
        "xtick.color": GREY,
        "xtick.labelsize": 8,
        "ytick.color": GREY,
        "ytick.labelsize": 8,
    }
)


def panels(
    columns: int, rows: int = 1, *, width: float = 3.3, height: float = 2.6
) -> tuple[Figure, list[Axes]]:
    """A figure and its axes.

    Args:
        columns: Panels beside each other.
        rows: Panels above each other.
        width: Of a panel in inches.
        height: Of a panel in inches.

    Returns:
        The figure, and a list of its axes, row by row.
    """
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def line(axes: Axes, x: ArrayLike, y: ArrayLike, number: int, label: str | None = None) -> None:
    """The `number`-th line of a panel, 0 to 4, in its own colour and dashes."""
    axes.plot(x, y, color=COLORS[number], linestyle=DASHES[number], label=label)
