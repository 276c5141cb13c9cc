"""The Fréchet distance between Gaussians fitted to two sets of features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet


def frechet_distance(real_features: ArrayLike, generated_features: ArrayLike) -> float:
    """|mu_r - mu_g|^2 + tr(S_r + S_g - 2 (S_r S_g)^(1/2)), with unbiased covariances S.

    With the features of the Inception network of its authors this is the FID. Any other features
    give another scale, on which only distances of the same features compare.

    The trace of (S_r S_g)^(1/2) is that of (S_r^(1/2) S_g S_r^(1/2))^(1/2), the two matrices being
    similar. The latter is symmetric, so that its square root is real also where there are fewer
    examples than features.

    Args:
        real_features: [n, features].
        generated_features: [m, features]; m need not be n.

    Returns:
        The squared distance, at least 0; NaN if a feature is not finite.

    Raises:
        ValueError: If the arrays are not matrices of one width, or one has fewer than 2 rows.

    References:
        Heusel et al., 2017, GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium, arXiv:1706.08500.
    """
    real, generated = _checked(real_features, generated_features)
    if not (np.isfinite(real).all() and np.isfinite(generated).all()):
        return float("nan")
    real_mean, real_covariance = _moments(real)
    generated_mean, generated_covariance = _moments(generated)
    root = _square_root(real_covariance)
    product = root @ generated_covariance @ root
    eigenvalues = np.linalg.eigvalsh((product + product.T) / 2)
    distance = (
        np.square(real_mean - generated_mean).sum()
        + np.trace(real_covariance)
        + np.trace(generated_covariance)
        - 2 * np.sqrt(np.maximum(eigenvalues, 0)).sum()
    )
    # Rounding can put the distance of equal sets a little below 0.
    return max(0.0, float(distance))


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = features.mean(axis=0)
    centered = features - mean
    return mean, centered.T @ centered / (len(features) - 1)


def _square_root(covariance: np.ndarray) -> np.ndarray:
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T


def _checked(real: ArrayLike, generated: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    real, generated = np.asarray(real, np.float64), np.asarray(generated, np.float64)
    matrices = real.ndim == generated.ndim == 2
    if not matrices or real.shape[1] != generated.shape[1] or real.shape[1] == 0:
        raise ValueError(
            "Expected features [n, features] and [m, features] of one width. "
            f"Received: shapes {real.shape} and {generated.shape}"
        )
    if min(len(real), len(generated)) < 2:
        raise ValueError(
            "Expected at least 2 examples of each, since one has no covariance. "
            f"Received: {len(real)} real and {len(generated)} generated"
        )
    return real, generated


@registry.register("frechet")
class Frechet(GeneratorMetric):
    """`frechet_distance` of the features."""

    best: ClassVar[dict[str, str]] = {"frechet": "min"}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the distance."""
        return {"frechet": Estimate(frechet_distance(real.features, generated.features))}
