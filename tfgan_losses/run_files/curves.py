"""The metrics of a run as a picture."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from tfgan_losses import metrics
from tfgan_losses.measuring.columns import error_column, is_error
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.run_files.pictures import new_figure, pixels, write_png
from tfgan_losses.run_files.table import read_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import MaxNLocator

_COLORS = ("#1f6fb4", "#d1495b", "#3a9d5d", "#8a5fbf", "#e08e2b", "#5c6770")

_LINES = ("-", "--", ":")
# So many times as large as half of the values is too large for an axis of theirs.
_FLATTENING = 1000.0


def plot_curves(metrics_csv: str | os.PathLike, path: str | os.PathLike) -> None:
    """Draws the table of a `MetricsLog`: losses, outputs of the discriminator, the rest.

    What was measured about the generator has a panel for each metric, with intervals of 95 % around
    the points where it was.

    Args:
        metrics_csv: A CSV file with a column `step`; empty cells are gaps.
        path: The `.png`.

    Raises:
        ValueError: If the table has no column `step` or no row.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    table = _columns(metrics_csv)
    steps = table.pop("step")
    panels: dict[str, list[str]] = {
        "loss": [name for name in table if name.endswith("_loss")],
        "discriminator output": [name for name in ("d_real", "d_fake") if name in table],
    }
    measured = _measured(table)
    used = {name for names in (*panels.values(), *measured.values()) for name in names}
    used |= {error_column(name) for names in measured.values() for name in names}
    panels["penalties and distance"] = [name for name in table if name not in used]
    panels = {title: names for title, names in panels.items() if names}
    first_measured = len(panels)
    panels |= measured
    layout = ConstrainedLayoutEngine(h_pad=0.12, w_pad=0.12)
    figure = new_figure(9.0, 0.5 + 2.5 * max(len(panels), 1), layout)
    grid = figure.subplots(max(len(panels), 1), 1, sharex=True, squeeze=False)[:, 0]
    for number, (title, names) in enumerate(panels.items()):
        own = {name: table[name] for name in names}
        _draw_panel(grid[number], title, steps, own, points=number >= first_measured)
        if number >= first_measured:
            _draw_intervals(grid[number], steps, own, table)
    grid[-1].set_xlabel("steps", color="#333333")
    if len(steps) == 1:  # Around one step there are no other whole numbers.
        grid[-1].set_xticks(steps)
    else:
        grid[-1].xaxis.set_major_locator(_integer_ticks())
    figure.align_ylabels()
    write_png(path, pixels(figure))


def _columns(path: str | os.PathLike) -> dict[str, np.ndarray]:
    names, rows = read_table(path)
    if not rows or "step" not in names:
        raise ValueError(
            f"Expected a table with a column 'step' and at least one row. "
            f"Received: {os.fspath(path)} with {names if rows else 'no row'}"
        )
    return {
        name: np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name in names
    }


def _measured(table: Collection[str]) -> dict[str, list[str]]:
    """Returns the columns of measured numbers, by the metric that gives them."""
    metric_of = {
        number: name for name in metrics.names() for number in metrics.registry.lookup(name).best
    }
    panels: dict[str, list[str]] = {}
    for column in table:
        number = column.partition("[")[0]
        if not is_error(column) and number in metric_of and not column.endswith("_loss"):
            panels.setdefault(metric_of[number], []).append(column)
    return panels


def _draw_panel(
    axes: Axes, title: str, steps: np.ndarray, curves: dict[str, np.ndarray], *, points: bool
) -> None:
    single = len(steps) == 1
    for index, (name, values) in enumerate(curves.items()):
        # Of what is measured now and then, the line goes on from point to point.
        there = np.isfinite(values) if points else slice(None)
        axes.plot(
            steps[there],
            values[there],
            color=_color(index),
            linestyle=_LINES[index // len(_COLORS) % len(_LINES)],
            linewidth=1.3,
            marker="o" if single or points else None,
            markersize=3.0 if points else None,
            label=name,
        )
    _keep_small_values_visible(axes, np.stack(list(curves.values())))
    axes.set_ylabel(title, color="#333333")
    axes.grid(color="#e6e6e6", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.margins(x=0.02 if single else 0.0)
    axes.tick_params(labelsize=8, color="#999999", labelcolor="#333333")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#999999")
    # Beside the panel, where it hides no curve.
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)


def _draw_intervals(
    axes: Axes, steps: np.ndarray, curves: dict[str, np.ndarray], table: dict[str, np.ndarray]
) -> None:
    for index, (name, values) in enumerate(curves.items()):
        errors = table.get(error_column(name))
        if errors is None:
            continue
        pairs = zip(values, errors, strict=True)
        intervals = [Estimate(value, error).interval for value, error in pairs]
        there = np.isfinite(values) & np.isfinite(errors)
        low, high = np.array(intervals)[there].T
        axes.fill_between(steps[there], low, high, color=_color(index), alpha=0.18, linewidth=0)


def _color(index: int) -> str:
    return _COLORS[index % len(_COLORS)]


def _keep_small_values_visible(axes: Axes, values: np.ndarray) -> None:
    """Makes the axis logarithmic, on both sides of 0, where one value would flatten all others."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if sizes.size and sizes.max() > _FLATTENING * np.median(sizes):
        axes.set_yscale("symlog", linthresh=10.0 ** np.floor(np.log10(np.median(sizes))))


def _integer_ticks() -> MaxNLocator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)
