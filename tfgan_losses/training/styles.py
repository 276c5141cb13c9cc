"""Generators of two parts: latent vectors to styles, and styles to examples."""

from __future__ import annotations

import keras

MAPPING, SYNTHESIS = "mapping", "synthesis"


def split(generator: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """The parts of a generator, or None if it is in one piece.

    Args:
        generator: `synthesis([mapping(inputs), latents])` of two models with these names, the
            inputs being latents or a list of latents and what is given; or any other network.

    Returns:
        The mapping, to styles [batch, styles, size], and the synthesis, to examples.
    """
    parts = {layer.name: layer for layer in getattr(generator, "layers", ())}
    if not all(isinstance(parts.get(name), keras.Model) for name in (MAPPING, SYNTHESIS)):
        return None
    return parts[MAPPING], parts[SYNTHESIS]
