"""Contact sheets: all gan_types of a table in one picture of few bytes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from tfgan_losses.run_files import pictures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLORS = 64
_GENERATED = "#d1495b"
_CENTERS = "#1f3f66"


def write_points(path: Path, panels: dict[str, np.ndarray | None], centers: np.ndarray) -> None:
    """Draws a scatter of points for each title; None is a training without samples.

    Args:
        path: The PNG.
        panels: Title -> samples [n, 2].
        centers: Modes of the real distribution [modes, 2]; a ring around each.
    """
    columns = min(5, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(2.0 * columns, 2.2 * rows), dpi=110, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, (title, samples) in zip(grid.flat, panels.items(), strict=False):
        axes.set_title(title, fontsize=8)
        _points(axes, samples, centers)
    _write(figure, path)


def _points(axes: Axes, samples: np.ndarray | None, centers: np.ndarray) -> None:
    reach = 1.3 * np.abs(centers).max()
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.plot(*centers.T, "o", markersize=6, mfc="none", mec=_CENTERS, mew=0.5)
    if samples is None:
        axes.text(0, 0, "no samples", ha="center", va="center", fontsize=9)
        return
    inside = np.abs(samples).max(axis=1) <= reach  # NaN is not
    axes.plot(*samples[inside].T, ".", color=_GENERATED, markersize=1.6, alpha=0.5, mew=0)
    outside = len(samples) - int(inside.sum())
    if outside:
        note = f"{outside} of {len(samples)} outside"
        axes.text(0, -reach, note, ha="center", va="bottom", fontsize=7)


def write_strips(path: Path, strips: dict[str, np.ndarray | None], columns: int = 20) -> None:
    """Draws a row of images for each title.

    Args:
        path: The PNG.
        strips: Title -> images [n, h, w, c] in [-1, 1].
        columns: Images per row.
    """
    # Beside images of 8.6 inches, a column for the longest title.
    width = 8.7 + 0.07 * max(14, *map(len, strips))
    figure = Figure(figsize=(width, 0.52 * len(strips)), dpi=110, layout="constrained")
    grid = figure.subplots(len(strips), 1, squeeze=False)[:, 0]
    for axes, (title, images) in zip(grid, strips.items(), strict=True):
        axes.set(xticks=[], yticks=[], frame_on=False, anchor="E")
        axes.set_ylabel(title, rotation=0, ha="right", va="center", fontsize=8)
        if images is not None:
            row = pictures.image_grid(images[:columns], columns=columns, padding=1, min_cell=1)
            axes.imshow(row, interpolation="nearest")
    _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    array = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    Image.fromarray(array).quantize(_COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
