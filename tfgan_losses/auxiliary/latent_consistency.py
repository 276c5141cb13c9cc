"""Latent consistency: near latents are alike to the discriminator, and not to the generator."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.training.terms import Seen, check_weight
from tfgan_losses.types import Tensor


@registry.register("latent_consistency")
class LatentConsistency(Auxiliary):
    """zCR: D adds weight (D(G(z)) - D(G(z + e)))^2, G adds -generator_weight (G(z) - G(z + e))^2.

    e ~ N(0, sigma^2 I). D shall not react to small moves of the latents, and G shall make
    something of them, so that it does not collapse. Squares are means over outputs and over
    pixels. G's part has no lower bound unless its examples have, as images of tanh do.

    Args:
        weight: lambda_dis, of the discriminator's part; 20.
        generator_weight: lambda_gen, of the generator's; 0.5.
        sigma: Standard deviation of the noise, > 0; 0.05. With the weights these are StudioGAN's
            values; the paper chooses others for each architecture.
        every: See `Term`.

    Raises:
        ValueError: If a weight is negative or sigma not positive.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("latent_consistency(sigma=0.1)")
        latent_consistency(weight=20.0, generator_weight=0.5, every=1, sigma=0.1)

    References:
        Zhao et al., 2021, Improved Consistency Regularization for GANs, arXiv:2002.04724,
        algorithm 2.
    """

    networks = ("discriminator", "generator")

    def __init__(
        self,
        *,
        weight: schedules.Number = 20.0,
        generator_weight: schedules.Number = 0.5,
        sigma: float = 0.05,
        every: int = 1,
    ):
        super().__init__(weight=weight, every=every)
        self.generator_weight = check_weight("generator_weight", generator_weight)
        if not 0.0 < sigma < float("inf"):
            raise ValueError(f"Expected sigma > 0. Received: sigma={sigma}")
        self.sigma = sigma

    @property
    def weights(self) -> dict[str, schedules.Number]:
        """That of each network."""
        return {"weight": self.weight, "generator_weight": self.generator_weight}

    def values(self, seen: Seen) -> Tensor:
        """D: (D(G(z)) - D(G(z + e)))^2. G: -(G(z) - G(z + e))^2. Of the shapes of both."""
        near = tf.cast(seen.generator(self._near(seen)), tf.float32)
        if seen.network == "generator":
            return -tf.square(tf.cast(seen.fake, tf.float32) - near)
        logits = tf.cast(seen.fake_outputs["logits"], tf.float32)
        return tf.square(logits - tf.cast(seen.critic(near), tf.float32))

    def weighted(self, seen: Seen, times: int) -> Tensor:
        """The values with the weight of the network."""
        weight = self.weight if seen.network == "discriminator" else self.generator_weight
        return times * self.at_update(weight, seen) * self.values(seen)

    def _near(self, seen: Seen) -> Tensor:
        seed = seen.seed_for("latent consistency")
        batch, size = tf.shape(seen.latents)[0], seen.latents.shape[1:].as_list()
        return seen.latents + self.sigma * random.normal(batch, size, seed)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "sigma": self.sigma}
