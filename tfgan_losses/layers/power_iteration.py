"""The largest singular value of a matrix: one step towards it, many at once, and all."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfgan_losses.types import Tensor

# Of the products of `krylov_step` with themselves: the 2^8-th power of a small matrix.
_SQUARINGS = 8


def _normalize_or_keep(vector: Tensor, previous: Tensor, epsilon: float) -> Tensor:
    # Where the matrix is zero its image has no direction. Keeping the previous unit vector lets
    # the iteration go on once the weights have moved; a zero vector would stay zero for ever.
    norm = _norm(vector)
    return ops.where(norm > epsilon, vector / ops.maximum(norm, epsilon), previous)


def _norm(vector: Tensor) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(vector)))


def power_iteration_step(
    matrix: Tensor, left: Tensor, right: Tensor, epsilon: float
) -> tuple[Tensor, Tensor]:
    """Does one step of Miyato 2018, algorithm 1, lines 1 and 2.

    Args:
        matrix: `[rows, columns]`.
        left: `[rows]`, unit vector, the estimate `u` of the first left singular vector.
        right: `[columns]`, unit vector, the estimate `v` of the first right one.
        epsilon: An image shorter than this counts as zero.

    Returns:
        The new pair `(left, right)`.
    """
    right = _normalize_or_keep(ops.matmul(left, matrix), right, epsilon)
    left = _normalize_or_keep(ops.matmul(matrix, right), left, epsilon)
    return left, right


def krylov_step(
    matrix: Tensor, left: Tensor, right: Tensor, steps: int, epsilon: float
) -> tuple[Tensor, Tensor]:
    """Finds the largest singular value in all that so many steps of the power iteration span.

    Its work is that of these steps, whose last vector alone is far worse: where two singular
    values are near each other, 16 steps do here what hundreds do there. (Lanczos' method with
    the basis kept orthogonal; Golub & Van Loan 2013, Matrix Computations, chapter 10.)

    Args:
        matrix: `[rows, columns]`.
        left: `[rows]`, unit vector, which is kept where the matrix is zero.
        right: `[columns]`, unit vector, the estimate to start from.
        steps: Dimension of the space that is searched, at least 1.
        epsilon: An image shorter than this counts as zero.

    Returns:
        The new pair `(left, right)`.
    """
    none = ops.zeros((steps, 1), matrix.dtype)

    def add(index: Tensor, found: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        direction, basis, images = found
        image = ops.matmul(matrix, direction)
        here = ops.one_hot(index, steps, dtype=matrix.dtype)[:, None]
        basis, images = basis + here * direction, images + here * image
        return _new_direction(ops.matmul(image, matrix), basis), basis, images

    # In a loop, since XLA takes ten seconds to compile a dozen copies for one layer.
    _, basis, images = ops.fori_loop(0, steps, add, (right, none * right, none * left))
    weights = _top_eigenvector(ops.matmul(images, ops.transpose(images)))
    new_left = _normalize_or_keep(ops.matmul(weights, images), left, epsilon)
    return new_left, _normalize_or_keep(ops.matmul(weights, basis), right, epsilon)


def _new_direction(vector: Tensor, basis: Tensor) -> Tensor:
    """Returns the part of a vector that is orthogonal to a basis, of length 1 or 0."""
    once = vector - ops.matmul(ops.matmul(basis, vector), basis)
    twice = once - ops.matmul(ops.matmul(basis, once), basis)
    # Once leaves rounding errors along the basis. Where they are all that is left, the second
    # time shortens it, and there is no new direction.
    is_new = _norm(twice) > 0.5 * _norm(once)
    return ops.where(is_new, twice / _norm(twice), ops.zeros_like(twice))


def _top_eigenvector(matrix: Tensor) -> Tensor:
    """Returns a multiple of it, for a small symmetric matrix without negative eigenvalues.

    By products: TensorFlow's `eigh` stops the program if a number is not finite.
    """

    def square(_: Tensor, power: Tensor) -> Tensor:
        # The largest entry of such a matrix is on its diagonal. It may be 0.
        power = power / ops.maximum(ops.max(power), np.finfo("float32").tiny)
        return ops.matmul(power, power)

    power = ops.fori_loop(0, _SQUARINGS, square, matrix)
    return ops.take(power, ops.argmax(ops.diagonal(power)), axis=1)


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
    """Runs the power iteration until the singular value stands still.

    The iteration runs on the smaller Gram matrix, where a step costs `min(rows, columns)^2`.
    Slow progress means that the two largest singular values nearly agree, and then every vector
    between theirs gives the same sigma; so the stop looks at sigma, not at the vectors.

    Args:
        matrix: `[rows, columns]`.
        tolerance: Stop when the squared singular value changes by less than this, relatively.
        max_steps: Stop then in any case.

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
