"""Consistency: the discriminator says the same of an example and of a changed one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import augmentations, random, schedules
from tfgan_losses.augmentations import Augmentation, Occasion
from tfgan_losses.augmentations.base import Side
from tfgan_losses.penalties.base import registry
from tfgan_losses.registry import Identifier
from tfgan_losses.training.terms import Seen, Term, check_weight
from tfgan_losses.types import Scalar, Shape, Tensor


def flip_and_shift(images: Tensor, uniforms: Tensor, *, reach: float = 1 / 8) -> Tensor:
    """Images that are flipped or not, and shifted, with reflection at the edges.

    Args:
        images: [batch, height, width, channels].
        uniforms: In [0, 1), [batch, 3]: below 1/2 an image is flipped; down and right it is
            shifted by whole pixels, of which none is more likely than another.
        reach: The greatest shift as a part of height and width.

    Returns:
        The shape of `images`.

    References:
        Zhang et al., 2020, arXiv:1910.12027, section 3: random shifts of a few pixels and flips.
    """
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    rows = _reflected(height, uniforms[:, 1], reach)
    columns = _reflected(width, uniforms[:, 2], reach)
    columns = tf.where(uniforms[:, :1] < 0.5, width - 1 - columns, columns)
    taken = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(taken, columns, axis=2, batch_dims=1)


def _reflected(size: Tensor, uniforms: Tensor, reach: float) -> Tensor:
    """Which pixels of a side of each image are taken, int32 [batch, size]."""
    furthest = tf.floor(tf.cast(size, tf.float32) * reach + 0.5)
    shifts = tf.cast(tf.floor(uniforms * (2.0 * furthest + 1.0)) - furthest, tf.int32)
    places = tf.abs(tf.range(size)[None, :] - shifts[:, None])
    return size - 1 - tf.abs(size - 1 - places)


class _Consistency(Term):
    """What both forms share: T, its draws and its checks."""

    def __init__(
        self, *, weight: schedules.Number, augmentation: Identifier = None, every: int = 1
    ):
        super().__init__(weight=weight, every=every)
        self.augmentation = augmentations.registry.get_or_none(augmentation)
        if self.augmentation is not None and self.augmentation.variables:
            raise ValueError(
                f"Expected an augmentation without state for {self.name!r}, such as "
                "'diff_augment'; one that adapts is for GAN.compile(augmentation=...). "
                f"Received: augmentation={self.augmentation!r}"
            )

    @property
    def augmentations(self) -> Sequence[Augmentation]:
        """T, if it is one."""
        return [] if self.augmentation is None else [self.augmentation]

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if T cannot change such examples."""
        super().check(example_shape)
        if self.augmentation is None and len(example_shape) != 3:
            raise ValueError(
                f"Expected images for {self.name!r}, which flips and shifts them, or another "
                "change, such as augmentation='instance_noise(stddev=0.1)'. "
                f"Received: augmentation=None, examples of shape {tuple(example_shape)}"
            )

    def distances(self, seen: Seen, side: Side) -> Tensor:
        """(D(x) - D(T(x)))^2 of real or of generated examples x, of the shape of the logits."""
        examples, outputs = (
            (seen.real, seen.real_outputs) if side == "real" else (seen.fake, seen.fake_outputs)
        )
        changed = self._change(tf.cast(examples, tf.float32), seen, side)
        logits = tf.cast(outputs["logits"], tf.float32)
        return tf.square(logits - tf.cast(seen.critic(changed), tf.float32))

    def _change(self, examples: Tensor, seen: Seen, side: Side) -> Tensor:
        occasion = Occasion(
            network=seen.network,
            side=side,
            # Not the draws of the same augmentation before the discriminator.
            seed=random.derived_seed(seen.seed, self.name),
            update=seen.update,
            d_update=seen.update,
            d_updates=seen.updates,
        )
        if self.augmentation is not None:
            return self.augmentation.augment(examples, occasion)
        seed = occasion.seed_for("flip and shift")
        return flip_and_shift(examples, random.uniform(tf.shape(examples)[0], [3], seed))

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        own = {"augmentation": keras.saving.serialize_keras_object(self.augmentation)}
        return {**super().get_config(), **own}


@registry.register("consistency")
class Consistency(_Consistency):
    """CR: weight (D(x) - D(T(x)))^2 at real x, with T a random change that keeps the meaning.

    D(T(x)) is another pass of the discriminator. What `GAN.compile(augmentation=...)` changes
    comes after T.

    Args:
        weight: The paper's lambda, 10.
        augmentation: T: a name, spec or object of `tfgan_losses.augmentations` without state.
            None for the paper's: a flip from left to right and a shift by at most 1/8, with
            reflection.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative, or the augmentation is unknown or has state.

    Examples:
        >>> from tfgan_losses import penalties
        >>> penalties.get("consistency(weight=5)").weight
        5

    References:
        Zhang et al., 2020, Consistency Regularization for Generative Adversarial Networks,
        arXiv:1910.12027, equation 3 and algorithm 1.
    """

    def __init__(
        self,
        *,
        weight: schedules.Number = 10.0,
        augmentation: Identifier = None,
        every: int = 1,
    ):
        super().__init__(weight=weight, augmentation=augmentation, every=every)

    def values(self, seen: Seen) -> Tensor:
        """The squared differences of the logits, of their shape."""
        return self.distances(seen, "real")


@registry.register("balanced_consistency")
class BalancedConsistency(_Consistency):
    """bCR: weight (D(x) - D(T(x)))^2 + fake_weight (D(G(z)) - D(T(G(z))))^2.

    Without the second part the generator may learn to make what T makes.

    Args:
        weight: lambda_real of the paper, 10.
        fake_weight: lambda_fake, for generated examples; 10 in the paper, None for `weight`.
        augmentation: T; see `Consistency`.
        every: See `Term`.

    Raises:
        ValueError: If a weight is negative, or the augmentation is unknown or has state.

    Examples:
        >>> from tfgan_losses import penalties
        >>> penalties.get("balanced_consistency(weight=10, fake_weight=5)").weights
        {'weight': 10, 'fake_weight': 5}

    References:
        Zhao et al., 2021, Improved Consistency Regularization for GANs, arXiv:2002.04724,
        algorithm 1.
    """

    def __init__(
        self,
        *,
        weight: schedules.Number = 10.0,
        fake_weight: schedules.Number | None = None,
        augmentation: Identifier = None,
        every: int = 1,
    ):
        super().__init__(weight=weight, augmentation=augmentation, every=every)
        chosen = weight if fake_weight is None else fake_weight
        self.fake_weight = check_weight("fake_weight", chosen)

    @property
    def weights(self) -> dict[str, schedules.Number]:
        """Those of real and of generated examples."""
        return {"weight": self.weight, "fake_weight": self.fake_weight}

    def weighted(self, seen: Seen, times: int) -> Tensor:
        """Both parts, of the shape of the logits."""
        return times * (
            self._part(self.weight, seen, "real") + self._part(self.fake_weight, seen, "fake")
        )

    def _part(self, weight: schedules.Number, seen: Seen, side: Side) -> Tensor:
        factor: Scalar = self.at_update(weight, seen)
        return factor * self.distances(seen, side)
