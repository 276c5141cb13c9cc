"""The Fréchet distance of two Gaussians, and how much each example moves it.

With covariances S = F^T F, the eigenvalues of (S_r S_g)^(1/2) are the singular values of F_r F_g^T:
real and at least 0 by construction, also where the covariances are singular.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from tfgan_losses.metrics.moments import Moments

# Features from which on a decomposition takes time.
_LARGE = 256
# Singular values below it, as a part of the largest, are 0 but for rounding.
_NEGLIGIBLE = 1e-12


@dataclasses.dataclass(frozen=True, eq=False)
class Influence:
    """A distance, and what each example does to it.

    Attributes:
        distance: See `frechet_distance`.
        real: First order influence of each real example, float64 [n], with mean 0: the distance
            moves by the mean of it over n others that are drawn instead.
        generated: The same for the generated ones, float64 [m].
    """

    distance: float
    real: np.ndarray
    generated: np.ndarray

    @property
    def standard_error(self) -> float:
        """Of the distance, both sets being drawn anew."""
        variances = (x.var(ddof=1) / len(x) for x in (self.real, self.generated))
        return float(np.sqrt(sum(variances)))


def distance_of_moments(real: Moments, generated: Moments) -> float:
    """The squared 2-Wasserstein distance of two Gaussians of one width; see `frechet_distance`."""
    if real.equals(generated):
        return 0.0
    return _distance(real, generated, _singular_values(real.factor, generated.factor))


def influence_on_distance(
    real: np.ndarray, generated: np.ndarray, of_real: Moments, of_generated: Moments
) -> Influence:
    """Returns the distance, and the influence function of it at each example.

    Of a real example mu_r + x it is x^T (I - T) x + 2 (mu_r - mu_g)^T x but for a constant, T being
    the optimal transport from S_r to S_g. If F_r F_g^T = U s V^T, that is T = F_g^T V s^-1 V^T F_g:
    no covariance is inverted, and where s is 0 nothing is moved.

    Args:
        real: float64 [n, features].
        generated: float64 [m, features].
        of_real: Their moments.
        of_generated: Those of the generated ones.

    References:
        Rippl, Munk & Sturm, 2016, Limit laws of the empirical Wasserstein distance: Gaussian
        distributions, arXiv:1507.04090.
    """
    if of_real.equals(of_generated):
        return Influence(0.0, np.zeros(len(real)), np.zeros(len(generated)))
    product = of_real.factor @ of_generated.factor.T
    left, values, right = np.linalg.svd(product, full_matrices=False)
    kept = values > _NEGLIGIBLE * values.max(initial=0.0)
    scale = np.sqrt(values[kept])[:, None]
    # T = root^T root, one for each direction.
    forth = right[kept] @ of_generated.factor / scale
    back = left[:, kept].T @ of_real.factor / scale
    shift = of_real.mean - of_generated.mean
    return Influence(
        _distance(of_real, of_generated, values),
        _influence(real - of_real.mean, shift, forth),
        _influence(generated - of_generated.mean, -shift, back),
    )


def _distance(real: Moments, generated: Moments, singular_values: np.ndarray) -> float:
    shift = np.square(real.mean - generated.mean).sum()
    variances = real.total_variance + generated.total_variance
    # Rounding can put the distance of equal sets a little below 0.
    return max(0.0, float(shift + variances - 2 * singular_values.sum()))


def _singular_values(real: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Returns those of the product of two factors [rank, features]."""
    product = real @ generated.T
    features = real.shape[1]
    if product.shape != (features, features) or features < _LARGE:
        return np.linalg.svd(product, compute_uv=False)
    # A quarter of the time. Of covariances of full rank no value is so small that its square
    # drowns in rounding errors.
    return np.sqrt(np.maximum(np.linalg.eigvalsh(product @ product.T), 0))


def _influence(centered: np.ndarray, shift: np.ndarray, root: np.ndarray) -> np.ndarray:
    influence = _squared_lengths(centered) - _squared_lengths(centered @ root.T)
    influence += 2 * (centered @ shift)
    return influence - influence.mean()


def _squared_lengths(rows: np.ndarray) -> np.ndarray:
    # Without a third array as large as the examples.
    return np.einsum("ij,ij->i", rows, rows)
