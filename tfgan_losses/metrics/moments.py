"""Mean and covariance of features, in float64."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """The Gaussian that was fitted to n examples.

    Attributes:
        count: n, at least 2.
        mean: float64 [features].
        factor: float64 [rank, features], rank at most min(n, features); the unbiased covariance
            is factor^T factor. Of few examples it is smaller than the covariance, and exact.
    """

    count: int
    mean: np.ndarray
    factor: np.ndarray

    @classmethod
    def of_covariance(cls, count: int, mean: np.ndarray, covariance: np.ndarray) -> Moments:
        """The moments with this covariance [features, features]."""
        return cls(count, mean, _root(covariance))

    @functools.cached_property
    def covariance(self) -> np.ndarray:
        """The unbiased covariance, float64 [features, features]."""
        return self.factor.T @ self.factor

    @functools.cached_property
    def total_variance(self) -> float:
        """The trace of the covariance."""
        return float(np.square(self.factor).sum())

    def equals(self, other: Moments) -> bool:
        """Whether both are the same numbers."""
        return np.array_equal(self.mean, other.mean) and np.array_equal(self.factor, other.factor)


def moments_of(features: np.ndarray) -> Moments:
    """Returns the moments of features [n, features], n >= 2."""
    features = np.asarray(features, np.float64)
    mean = features.mean(axis=0)
    centered = features - mean
    if len(features) <= features.shape[1]:
        return Moments(len(features), mean, centered / np.sqrt(len(features) - 1))
    covariance = centered.T @ centered / (len(features) - 1)
    return Moments.of_covariance(len(features), mean, covariance)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Returns F [rank, features] with F^T F equal to this positive semidefinite matrix."""
    try:
        return np.linalg.cholesky(covariance).T
    except np.linalg.LinAlgError:
        # Singular: eigenvalues that should be 0 are some rounding error above or below it.
        eigenvalues, vectors = np.linalg.eigh(covariance)
        kept = eigenvalues > len(eigenvalues) * np.finfo(np.float64).eps * eigenvalues[-1]
        return np.sqrt(eigenvalues[kept])[:, None] * vectors[:, kept].T
