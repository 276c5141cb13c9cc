"""Averages of areas of pixels."""

from __future__ import annotations

import numpy as np


def area_weights(old: int, new: int) -> np.ndarray:
    """Returns the share of each of the old pixels in each of the new ones, [new, old]."""
    edges = np.linspace(0, old, new + 1)
    pixels = np.arange(old)
    upper = np.minimum(edges[1:, None], pixels + 1)
    lower = np.maximum(edges[:-1, None], pixels)
    return np.maximum(upper - lower, 0) * new / old
