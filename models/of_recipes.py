"""From a recipe to its networks: the one place that knows what a recipe asks of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import keras

from tfgan_losses import models
from tfgan_losses.conditioning import Condition
from tfgan_losses.gan_types import GANType

# Kinds of discriminators that tell apart, or are told, one kind of condition.
_SOURCES = {
    "conditional": "labels",
    "projection": "labels",
    "classifier": "labels",
    "posterior": "codes",
}
# For points, the only normalisations of a recipe that stay: the others look at a batch of points,
# and so does a discriminator of points, which must be free to.
_OF_POINTS = ("spectral", "conditional_batch", "spectral+conditional_batch")
# What takes the place of kinds that are told labels where there are none.
_WITHOUT_LABELS = {"conditional": "plain", "projection": "plain"}


class Choice(NamedTuple):
    """What was left open, decided: a family of networks and both normalisations."""

    family: str
    g_normalization: str
    d_normalization: str


def choose(
    recipe: GANType,
    example_shape: tuple[int, ...],
    *,
    model: str | None = None,
    g_normalization: str | None = None,
    d_normalization: str | None = None,
) -> Choice:
    """Decides what a person leaves open; the arguments are those of `build_networks`."""
    points = len(example_shape) == 1
    family = model or ("mlp" if points else recipe.model or "dcgan")
    return Choice(
        family,
        g_normalization or _normalization(recipe, recipe.g_normalization, points, family),
        d_normalization or _normalization(recipe, recipe.d_normalization, points, family),
    )


def build_networks(
    recipe: GANType,
    example_shape: tuple[int, ...],
    *,
    condition: Condition | None,
    latent_dim: int,
    model: str | None = None,
    width: int | None = None,
    g_normalization: str | None = None,
    d_normalization: str | None = None,
    outputs: Collection[str] = (),
    pack: int = 1,
) -> tuple[keras.Model, keras.Model]:
    """Generator and discriminator of a recipe.

    Args:
        recipe: One of `gan_types`.
        example_shape: (height, width, channels) of images, or (features,) of points.
        condition: What `recipe.make_condition` returned.
        latent_dim: Number of latent variables.
        model: Family of networks; None for an mlp for points, else the recipe's or a dcgan.
        width: Scale of the numbers of units or channels; None for the family's own.
        g_normalization: Of the generator; None for the recipe's, or for points none.
        d_normalization: Of the discriminator; None likewise.
        outputs: What the discriminator shall tell beside logits: "features" is added to any kind.
        pack: Examples that the discriminator sees as one.

    Raises:
        ValueError: If a name is unknown, the family cannot make such examples, or the recipe's
            discriminator cannot use the condition.
    """
    family, g_normalization, d_normalization = choose(
        recipe,
        example_shape,
        model=model,
        g_normalization=g_normalization,
        d_normalization=d_normalization,
    )
    generator = models.build_generator(
        family,
        example_shape=example_shape,
        latent_dim=latent_dim,
        width=width,
        normalization=g_normalization,
        condition_size=condition.size if condition else 0,
    )
    kind, options = kind_of(recipe)
    if pack > 1 and kind in _SOURCES:
        raise ValueError(
            f"The recipe {recipe.name!r} has a discriminator of the kind {kind!r}, which judges "
            f"the {_SOURCES[kind]} of each example. Expected pack=1. Received: pack={pack}"
        )
    *rest, channels = example_shape
    discriminator = models.build_discriminator(
        family,
        example_shape=(*rest, pack * channels),
        width=width,
        normalization=d_normalization,
        kind=kind,
        condition_size=_condition_size(recipe, condition),
        features="features" in outputs,
        **options,
    )
    return generator, discriminator


def kind_of(recipe: GANType) -> tuple[str, dict[str, Any]]:
    """The kind of discriminator of a recipe and its options; without labels one that needs none.

    So `projection` with `condition=None` is its unconditional counterpart.
    """
    kind, options = recipe.discriminator
    return (kind if recipe.condition else _WITHOUT_LABELS.get(kind, kind)), options


def _normalization(recipe: GANType, of_paper: str, points: bool, family: str) -> str:
    if not recipe.condition and not models.is_hierarchical(family):
        of_paper = of_paper.replace("conditional_batch", "batch")
    if not points or of_paper in _OF_POINTS:
        return of_paper
    return "spectral" if of_paper.startswith("spectral") else "none"


def _condition_size(recipe: GANType, condition: Condition | None) -> int:
    """The width of what the discriminator is told or tells; 0 for one that is neither."""
    kind, _ = kind_of(recipe)
    source = getattr(condition, "source", None)
    if _SOURCES.get(kind, source) != source:
        raise ValueError(
            f"The recipe {recipe.name!r} has a discriminator of the kind {kind!r}. Expected a "
            f"condition on {_SOURCES[kind]}. Received: condition={condition}"
        )
    if kind == "plain":
        return 0
    return getattr(condition, "posterior_size" if kind == "posterior" else "size", 0)
