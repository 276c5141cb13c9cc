"""Latents of less variety for likelier samples: BigGAN's truncation, in both its meanings."""

from __future__ import annotations

import dataclasses
import math

import tensorflow as tf

from tfgan_losses.types import Tensor

KINDS = ("resampled", "scaled")
"""Latents beyond the limit are drawn again, or all are multiplied by it."""
# Beyond it nothing is drawn for what is scaled then.
_OF_SCALED = 2.0


@dataclasses.dataclass(frozen=True)
class Truncation:
    """How normal latents are truncated; called, it does so.

    "resampled" is what the paper says: each number beyond a limit is drawn again until it is
    inside. "scaled" is what the released models do: numbers are drawn again until they are within
    -2 and 2, and then multiplied by the limit. At 0.5 that leaves a standard deviation of 0.28 and
    of 0.44; "resampled" at 2 and "scaled" at 1 are the same.

    Each number goes to where the truncated distribution has the same quantile, so that one draw is
    enough, and samples of one seed stay alike at all limits.

    Args:
        limit: Above 0.
        kind: "resampled" or "scaled".

    Raises:
        ValueError: If the limit is not above 0 and finite, or there is no such kind.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses.truncation import Truncation
        >>> Truncation(0.5)(tf.constant([-10.0, 0.0, 10.0])).numpy()
        array([-0.5,  0. ,  0.5], dtype=float32)

    References:
        Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis,
        section 3.1, arXiv:1809.11096; its released models, biggan-128 and others of TF Hub.
    """

    limit: float
    kind: str = "resampled"

    def __post_init__(self) -> None:
        if not (self.limit > 0 and math.isfinite(self.limit)):
            raise ValueError(
                f"Expected a truncation above 0, such as 0.5. Received: truncation={self.limit}"
            )
        if self.kind not in KINDS:
            raise ValueError(
                f"Expected the kind of truncation to be one of {list(KINDS)}. "
                f"Received: kind={self.kind!r}"
            )

    def __call__(self, latents: Tensor) -> Tensor:
        """Returns standard normal numbers as the truncated distribution has them."""
        if self.kind == "scaled":
            return self.limit * _within(latents, _OF_SCALED)
        return _within(latents, self.limit)

    def __str__(self) -> str:
        return f"{self.kind}({self.limit:g})"


def get(truncation: Truncation | float | None) -> Truncation | None:
    """Returns the truncation that is meant; a number is the limit of a resampled one.

    Args:
        truncation: A number above 0, a `Truncation`, or None.

    Raises:
        ValueError: If the number is not above 0 and finite.
    """
    if truncation is None or isinstance(truncation, Truncation):
        return truncation
    return Truncation(truncation)


def _within(latents: Tensor, limit: float) -> Tensor:
    """Normal numbers without what lies beyond -limit and limit."""
    numbers = tf.cast(latents, tf.float64)
    inside = tf.math.erf(limit / tf.sqrt(tf.constant(2.0, tf.float64)))
    # P(z) - 1/2, of which the truncated distribution has as much more as there is less in all.
    quantiles = tf.math.erf(numbers / tf.sqrt(tf.constant(2.0, tf.float64))) / 2 * inside
    found = tf.math.ndtri(quantiles + 0.5)
    return tf.cast(tf.clip_by_value(found, -limit, limit), latents.dtype)
