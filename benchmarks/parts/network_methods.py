"""The rows of `network_table.py`: recipes in networks of papers, at a width for processors."""

from __future__ import annotations

import dataclasses

from tfgan_losses import gan_types


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """One row, in the words of the command line.

    Attributes:
        gan_type: Recipe.
        model: Family of networks.
        width: Of both networks.
        learning_rate: Of both networks instead of the recipe's, which is made for batches of
            hundreds of images.
        ema_decay: Of the average of the generator instead of the recipe's, which is made for runs
            of hundreds of thousands of steps.
        auxiliary: Terms beside the loss instead of the recipe's; None for these.
    """

    gan_type: str
    model: str
    width: int
    learning_rate: float | None = None
    ema_decay: float | None = None
    auxiliary: tuple[str, ...] | None = None

    @property
    def recipe(self) -> gan_types.GANType:
        """The recipe with this learning rate, this average and these terms."""
        recipe = gan_types.get(self.gan_type)
        if self.ema_decay is not None:
            recipe = dataclasses.replace(recipe, ema_decay=self.ema_decay)
        if self.auxiliary is not None:
            recipe = dataclasses.replace(recipe, auxiliary=self.auxiliary)
        if self.learning_rate is None:
            return recipe
        name, arguments = recipe.optimizer
        optimizer = (name, {**arguments, "learning_rate": self.learning_rate})
        return dataclasses.replace(recipe, optimizer=optimizer, g_learning_rate=None)


METHODS = {
    "wgan-gp": Method(gan_type="wgan-gp", model="dcgan", width=32),
    "r3gan": Method(gan_type="r3gan", model="r3gan", width=32),
    "stylegan2": Method(gan_type="stylegan2", model="stylegan2", width=16),
    # As the paper of adaptive augmentation trains images of 32 pixels (CIFAR-10).
    "stylegan2-no-path-length": Method(
        gan_type="stylegan2", model="stylegan2", width=16, auxiliary=()
    ),
    "sagan": Method(gan_type="sagan", model="sagan", width=32, learning_rate=4e-4),
    "biggan": Method(
        gan_type="biggan", model="biggan", width=8, learning_rate=4e-4, ema_decay=0.998
    ),
}
