"""Pictures of samples: arrays in, arrays or files out.

matplotlib and Pillow are imported where they are used, so that importing the library stays cheap;
figures are drawn without pyplot, whose global state belongs to the user.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.run_files.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import LayoutEngine

    from tfgan_losses.types import Shape

# Left, right, bottom and top of axes.
Limits: TypeAlias = tuple[float, float, float, float]

_LINE = 144  # A grey that can be told from black and from white backgrounds.
GENERATED, REAL = "#d1495b", "#2a7f62"  # Colours of points.
# Grey, RGB, RGBA; examples of others are fields of some other kind.
_CHANNELS = (1, 3, 4)
_GIF_MILLISECONDS = 120
_GIF_LAST_MILLISECONDS = 2000


def are_images(example_shape: Shape) -> bool:
    """Whether examples are images as files have them: of 1, 3 or 4 channels, in [-1, 1]."""
    return len(example_shape) == 3 and example_shape[-1] in _CHANNELS


def image_grid(
    images: ArrayLike, *, columns: int | None = None, padding: int = 2, min_cell: int = 64
) -> np.ndarray:
    """Puts images side by side, a grey line around each.

    Args:
        images: [n, h, w, c] in [-1, 1] (clipped), c = 1, 3, or 4: the fourth says how opaque the
            image is, on white.
        columns: Images per row; as many as rows, or one more row or column, by default.
        padding: Width of the lines in pixels.
        min_cell: Images whose longer side is smaller are enlarged to at least this by an integer
            factor, each pixel becoming a square.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: If the images are not of that shape or there are none.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or images.shape[-1] not in _CHANNELS or 0 in images.shape:
        raise ValueError(
            f"Expected images [n, h, w, c] with c = 1, 3 or 4. Received: shape {images.shape}"
        )
    count, height, width, _ = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    factor = math.ceil(min_cell / max(height, width))
    # A NaN has no colour; grey is the middle of the range.
    values = np.clip(np.nan_to_num(images), -1.0, 1.0)
    if values.shape[-1] == 4:
        values = 1.0 - (1.0 - values[..., :3]) * (1.0 + values[..., 3:]) / 2.0
    levels = np.rint((values + 1.0) * 127.5).astype(np.uint8)
    levels = levels.repeat(factor, axis=1).repeat(factor, axis=2)
    height, width = height * factor, width * factor
    step_y, step_x = height + padding, width + padding
    grid = np.full((rows * step_y + padding, columns * step_x + padding, 3), _LINE, np.uint8)
    for index, cell in enumerate(levels):
        top = padding + index // columns * step_y
        left = padding + index % columns * step_x
        grid[top : top + height, left : left + width] = cell
    return grid


def write_png(path: str | os.PathLike, array: np.ndarray) -> None:
    """Writes a picture.

    Args:
        path: The `.png`; it appears under its name only when it is complete.
        array: uint8 [H, W, 3].

    Raises:
        OSError: If it cannot be written.
    """
    from PIL import Image

    with atomic_path(path) as temporary:
        Image.fromarray(array).save(temporary, format="png")


def scatter(
    samples: ArrayLike,
    *,
    centers: ArrayLike | None = None,
    density: Callable[[np.ndarray], ArrayLike] | None = None,
    limits: Limits | None = None,
    color: str = GENERATED,
) -> np.ndarray:
    """Draws generated 2-D points over the density of the real ones.

    Args:
        samples: [n, 2].
        centers: Modes of the real distribution, [k, 2]; drawn as crosses.
        density: Real density of points [m, 2], returns [m]; drawn as a shade.
        limits: (left, right, bottom, top). By default those of `centers` with a margin, so that
            all pictures of a run have the same; without centres, those of the samples.
        color: Of the points.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: If the samples are not [n, 2].
    """
    samples = np.asarray(samples, np.float32)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ValueError(f"Expected samples [n, 2]. Received: shape {samples.shape}")
    centers = None if centers is None else np.asarray(centers, np.float32)
    limits = limits or _square_around(samples if centers is None else centers)
    figure = new_figure(4.8, 4.8)
    axes = figure.add_axes((0.09, 0.07, 0.88, 0.88))
    if density is not None:
        _shade(axes, density, limits)
    if centers is not None:
        axes.plot(*centers.T, "+", color="#1f3f66", markersize=6, markeredgewidth=0.9)
    inside = np.isfinite(samples).all(axis=1)
    axes.plot(*samples[inside].T, ".", color=color, markersize=3.5, alpha=0.6, mew=0)
    axes.set(xlim=limits[:2], ylim=limits[2:], aspect="equal")
    axes.tick_params(labelsize=8, color="#888888", labelcolor="#555555")
    for spine in axes.spines.values():
        spine.set_color("#bbbbbb")
    return pixels(figure)


def write_gif(
    png_paths: Sequence[str | os.PathLike], path: str | os.PathLike, *, max_frames: int = 100
) -> None:
    """Makes an animation of sample pictures; the last one stays longer.

    Args:
        png_paths: In the order of time. Pictures of another size than the last are left out.
        path: The `.gif`.
        max_frames: Longer lists are thinned evenly; the first and the last always stay.

    Raises:
        ValueError: If there is no picture.
    """
    from PIL import Image

    if not png_paths:
        raise ValueError(f"Expected at least one picture. Received: png_paths={png_paths!r}")
    chosen = np.linspace(0, len(png_paths) - 1, min(len(png_paths), max_frames)).round()
    frames = []
    for index in chosen.astype(int):
        with Image.open(png_paths[index]) as image:
            rgb = image.convert("RGB")
        frames.append(rgb.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))
    frames = [frame for frame in frames if frame.size == frames[-1].size]
    durations = [_GIF_MILLISECONDS] * (len(frames) - 1) + [_GIF_LAST_MILLISECONDS]
    with atomic_path(path) as temporary:
        frames[0].save(
            temporary,
            format="gif",
            save_all=True,
            append_images=frames[1:],
            duration=durations,
            loop=0,
        )


def _shade(
    axes: Axes,
    density: Callable[[np.ndarray], ArrayLike],
    limits: Limits,
) -> None:
    side = 420  # About one value per pixel: modes can be as narrow as that.
    x = np.linspace(limits[0], limits[1], side, dtype=np.float32)
    y = np.linspace(limits[2], limits[3], side, dtype=np.float32)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    # Row by row, as a density may take memory for each pair of a point and a mode.
    values = np.stack([np.asarray(density(row), np.float32) for row in points])
    # The square root makes weak modes visible beside strong ones.
    values = np.sqrt(np.maximum(values, 0.0))
    top = max(float(values.max()), 1e-30) * 1.4
    axes.imshow(
        values, origin="lower", extent=limits, cmap="Blues", vmin=0.0, vmax=top, aspect="equal"
    )


def _square_around(points: np.ndarray) -> Limits:
    """Returns a square with all points and a margin of 30 %."""
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 0.5) * 1.3
    x, y = (float(value) for value in middle)
    return (x - half, x + half, y - half, y + half)


def new_figure(width: float, height: float, layout: LayoutEngine | None = None) -> Figure:
    """Returns an empty figure of so many inches, of 100 pixels each."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=100, layout=layout)


def pixels(figure: Figure) -> np.ndarray:
    """Returns what a figure shows, uint8 [H, W, 3]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
