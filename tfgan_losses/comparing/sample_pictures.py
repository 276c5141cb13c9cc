"""Pictures of examples as HTML that needs no other file: images as PNG, points as SVG."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import numpy as np

from tfgan_losses.run_files import pictures

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource

# So many images [columns, columns]; pictures that are less wide are shown with their pixels.
_COLUMNS, _SMALL = 6, 200
_POINTS = 1000
# Units of the drawing of points, and how far it reaches beyond the data.
_SIDE, _REACH = 400, 1.3


def count(source: BaseSource) -> int:
    """Returns how many examples a picture shows; 0 if there is none of such data."""
    shape = tuple(source.example_shape)
    if pictures.are_images(shape):
        return _COLUMNS**2
    return _POINTS if shape == (2,) else 0


def html_of(examples: np.ndarray, source: BaseSource, *, what: str, kind: str = "generated") -> str:
    """Returns the picture, or an empty string if there is none of such data.

    Args:
        examples: As many as `count` says; images in [-1, 1].
        source: The data.
        what: What they are, for who cannot see it.
        kind: A class of the page: "generated" or "real".
    """
    if not count(source):
        return ""
    if len(source.example_shape) == 3:
        return _of_images(examples, what)
    return _of_points(examples, source, what, kind)


def _of_images(images: np.ndarray, what: str) -> str:
    from PIL import Image

    grid = pictures.image_grid(images, columns=_COLUMNS, padding=1, min_cell=1)
    file = io.BytesIO()
    Image.fromarray(grid).save(file, "png", optimize=True)
    code = base64.b64encode(file.getvalue()).decode()
    height, width = grid.shape[:2]
    kind = ' class="small"' if width < _SMALL else ""
    text = html.escape(f"{what}: {len(images)} images")
    return (
        f'<img{kind} width="{width}" height="{height}" alt="{text}" '
        f'src="data:image/png;base64,{code}">'
    )


def _of_points(points: np.ndarray, source: BaseSource, what: str, kind: str) -> str:
    mixture = getattr(source, "mixture", None)
    marks = np.zeros((0, 2)) if mixture is None else np.asarray(mixture.centers)
    reach = _REACH * float(np.abs(marks if len(marks) else points).max(initial=1e-6))
    finite = points[np.isfinite(points).all(axis=1)]
    inside = finite[(np.abs(finite) <= reach).all(axis=1)]
    dots = "".join(f"M{x} {y}h0" for x, y in _places(inside, reach))
    rings = "".join(f'<circle cx="{x}" cy="{y}" r="9"/>' for x, y in _places(marks, reach))
    outside = len(points) - len(inside)
    text = f"{what}: {len(points)} points, {len(marks)} modes as rings"
    note = f'<text x="8" y="{_SIDE - 10}">{outside} outside</text>' if outside else ""
    return (
        f'<svg class="points {kind}" viewBox="0 0 {_SIDE} {_SIDE}" role="img" '
        f'aria-label="{html.escape(text)}">{rings}<path d="{dots}"/>{note}</svg>'
    )


def _places(points: np.ndarray, reach: float) -> np.ndarray:
    """Returns points in the units of the drawing, whose y goes down."""
    scaled = (points * [1, -1] / reach + 1) / 2 * _SIDE
    return np.rint(scaled).astype(int)
