"""Generators and discriminators: functional Keras models, chosen by a name.

A family of networks (`models.family.Family`) is a module with functions of tensors: latent vectors
-> examples, and examples -> features. A kind of discriminator (`models.heads`) is made from the
features of any family. A new family is a new module and one line in `_FAMILIES`; a new kind is a
function in `models/heads.py`.

Outputs are float32 under a mixed precision policy too. The models are named "generator" and
"discriminator", and two builds have the same layer names.
"""

from __future__ import annotations

import keras
from keras import KerasTensor, layers
from tfgan_losses.models import (
    biggan,
    biggan_deep,
    dcgan,
    heads,
    mlp,
    patch,
    r3gan,
    resnet,
    sagan,
    stylegan2,
)
from tfgan_losses.models.checks import check_example_shape, check_positive
from tfgan_losses.models.family import Family
from tfgan_losses.models.freezing import blocks_of as blocks_of, freeze_blocks as freeze_blocks
from tfgan_losses.models.normalization import Normalization

from tfgan_losses.names import did_you_mean

_FAMILIES: dict[str, Family] = {
    "mlp": mlp.FAMILY,
    "deep_mlp": mlp.DEEP_FAMILY,
    "dcgan": dcgan.FAMILY,
    "resnet": resnet.FAMILY,
    "r3gan": r3gan.FAMILY,
    "sagan": sagan.FAMILY,
    "biggan": biggan.FAMILY,
    "biggan_deep": biggan_deep.FAMILY,
    "stylegan2": stylegan2.FAMILY,
    "patch": patch.FAMILY,
}


def names() -> list[str]:
    """Lists the names that `build_generator` and `build_discriminator` know."""
    return sorted(_FAMILIES)


def kinds() -> list[str]:
    """Lists the kinds of discriminators that `build_discriminator` knows."""
    return heads.names()


def default_widths(name: str, example_shape: tuple[int, ...]) -> tuple[int, int]:
    """Returns the widths of generator and discriminator that `width=None` stands for.

    Args:
        name: One of `names()`.
        example_shape: Shape of one example.

    Raises:
        ValueError: If the name is unknown, or the family has no networks for such examples.
    """
    return _family(name).default_widths(check_example_shape(example_shape))


def is_hierarchical(name: str) -> bool:
    """Whether "conditional_batch" of a family goes by latent vectors too, and needs no labels.

    Args:
        name: One of `names()`.

    Raises:
        ValueError: If the name is unknown.
    """
    return _family(name).is_hierarchical


def build_generator(
    name: str,
    *,
    example_shape: tuple[int, ...],
    latent_dim: int,
    width: int | None = None,
    normalization: str = "batch",
    condition_size: int = 0,
) -> keras.Model:
    """Builds a generator of the named family.

    A condition, one-hot labels for example, is concatenated to the latent vector. Only with
    conditional batch normalisation it is not: then it chooses the scales and shifts of the
    batch normalisations (de Vries et al. 2017; Miyato & Koyama 2018). In the families "biggan" and
    "biggan_deep" latent vectors choose, too, so that these have it without a condition as well.
    "stylegan2" embeds it.

    Args:
        name: One of `names()`.
        example_shape: Shape of one example, `(features,)` or `(height, width, channels)`.
        latent_dim: Length of a latent vector, at least 1.
        width: Scale of the numbers of units or channels; `None` is the family's own default.
        normalization: One of `models.normalization.NAMES`: "none", "batch", "layer", "instance",
            "conditional_batch", "spectral", or both as "spectral+batch"; "r3gan" and "stylegan2"
            have "none" only.
        condition_size: Length of the condition, 0 for none.

    Returns:
        A model `[batch, latent_dim]` -> `[batch, *example_shape]`: images in [-1, 1] ("r3gan",
        and "stylegan2" from 64 pixels on: not bounded), vectors unbounded. With a condition the
        inputs are a list, `[latent, condition]`.

    Raises:
        ValueError: If the name is unknown, or the family cannot build what is asked for.

    Examples:
        >>> from tfgan_losses import models
        >>> generator = models.build_generator(
        ...     "dcgan", example_shape=(32, 32, 3), latent_dim=64, width=8
        ... )
        >>> generator.output_shape
        (None, 32, 32, 3)
    """
    family = _family(name)
    latent = keras.Input((check_positive("latent_dim", latent_dim),), name="latent")
    condition = heads.condition_input(condition_size) if condition_size else None
    chooses = latent if condition is None and family.is_hierarchical else condition
    normalized = Normalization(normalization, chooses)
    alone = condition is None or normalized.is_conditional or family.places_condition
    example = family.generate(
        latent if alone else _latent_and_condition(latent, condition),
        example_shape=check_example_shape(example_shape),
        width=width,
        normalization=normalized,
    )
    inputs = latent if condition is None else [latent, condition]
    return keras.Model(inputs, example, name="generator")


def build_discriminator(
    name: str,
    *,
    example_shape: tuple[int, ...],
    width: int | None = None,
    normalization: str = "none",
    kind: str = "plain",
    condition_size: int = 0,
    features: bool = False,
    **options: int | str,
) -> keras.Model:
    """Builds a discriminator (critic) of the named family.

    | kind | inputs | outputs, beside `logits` `[batch, 1]` |
    |---|---|---|
    | plain | example | |
    | conditional (CGAN), projection | `[example, condition]` | |
    | classifier (ACGAN) | example | `classes` `[batch, condition_size]` |
    | posterior (InfoGAN's Q) | example | `posterior` `[batch, condition_size]` |
    | autoencoder (EBGAN, BEGAN) | example | `encoding` `[batch, code_size]`, `reconstruction` |

    With one output the model returns the logits themselves, with more a dict. Logits are raw: no
    sigmoid, since the losses expect that; those of an autoencoder are minus the reconstruction
    error.

    Args:
        name: One of `names()`.
        example_shape: Shape of one example, `(features,)` or `(height, width, channels)`.
        width: Scale of the numbers of units or channels; `None` is the family's own default.
        normalization: The same but the conditional ones.
        kind: One of `kinds()`.
        condition_size: Length of the condition, for the four kinds that know one.
        features: Whether the vector that the logits or the encoding are made from is an output,
            `features` `[batch, n]`, too.
        **options: Of the kind "autoencoder": `code_size`, default 32; `error`, "absolute"
            (default) or "squared"; `reduction` of it, "mean" (default) or "sum".

    Returns:
        The model.

    Raises:
        ValueError: If a name, kind or option is unknown, or what is asked for cannot be built.

    Examples:
        >>> from tfgan_losses import models
        >>> models.build_discriminator("dcgan", example_shape=(32, 32, 3), width=8).output_shape
        (None, 1)
    """
    parts = heads.Parts(_family(name), width, Normalization(normalization))
    example = keras.Input(check_example_shape(example_shape), name="example")
    inputs, outputs = heads.connect(
        kind, parts, example, condition_size=condition_size, features=features, **options
    )
    return keras.Model(inputs, outputs, name="discriminator")


def _latent_and_condition(latent: KerasTensor, condition: KerasTensor) -> KerasTensor:
    return layers.Concatenate(name="latent_and_condition")([latent, condition])


def _family(name: str) -> Family:
    if name not in _FAMILIES:
        raise ValueError(
            f"Unknown network. Expected name to be one of {names()}. Received: name={name!r}"
            f"{did_you_mean(name, names())}"
        )
    return _FAMILIES[name]
