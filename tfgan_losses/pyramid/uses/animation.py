"""An image that moves: a walk through the noise around that which reconstructs it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.pyramid.checks import check_integer
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.sampling import SizedPyramid, check_scale
from tfgan_losses.types import Tensor

# How far the walk begins from the reconstruction.
_START = 0.05


def animation(
    pyramid: Pyramid,
    frames: int = 100,
    *,
    alpha: float = 0.1,
    beta: float = 0.9,
    first: int | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Images of the latents of `walk`, float32 [frames, height, width, channels] in [-1, 1].

    Args:
        pyramid: What makes them, at the size that was trained.
        frames: How many, 1 or more.
        alpha: How strongly the walk is drawn to the reconstruction, in [0, 1].
        beta: How smooth it is, in [0, 1].
        first: Number of the coarsest scale that moves; None for the third coarsest, if there is
            one.
        seed: Decides the walk.

    Raises:
        ValueError: If a number is out of its range.
    """
    draw = SizedPyramid(pyramid).draw
    latents = walk(pyramid, frames, alpha=alpha, beta=beta, first=first, seed=seed)
    return np.concatenate([draw(each).numpy() for each in latents])


def walk(
    pyramid: Pyramid,
    frames: int,
    *,
    alpha: float = 0.1,
    beta: float = 0.9,
    first: int | None = None,
    seed: int = 0,
) -> Iterator[Tensor]:
    """Returns an iterator of latents [1, latent_dim], a random walk with inertia.

        step[t + 1] = beta (z[t] - z[t - 1]) + (1 - beta) u[t],  u[t] ~ N(0, 1)
        z[t + 1] = alpha z_rec + (1 - alpha) (z[t] + step[t + 1])

    z_rec being the noise that reconstructs the image, zeros above the coarsest scale. Frame t is
    the same for any number of frames.

    Args:
        pyramid: Whose latents they are.
        frames: How many.
        alpha: In [0, 1].
        beta: In [0, 1].
        first: Below this scale the latents are those of the reconstruction.
        seed: Decides u.

    Raises:
        ValueError: If a number is out of its range.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 4 and the supplementary material.
    """
    frames = check_integer("frames", frames, at_least=1)
    for name, value in {"alpha": alpha, "beta": beta}.items():
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"Expected {name} in [0, 1]. Received: {name}={value}")
    first = min(2, len(pyramid.stages) - 1) if first is None else check_scale(pyramid, first)
    return _steps(pyramid, frames, alpha, beta, first, seed)


def _steps(
    pyramid: Pyramid, frames: int, alpha: float, beta: float, first: int, seed: int
) -> Iterator[Tensor]:
    fixed = pyramid.reconstruction_latents()
    still = sum(height * width for height, width in pyramid.sizes[:first]) * pyramid.channels

    def noise(frame: int) -> Tensor:
        return random.normal(1, fixed.shape[1:], random.step_seed(seed, frame, "animation"))

    before, now = fixed, (1.0 - _START) * fixed + _START * noise(0)
    for frame in range(1, frames + 1):
        step = beta * (now - before) + (1.0 - beta) * noise(frame)
        before, now = now, alpha * fixed + (1.0 - alpha) * (now + step)
        yield tf.concat([fixed[:, :still], now[:, still:]], axis=1)
