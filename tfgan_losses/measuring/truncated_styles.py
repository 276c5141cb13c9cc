"""A generator whose styles are nearer to their mean, used as the `GAN` that it is from."""

from __future__ import annotations

from tfgan_losses.measuring.drawing import Generator
from tfgan_losses.measuring.standing_statistics import Standing
from tfgan_losses.models.styles import truncate_styles


def with_truncated_styles(gan: Generator, psi: float) -> Standing:
    """Returns the generator that a GAN samples with, its styles truncated.

    Args:
        gan: A `GAN` whose generator has a mapping network; the networks of an export are not there.
        psi: See `models.styles.truncate_styles`.

    Raises:
        ValueError: If this is an export, or the generator has no styles.
    """
    sampler = getattr(gan, "sampler", None)
    if sampler is None:
        raise ValueError(
            "Expected the networks of a run for truncated styles, such as those of a checkpoint. "
            f"Received: {gan}"
        )
    network = truncate_styles(sampler, psi, gan.condition)
    return Standing(network, gan.latent_dim, gan.condition, gan.example_shape)
