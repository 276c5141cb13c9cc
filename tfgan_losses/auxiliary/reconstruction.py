"""Reconstruction: one fixed latent vector stands for the real example."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.training.terms import Seen
from tfgan_losses.types import Tensor


@registry.register("reconstruction")
class Reconstruction(Auxiliary):
    """SinGAN: G adds `weight |x - G(z*)|^2`, `z*` the same in every update.

    The square is a mean over pixels and over the real examples of the batch. It is meant for data
    of one example: of many, `G(z*)` becomes their mean. `z*` are the `reconstruction_latents()` of
    a generator that has such a method, as `tfgan_losses.pyramid.Pyramid` has, and else those of
    `GAN.generate(1, seed=gan.seed)`. Under a condition, each real example is compared with what
    `z*` is under its own labels.

    Args:
        weight: alpha; 10 in the authors' code.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("reconstruction(weight=5)")
        reconstruction(weight=5, every=1)

    References:
        Shaham et al., 2019, SinGAN: Learning a Generative Model from a Single Natural Image,
        arXiv:1905.01164, section 3.2.
    """

    networks = ("generator",)

    def __init__(self, *, weight: schedules.Number = 10.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def values(self, seen: Seen) -> Tensor:
        """`(x - G(z*))^2` of each number of each real example, [batch, ...]."""
        latents = tf.repeat(seen.fixed_latents(), tf.shape(seen.latents)[0], axis=0)
        reconstructed = tf.cast(seen.generator(latents), tf.float32)
        return tf.square(tf.cast(seen.real, tf.float32) - reconstructed)
