"""An order of rows that does not depend on the order in which they came."""

from __future__ import annotations

import numpy as np


def order_of(points: np.ndarray) -> np.ndarray:
    """Returns the indices of rows in the order of their bytes, which everybody agrees on.

    What is drawn from them by a seed is then the same for every order of the same rows.

    Args:
        points: [n, features], of a float type.

    Returns:
        int64 [n].
    """
    rows = np.ascontiguousarray(points) + 0.0  # -0 and 0 are equal and have other bytes.
    as_one = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))
    return as_one.ravel().argsort(kind="stable")
