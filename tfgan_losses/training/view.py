"""What the discriminator sees of the examples of one update."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.augmentations.base import Augmentation, Occasion, Side
from tfgan_losses.training.packing import packed, unpacked
from tfgan_losses.training.terms import Network
from tfgan_losses.types import Scalar, Tensor


class View:
    """The one door through which examples come before the discriminator.

    Args:
        augmentations: What changes them, one after the other.
        network: Whose update it is.
        seed: Seed of the run.
        update: Number of this update of the network.
        d_update: Updates of the discriminator before it.
        d_updates: Updates of the discriminator in the whole run, or None.
        pack: Examples in a pack. `of` and `of_both` take packs, and change the members one by one.
    """

    def __init__(
        self,
        augmentations: Sequence[Augmentation] = (),
        *,
        network: Network = "discriminator",
        seed: int = 0,
        update: Scalar = 0,
        d_update: Scalar = 0,
        d_updates: int | None = None,
        pack: int = 1,
    ):
        self._augmentations, self._pack = augmentations, pack
        self._occasion = Occasion(
            network=network,
            side="elsewhere",
            seed=seed,
            update=update,
            d_update=d_update,
            d_updates=d_updates,
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether examples are seen as they are."""
        return not self._augmentations

    def of(self, examples: Tensor, side: Side) -> Tensor:
        """Examples as they are seen."""
        if self.changes_nothing:
            return examples
        examples = unpacked(examples, self._pack)
        with random.in_packs(self._pack):
            for augmentation in self._augmentations:
                occasion = self._occasion_of(side)
                examples = augmentation.augment(tf.cast(examples, tf.float32), occasion)
        return packed(examples, self._pack)

    def of_both(self, both: Tensor) -> Tensor:
        """As many real as generated examples in one tensor, each side with draws of its own."""
        if self.changes_nothing:
            return both
        real, fake = tf.split(both, 2)
        return tf.concat([self.of(real, "real"), self.of(fake, "fake")], axis=0)

    def stand_for_real(self, real: Tensor, generate: Callable[[], Tensor]) -> Tensor:
        """What the objective takes for real examples; see `Augmentation.stand_for_real`."""
        for augmentation in self._augmentations:
            real = augmentation.stand_for_real(real, generate, self._occasion_of("real"))
        return real

    def _occasion_of(self, side: Side) -> Occasion:
        return dataclasses.replace(self._occasion, side=side)
