"""DRAGAN: a unit slope around the data, in the three forms that are called by that name."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses import random, replicas, schedules
from tfgan_losses.penalties import measures
from tfgan_losses.penalties.base import GradientNormPenalty, registry
from tfgan_losses.types import Seed, Tensor


def tf_gans_loss_points(real: Tensor, seed: Seed, *, scale: float = 0.5) -> Tensor:
    """clip(x + alpha * noise, -1, 1): tf-GANs-Loss.

    noise = scale * std(batch) * U(0, 1) per element, alpha ~ U(-1, 1) per example. The clipping
    keeps the points in the range of images. A batch that leaves this range, such as points in the
    plane, is no batch of images: its points are not clipped, as in the authors' first code.
    """
    noise_seed, alpha_seed = random.split(seed, 2)
    noise = scale * _standard_deviation(real) * _uniform_like(real, noise_seed)
    alpha = _uniform_per_example(real, alpha_seed, low=-1.0)
    points = real + alpha * noise
    return tf.where(_are_images(real), tf.clip_by_value(points, -1.0, 1.0), points)


def paper_points(real: Tensor, seed: Seed, *, scale: float = 0.5) -> Tensor:
    """x + N(0, scale I): the final paper (Kodali et al., 2017).

    As the paper writes it, `scale` is the variance c, so the standard deviation is its root.
    """
    noise = random.normal(tf.shape(real)[0], real.shape[1:], seed)
    return real + scale**0.5 * noise


def first_code_points(real: Tensor, seed: Seed, *, scale: float = 0.5) -> Tensor:
    """x + alpha (x_p - x), x_p = x + scale * std(batch) * U(0, 1): the authors' first code.

    alpha ~ U(0, 1) per example, the noise per element; it is never negative.
    """
    noise_seed, alpha_seed = random.split(seed, 2)
    noise = scale * _standard_deviation(real) * _uniform_like(real, noise_seed)
    return real + _uniform_per_example(real, alpha_seed) * noise


def _are_images(real: Tensor) -> Tensor:
    """Whether no element of the batch, over all replicas, is outside of [-1, 1]; a scalar."""
    beyond = tf.cast(tf.reduce_max(tf.abs(real)) > 1.0, tf.float32)
    return tf.equal(replicas.global_sum(beyond), 0.0)


def _standard_deviation(real: Tensor) -> Tensor:
    """Of all elements of the batch, over all replicas; a scalar."""
    mean = replicas.global_mean(real)
    return tf.sqrt(replicas.global_mean(tf.square(real - mean)))


def _uniform_like(real: Tensor, seed: Seed) -> Tensor:
    return random.uniform(tf.shape(real)[0], real.shape[1:], seed)


def _uniform_per_example(real: Tensor, seed: Seed, low: float = 0.0) -> Tensor:
    return random.uniform(tf.shape(real)[0], [1] * (len(real.shape) - 1), seed, low)


_VARIANTS = {
    "tf_gans_loss": tf_gans_loss_points,
    "paper": paper_points,
    "first_code": first_code_points,
}


@registry.register("dragan")
class Dragan(GradientNormPenalty):
    """weight (|grad D(x^)| - target)^2 with x^ a perturbed real example.

    Args:
        weight: The paper's lambda, 10.
        variant: `"tf_gans_loss"`, `"paper"` or `"first_code"`: how x^ is drawn.
        scale: Size of the perturbation: the factor of the batch's standard deviation, or for
            `"paper"` the variance c of the noise.
        target: The norm that costs nothing; the paper's k, 1.
        every: See `Term`.

    Raises:
        ValueError: If the variant is unknown.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.Dragan(weight=10.0)(critic, real, fake).numpy()
        array([40., 40.], dtype=float32)

    References:
        Kodali et al., 2017, On Convergence and Stability of GANs, algorithm 1.
    """

    def __init__(
        self,
        *,
        weight: schedules.Number = 10.0,
        variant: str = "tf_gans_loss",
        scale: float = 0.5,
        target: float = 1.0,
        every: int = 1,
    ):
        super().__init__(weight=weight, every=every)
        if variant not in _VARIANTS:
            raise ValueError(
                f"Expected variant to be one of {sorted(_VARIANTS)}. Received: variant={variant!r}"
            )
        self.variant, self.scale, self.target = variant, scale, target
        # The noise of the others is as large as the batch's standard deviation says.
        self.sees_batch = variant != "paper"

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """Perturbed real examples."""
        return _VARIANTS[self.variant](real, seed, scale=self.scale)

    def measure(self, squared_norms: Tensor) -> Tensor:
        """(|grad| - target)^2."""
        return measures.two_sided(squared_norms, target=self.target)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        own = {"variant": self.variant, "scale": self.scale, "target": self.target}
        return {**super().get_config(), **own}
