"""The game of the original GAN on densities: its value and its best discriminator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py, xlogy

from tfgan_losses.divergences.density import Density, probabilities_on_one_grid


def optimal_discriminator(p: Density, q: Density) -> np.ndarray:
    """`D*(x) = p(x) / (p(x) + q(x))`, the probability that x is real, float64 [n].

    Args:
        p: The data.
        q: The generator, on the same grid.

    Returns:
        Values in [0, 1]; 1 only where q has no probability, however little it has; 1/2 where
        neither has any, since anything is optimal there.

    Raises:
        TypeError: If one is no `Density`.
        ValueError: If the grids differ.

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, proposition 1.
    """
    p_values, q_values = probabilities_on_one_grid(p, q)
    total = p_values + q_values
    best = np.divide(p_values, total, out=np.full_like(total, 0.5), where=total > 0)
    # Rounded to 1 it would be sure and wrong where q is tiny, at an infinite price.
    return np.where(q_values > 0, np.minimum(best, np.nextafter(1, 0)), best)


def value(p: Density, q: Density, discriminator: ArrayLike) -> float:
    """V(D, G) = E_p log D(x) + E_q log(1 - D(x)), in nats.

    Args:
        p: The data.
        q: The generator, on the same grid.
        discriminator: D, probabilities of real, [n].

    Returns:
        At most 2 JSD(p, q) - 2 log 2, reached by `optimal_discriminator`; -inf if D is sure and
        wrong somewhere.

    Raises:
        TypeError: If one is no `Density`.
        ValueError: If the grids differ, or D has another shape or values outside [0, 1].

    References:
        Goodfellow et al., 2014, Generative Adversarial Nets, equation 1.
    """
    p_values, q_values = probabilities_on_one_grid(p, q)
    discriminator = np.asarray(discriminator, np.float64)
    if not ((discriminator >= 0) & (discriminator <= 1)).all():
        raise ValueError(
            "Expected a discriminator of probabilities in [0, 1]; raw outputs need a sigmoid. "
            f"Received: values from {discriminator.min()} to {discriminator.max()}"
        )
    if discriminator.shape != p_values.shape:
        raise ValueError(
            f"Expected one value for each of the {len(p_values)} points. "
            f"Received: shape {discriminator.shape}"
        )
    return float(np.sum(xlogy(p_values, discriminator) + xlog1py(q_values, -discriminator)))
