"""Divergences that compare two densities point by point.

Each is an f-divergence (Nowozin et al., 2016, f-GAN, arXiv:1606.00709, table 1): 0 if and only if
p = q, and the same after any one-to-one change of the coordinates. That is their weakness, too:
they do not see how far apart two points are.

Each takes two densities on one grid, or two Gaussians where a closed form exists.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.special import rel_entr

from tfgan_losses.divergences import gaussian
from tfgan_losses.divergences.density import Density, mixture, probabilities_on_one_grid
from tfgan_losses.divergences.gaussian import Gaussian

Distribution: TypeAlias = Density | Gaussian


def kl(p: Distribution, q: Distribution) -> float:
    """The Kullback-Leibler divergence KL(p || q) = E_p log(p / q), in nats.

    Args:
        p: Density or Gaussian.
        q: The same kind; densities on one grid.

    Returns:
        At least 0; inf if p has probability where q has none.

    Raises:
        TypeError: If they are not of one kind.
        ValueError: If the grids differ.

    Examples:
        >>> from tfgan_losses.divergences import Gaussian, kl
        >>> round(kl(Gaussian(0.0, 1.0), Gaussian(1.0, 1.0)), 4)
        0.5
    """
    if isinstance(p, Gaussian) and isinstance(q, Gaussian):
        return gaussian.kl(p, q)
    p_values, q_values = probabilities_on_one_grid(p, q)
    # max: rounding can give -1e-17.
    return max(0.0, float(rel_entr(p_values, q_values).sum()))


def reverse_kl(p: Distribution, q: Distribution) -> float:
    """KL(q || p), in nats: with p the data and q the generator, what forgives missed modes.

    Returns and errors are those of `kl`.

    Args:
        p: Density or Gaussian.
        q: The same kind; densities on one grid.

    Examples:
        >>> from tfgan_losses.divergences import Density, reverse_kl
        >>> p, q = Density([0.0, 1.0], [0.5, 0.5]), Density([0.0, 1.0], [1.0, 0.0])
        >>> round(reverse_kl(p, q), 4)  # log 2
        0.6931
    """
    return kl(q, p)


def jensen_shannon(p: Density, q: Density) -> float:
    """JSD(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2, in nats.

    Args:
        p: Density. There is no closed form for Gaussians.
        q: Density on the same grid.

    Returns:
        Between 0 and log 2; log 2 if and only if no point has probability under both.

    Raises:
        TypeError: If one is no `Density`.
        ValueError: If the grids differ.

    Examples:
        >>> from tfgan_losses.divergences import Density, jensen_shannon
        >>> p, q = Density([0.0, 1.0], [0.5, 0.5]), Density([0.0, 1.0], [1.0, 0.0])
        >>> round(jensen_shannon(p, q), 4)
        0.2158

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, equation 6.
    """
    middle = mixture(p, q)
    return (kl(p, middle) + kl(q, middle)) / 2


def total_variation(p: Distribution, q: Distribution) -> float:
    """TV(p, q) = sum |p - q| / 2: the largest difference of the probability of any event.

    Errors are those of `kl`.

    Args:
        p: Density or Gaussian.
        q: The same kind; densities on one grid.

    Returns:
        Between 0 and 1.

    Examples:
        >>> from tfgan_losses.divergences import Density, total_variation
        >>> p, q = Density([0.0, 1.0], [0.5, 0.5]), Density([0.0, 1.0], [1.0, 0.0])
        >>> total_variation(p, q)
        0.5
    """
    if isinstance(p, Gaussian) and isinstance(q, Gaussian):
        return gaussian.total_variation(p, q)
    p_values, q_values = probabilities_on_one_grid(p, q)
    return float(np.abs(p_values - q_values).sum() / 2)


def pearson_chi2(p: Distribution, q: Distribution) -> float:
    """Pearson's chi^2 of p against q: sum (p - q)^2 / q, as in his test of q with counts p.

    The LSGAN paper writes the two in the other order: its chi^2(p || q) divides by p.

    Errors are those of `kl`.

    Args:
        p: Density or Gaussian.
        q: The same kind; densities on one grid.

    Returns:
        At least 0; inf if p has probability where q has none, or if the integral diverges.

    Examples:
        >>> from tfgan_losses.divergences import Density, pearson_chi2
        >>> p, q = Density([0.0, 1.0], [0.5, 0.5]), Density([0.0, 1.0], [1.0, 0.0])
        >>> pearson_chi2(q, p)
        1.0
    """
    if isinstance(p, Gaussian) and isinstance(q, Gaussian):
        return gaussian.pearson_chi2(p, q)
    p_values, q_values = probabilities_on_one_grid(p, q)
    some = q_values > 0
    if (p_values[~some] > 0).any():
        return float("inf")
    return float(np.sum(np.square(p_values[some] - q_values[some]) / q_values[some]))


def hellinger(p: Distribution, q: Distribution) -> float:
    """The Hellinger distance sqrt(sum (sqrt(p) - sqrt(q))^2 / 2).

    Errors are those of `kl`.

    Args:
        p: Density or Gaussian.
        q: The same kind; densities on one grid.

    Returns:
        Between 0 and 1.

    Examples:
        >>> from tfgan_losses.divergences import Density, hellinger
        >>> p, q = Density([0.0, 1.0], [0.5, 0.5]), Density([0.0, 1.0], [1.0, 0.0])
        >>> round(hellinger(p, q), 4)
        0.5412
    """
    if isinstance(p, Gaussian) and isinstance(q, Gaussian):
        return gaussian.hellinger(p, q)
    p_values, q_values = probabilities_on_one_grid(p, q)
    return float(np.sqrt(np.square(np.sqrt(p_values) - np.sqrt(q_values)).sum() / 2))
