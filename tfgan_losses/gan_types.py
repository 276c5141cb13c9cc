"""The table of named recipes: what each paper trains with, one row each.

A row is data. `GAN.compile(**get("wgan-gp").compile_arguments())` trains by it, and every field can
be overridden there.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras


@dataclasses.dataclass(frozen=True)
class GANType:
    """One recipe.

    Attributes:
        name: What `--gan_type` calls it.
        loss: Spec of the adversarial loss.
        citation: Author, year, title, arXiv number.
        penalties: Specs of the penalties.
        constraint: Spec of the constraint on the discriminator's variables, or None.
        d_steps: Discriminator updates for each generator update.
        optimizer: Class and arguments, as for both networks in the paper.
        d_normalization: Normalisation of the discriminator that the paper uses, or that the
            penalty allows: `"none"`, `"batch"`, `"layer"`, `"instance"` or `"spectral"`.
    """

    name: str
    loss: str
    citation: str
    penalties: tuple[str, ...] = ()
    constraint: str | None = None
    d_steps: int = 1
    optimizer: tuple[str, dict[str, float]] = (
        "Adam",
        {"learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999},
    )
    d_normalization: str = "batch"

    def make_optimizer(self, learning_rate: Any = None) -> keras.optimizers.Optimizer:
        """A new optimiser of the recipe.

        Args:
            learning_rate: A float or schedule instead of the recipe's.
        """
        name, arguments = self.optimizer
        if learning_rate is not None:
            arguments = {**arguments, "learning_rate": learning_rate}
        return getattr(keras.optimizers, name)(**arguments)

    def compile_arguments(self) -> dict[str, Any]:
        """Keyword arguments for `GAN.compile`, with two new optimisers at each call."""
        return {
            "loss": self.loss,
            "penalties": list(self.penalties),
            "constraint": self.constraint,
            "g_optimizer": self.make_optimizer(),
            "d_optimizer": self.make_optimizer(),
        }


# Gulrajani et al., 2017, algorithm 1.
_WGAN_GP_ADAM = ("Adam", {"learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9})

_ROWS = (
    # Optimiser and BatchNormalization of DCGAN (Radford et al., 2016), which fixed them first.
    GANType(
        name="gan",
        loss="non_saturating",
        citation="Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661",
    ),
    GANType(
        name="minimax",
        loss="minimax",
        citation="Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661",
    ),
    GANType(
        name="lsgan",
        loss="least_squares(scale=0.5)",
        citation="Mao et al., 2017, Least Squares Generative Adversarial Networks, "
        "arXiv:1611.04076",
    ),
    GANType(
        name="wgan",
        loss="wasserstein",
        constraint="weight_clipping(limit=0.01)",
        d_steps=5,
        optimizer=("RMSprop", {"learning_rate": 5e-5}),
        citation="Arjovsky et al., 2017, Wasserstein GAN, arXiv:1701.07875",
    ),
    GANType(
        name="wgan-gp",
        loss="wasserstein",
        penalties=("gradient_penalty(weight=10)",),
        d_steps=5,
        optimizer=_WGAN_GP_ADAM,
        d_normalization="layer",
        citation="Gulrajani et al., 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028",
    ),
    GANType(
        name="wgan-lp",
        loss="wasserstein",
        penalties=("lipschitz_penalty(weight=10)",),
        d_steps=5,
        optimizer=_WGAN_GP_ADAM,
        d_normalization="layer",
        citation="Petzka et al., 2018, On the Regularization of Wasserstein GANs, arXiv:1709.08894",
    ),
    GANType(
        name="dragan",
        loss="non_saturating",
        penalties=("dragan(weight=10)",),
        d_normalization="layer",
        citation="Kodali et al., 2017, On Convergence and Stability of GANs, arXiv:1705.07215",
    ),
    GANType(
        name="hinge",
        loss="hinge",
        citation="Lim & Ye, 2017, Geometric GAN, arXiv:1705.02894",
    ),
    GANType(
        name="sngan",
        loss="hinge",
        d_steps=5,
        optimizer=("Adam", {"learning_rate": 2e-4, "beta_1": 0.0, "beta_2": 0.9}),
        d_normalization="spectral",
        citation="Miyato et al., 2018, Spectral Normalization for Generative Adversarial "
        "Networks, arXiv:1802.05957",
    ),
)

_TABLE = {row.name: row for row in _ROWS}


def names() -> list[str]:
    """The names of all recipes, in the order of the table."""
    return list(_TABLE)


def get(name: str) -> GANType:
    """The recipe of that name.

    Raises:
        ValueError: If there is none; the message lists the known names.
    """
    if name not in _TABLE:
        raise ValueError(f"Unknown gan_type. Expected one of {names()}. Received: {name!r}")
    return _TABLE[name]
