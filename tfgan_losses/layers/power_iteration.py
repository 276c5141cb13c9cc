"""Power iteration for the largest singular value of a matrix: one step, and to convergence."""

import numpy as np
from keras import ops


def _normalize_or_keep(vector, previous, epsilon: float):
    # Where the matrix is zero its image has no direction. Keeping the previous unit vector lets
    # the iteration go on once the weights have moved; a zero vector would stay zero for ever.
    norm = ops.sqrt(ops.sum(ops.square(vector)))
    return ops.where(norm > epsilon, vector / ops.maximum(norm, epsilon), previous)


def power_iteration_step(matrix, left, right, epsilon: float):
    """Do one step of Miyato 2018, algorithm 1, lines 1 and 2.

    Args:
        matrix: `[rows, columns]`.
        left: `[rows]`, unit vector, the estimate `u` of the first left singular vector.
        right: `[columns]`, unit vector, the estimate `v` of the first right one.
        epsilon: an image shorter than this counts as zero.

    Returns:
        The new pair `(left, right)`.
    """
    right = _normalize_or_keep(ops.matmul(left, matrix), right, epsilon)
    left = _normalize_or_keep(ops.matmul(matrix, right), left, epsilon)
    return left, right


def _unit(vector: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(vector)
    return vector / norm if norm > 0 else fallback


def _start(size: int) -> np.ndarray:
    # Fixed numbers, so that two builds of the same kernel agree to the bit; random ones, because
    # a regular vector such as all ones can be orthogonal to the one that is sought.
    vector = np.random.default_rng(0).standard_normal(size)
    return vector / np.linalg.norm(vector)


def top_singular_vectors(
    matrix: np.ndarray, *, tolerance: float = 1e-8, max_steps: int = 5000
) -> tuple[np.ndarray, np.ndarray]:
    """Run the power iteration until the singular value stands still.

    The iteration runs on the smaller Gram matrix, where a step costs `min(rows, columns)^2`.
    Slow progress means that the two largest singular values nearly agree, and then every vector
    between theirs gives the same sigma; so the stop looks at sigma, not at the vectors.

    Args:
        matrix: `[rows, columns]`.
        tolerance: stop when the squared singular value changes by less than this, relatively.
        max_steps: stop then in any case.

    Returns:
        `(left, right)`: float64 unit vectors `[rows]` and `[columns]`. Any unit vectors for a
        matrix of zeros.
    """
    rows, columns = matrix.shape
    gram = (matrix @ matrix.T if rows <= columns else matrix.T @ matrix).astype(np.float64)
    vector, value = _start(len(gram)), 0.0
    for _ in range(max_steps):
        image = gram @ vector
        previous, value = value, float(vector @ image)
        vector = _unit(image, fallback=vector)
        if abs(value - previous) <= tolerance * abs(value):
            break
    if rows <= columns:
        return vector, _unit(vector @ matrix, fallback=_start(columns))
    return _unit(matrix @ vector, fallback=_start(rows)), vector
