"""The kernel distance: a maximum mean discrepancy that has no bias, however few the samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.row_order import order_of

_ENTRIES = 2**22  # Of the kernel that are held at once.
_FEWEST = 3  # Examples in a block: one can be left out and two remain.


def kernel_distance(
    real_features: ArrayLike,
    generated_features: ArrayLike,
    block_size: int | None = 1000,
    seed: int = 0,
) -> Estimate:
    """MMD^2 with the kernel k(x, y) = (x.y / features + 1)^3, without bias.

    E k(x, x') + E k(y, y') - 2 E k(x, y), each a mean over pairs of different examples; the mean of
    it over disjoint blocks, which take time and memory in proportion to the number of examples. It
    can be below 0, and is about as often as not where the distributions are equal. With the
    features of the Inception network it is the KID.

    The standard error is that of the jackknife in each block, less what it counts twice: the part
    of the variance that comes of pairs and not of single examples.

    Args:
        real_features: [n, features], of any float type.
        generated_features: [m, features]; m need not be n.
        block_size: Examples of the larger set in a block, at most; None for one block, which makes
            the most of few examples and takes time in proportion to the square of their number.
        seed: Of the order in which examples come into blocks, whatever order they are in here.

    Returns:
        The distance and its standard error.

    Raises:
        ValueError: If there are fewer than 3 examples of each, the size is no integer of at least
            3, or as `check_pair`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> real, generated = rng.normal(size=[500, 4]), rng.normal(size=[500, 4]) + 1.0
        >>> print(metrics.kernel_distance(real, generated))
        9.617 ± 0.77

    References:
        Bińkowski et al., 2018, Demystifying MMD GANs, arXiv:1801.01401; Gretton et al., 2012, A
        Kernel Two-Sample Test, eq. 3.
    """
    check_block_size(block_size)
    real, generated = check_pair(real_features, generated_features, at_least=_FEWEST)
    blocks = [_of_block(x, y) for x, y in _blocks(real, generated, block_size, seed)]
    variance = sum(block.variance for block in blocks) / len(blocks) ** 2
    return Estimate(float(np.mean([block.value for block in blocks])), float(np.sqrt(variance)))


def check_block_size(block_size: int | None) -> None:
    """Raises ValueError unless it is one."""
    if block_size is not None and (not isinstance(block_size, int) or block_size < _FEWEST):
        raise ValueError(
            f"Expected block_size to be None or an integer >= {_FEWEST}. "
            f"Received: block_size={block_size!r}"
        )


def _blocks(
    real: np.ndarray, generated: np.ndarray, size: int | None, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    most = max(len(real), len(generated))
    count = 1 if size is None else -(-most // size)
    count = max(1, min(count, len(real) // _FEWEST, len(generated) // _FEWEST))
    if count == 1:
        yield real, generated
        return
    rng = np.random.default_rng(seed)
    orders = [np.array_split(rng.permutation(order_of(x)), count) for x in (real, generated)]
    for rows, others in zip(*orders, strict=True):
        yield real[rows], generated[others]


@dataclasses.dataclass(frozen=True)
class _Block:
    value: float
    variance: float


def _of_block(real: np.ndarray, generated: np.ndarray) -> _Block:
    within = [_Sums.of(x, x, among=True) for x in (real, generated)]
    between = _Sums.of(real, generated)
    value = sum(sums.mean for sums in within) - 2 * between.mean
    jackknife = _jackknife(within[0], between.rows, len(generated))
    jackknife += _jackknife(within[1], between.columns, len(real))
    of_pairs = 4 * between.variance_of_pairs + 2 * sum(x.variance_of_pairs for x in within)
    # Of pairs alone it is where the distributions are equal.
    return _Block(value, max(jackknife - of_pairs, of_pairs))


def _jackknife(own: _Sums, cross: np.ndarray, others: int) -> float:
    """The variance from the values without each example of a set.

    Args:
        own: The kernel among the set.
        cross: Sums of the kernel with the other set, for each example.
        others: Examples of the other set.
    """
    n = len(cross)
    without = (own.total - 2 * own.rows) / ((n - 1) * (n - 2))
    without -= 2 * (cross.sum() - cross) / ((n - 1) * others)
    return (n - 1) * float(np.var(without))


@dataclasses.dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of the kernel over pairs of examples, without those of an example with itself.

    Attributes:
        rows: For each example of one set, float64 [n].
        columns: For each example of the other set, float64 [m].
        squares: Of the squares, over all pairs.
        pairs: How many.
    """

    rows: np.ndarray
    columns: np.ndarray
    squares: float
    pairs: int

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, *, among: bool = False) -> _Sums:
        """Returns those of x with y, which is the same set if `among`."""
        rows, columns, squares = np.empty(len(x)), np.zeros(len(y)), 0.0
        size = max(1, _ENTRIES // len(y))
        for start in range(0, len(x), size):
            part = slice(start, min(start + size, len(x)))
            kernel = x[part] @ y.T
            kernel /= x.shape[1]
            kernel += 1
            kernel *= np.square(kernel)
            if among:
                kernel[np.arange(len(kernel)), np.arange(part.start, part.stop)] = 0
            rows[part] = kernel.sum(axis=1)
            columns += kernel.sum(axis=0)
            squares += float(np.square(kernel, out=kernel).sum())
        return cls(rows, columns, squares, len(x) * (len(y) - among))

    @property
    def total(self) -> float:
        return float(self.rows.sum())

    @property
    def mean(self) -> float:
        return self.total / self.pairs

    @property
    def variance_of_pairs(self) -> float:
        """The variance of the mean that is not from single examples.

        Kernel values less the means of their row and their column: of independent pairs.
        """
        n, m = len(self.rows), len(self.columns)
        row, column = self.pairs / n, self.pairs / m  # Pairs of an example.
        rest = self.squares - np.square(self.rows).sum() / row
        rest -= np.square(self.columns).sum() / column
        return max(0.0, float(rest) + self.mean**2 * self.pairs) / self.pairs**2


@registry.register("kernel")
class Kernel(GeneratorMetric):
    """`kernel_distance` of the features.

    Args:
        block_size: Examples of a block, at most; None for one block.
        seed: Of their order.

    Raises:
        ValueError: If the size is none.
    """

    best: ClassVar[dict[str, str]] = {"kernel": "min"}

    def __init__(self, block_size: int | None = 1000, seed: int = 0):
        check_block_size(block_size)
        self.block_size, self.seed = block_size, seed

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance."""
        found = kernel_distance(real.features, generated.features, self.block_size, self.seed)
        return {"kernel": found}

    def get_config(self) -> dict[str, Any]:
        """Size and seed."""
        return {"block_size": self.block_size, "seed": self.seed}
