"""Generators and discriminators: functional Keras models, chosen by a name.

Every family is a module with `build_generator` and `build_discriminator` of the same signatures as
here. A new family is a new module and one line in `_FAMILIES`.

A generator maps `[batch, latent_dim]` to `[batch, *example_shape]`. A discriminator maps
`[batch, *example_shape]` to raw logits `[batch, 1]`: no sigmoid, since the losses expect logits.
Under a mixed precision policy the last layers of both are float32. The models are named
"generator" and "discriminator", and two builds have the same layer names.
"""

from types import ModuleType

import keras

from models import dcgan, mlp, resnet

_FAMILIES: dict[str, ModuleType] = {"mlp": mlp, "dcgan": dcgan, "resnet": resnet}


def names() -> list[str]:
    """List the names that `build_generator` and `build_discriminator` know."""
    return sorted(_FAMILIES)


def build_generator(
    name: str,
    *,
    example_shape: tuple[int, ...],
    latent_dim: int,
    width: int | None = None,
    normalization: str = "batch",
) -> keras.Model:
    """Build a generator of the named family.

    Args:
        name: one of `names()`.
        example_shape: shape of one example, `(features,)` or `(height, width, channels)`.
        latent_dim: length of a latent vector, at least 1.
        width: scale of the numbers of units or channels; `None` is the family's own default.
        normalization: one of "none", "batch", "layer", "instance", "spectral".

    Returns:
        A model `[batch, latent_dim]` -> `[batch, *example_shape]`: images in [-1, 1], vectors
        unbounded.

    Raises:
        ValueError: an unknown name, or a value that the family cannot build.
    """
    return _family(name).build_generator(
        example_shape=example_shape,
        latent_dim=latent_dim,
        width=width,
        normalization=normalization,
    )


def build_discriminator(
    name: str,
    *,
    example_shape: tuple[int, ...],
    width: int | None = None,
    normalization: str = "none",
) -> keras.Model:
    """Build a discriminator (critic) of the named family.

    Args:
        name: one of `names()`.
        example_shape: shape of one example, `(features,)` or `(height, width, channels)`.
        width: scale of the numbers of units or channels; `None` is the family's own default.
        normalization: one of "none", "batch", "layer", "instance", "spectral".

    Returns:
        A model `[batch, *example_shape]` -> logits `[batch, 1]`.

    Raises:
        ValueError: an unknown name, or a value that the family cannot build.
    """
    return _family(name).build_discriminator(
        example_shape=example_shape, width=width, normalization=normalization
    )


def _family(name: str) -> ModuleType:
    if name not in _FAMILIES:
        raise ValueError(
            f"Unknown network. Expected `name` to be one of {names()}. Received: name={name!r}"
        )
    return _FAMILIES[name]
