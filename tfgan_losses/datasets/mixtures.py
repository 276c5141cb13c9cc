"""Two-dimensional Gaussian mixtures, the smallest test of mode collapse.

Ring and grid follow VEEGAN (Srivastava et al., 2017, https://arxiv.org/abs/1705.07761, section
4.1) as PacGAN (Lin et al., 2018, https://arxiv.org/abs/1712.04086, section 4.1) states them.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.datasets import fingerprint
from tfgan_losses.datasets.source import BaseSource
from tfgan_losses.types import Seed


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Mixture:
    """Equally weighted isotropic Gaussians in the plane.

    Attributes:
        centers: Means of the modes, float32 `[modes, 2]`.
        sigma: Standard deviation of every mode along each axis.

    Examples:
        >>> from tfgan_losses import datasets
        >>> ring = datasets.load("ring8").mixture
        >>> ring
        Mixture(8 modes, sigma=0.01)
    """

    centers: np.ndarray
    sigma: float

    def __repr__(self) -> str:
        """Returns one line."""
        return f"Mixture({len(self.centers)} modes, sigma={self.sigma})"

    def draw(self, n: int, seed: Seed) -> tf.Tensor:
        """Draws points as a stateless function of `seed`, the same eager and in a graph.

        Args:
            n: Number of points.
            seed: int64 tensor `[2]`; `tfgan_losses.random.step_seed` makes one.

        Returns:
            float32 `[n, 2]`.
        """
        of_mode, of_noise = random.split(seed, 2)
        mode = random.uniform(n, [], of_mode, high=len(self.centers))
        noise = random.normal(n, [2], of_noise)
        return tf.gather(tf.constant(self.centers), tf.cast(mode, tf.int32)) + self.sigma * noise

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Returns `n` points, float32 `[n, 2]`, the same for the same `seed`."""
        return self.draw(n, random.step_seed(seed, 0, "samples of a mixture")).numpy()

    def density(self, points: np.ndarray) -> np.ndarray:
        """Returns the probability density, float64 `[n]`, at `points` `[n, 2]`."""
        points = np.asarray(points, np.float64)
        squared = np.square(points[:, None] - self.centers[None].astype(np.float64)).sum(-1)
        variance = self.sigma**2
        return np.exp(-squared / (2 * variance)).mean(axis=1) / (2 * np.pi * variance)


def ring(modes: int = 8, *, radius: float = 1.0, sigma: float = 0.01) -> Mixture:
    """Returns `modes` Gaussians at equal distances on a circle."""
    angle = 2 * np.pi * np.arange(modes) / modes
    centers = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Mixture(centers.astype(np.float32), sigma)


def grid(side: int = 5, *, spacing: float = 2.0, sigma: float = 0.05) -> Mixture:
    """Returns `side` x `side` Gaussians on a square lattice around the origin."""
    axis = spacing * (np.arange(side) - (side - 1) / 2)
    centers = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    return Mixture(centers.astype(np.float32), sigma)


MIXTURES = {"ring8": ring(8), "grid25": grid(5)}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MixtureSource(BaseSource):
    """Fresh samples of a mixture in raw coordinates; batch k depends on (seed, k) alone.

    Attributes:
        mixture: The distribution drawn from.
    """

    mixture: Mixture

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        numbers = tf.data.Dataset.range(start, 2**62)
        return numbers.map(
            lambda number: self.mixture.draw(batch_size, random.step_seed(seed, number, "data"))[
                own
            ],
            num_parallel_calls=tf.data.AUTOTUNE,
        )

    def _take(self, n: int) -> tuple[np.ndarray, None]:
        return self.mixture.sample(n, seed=0), None


def load_mixture(name: str) -> MixtureSource:
    """Returns the source called `name`, a key of `MIXTURES`."""
    mixture = MIXTURES[name]
    centers = fingerprint.hash_of(mixture.centers.tolist())
    return MixtureSource(
        name=name,
        example_shape=(2,),
        mixture=mixture,
        preparation="points as they are",
        fingerprint=fingerprint.make("mixture", size=None, hash=centers, sigma=mixture.sigma),
    )
