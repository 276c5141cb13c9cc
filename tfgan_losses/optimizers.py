"""The two optimisers of a GAN, ready to have their state loaded."""

from __future__ import annotations

from typing import Any

import keras


def build_pair(
    generator: keras.Model, g_optimizer: Any, discriminator: keras.Model, d_optimizer: Any
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Makes two optimisers and the state that each keeps for its network.

    Args:
        generator: A built network.
        g_optimizer: A Keras optimiser, its name, or None for Adam(2e-4, beta_1=0.5).
        discriminator: A built network.
        d_optimizer: Another one.

    Raises:
        ValueError: If one optimiser object is given for both networks.
    """
    if g_optimizer is d_optimizer and isinstance(g_optimizer, keras.optimizers.Optimizer):
        raise ValueError(
            "Expected two optimisers, since each keeps the state of one network. "
            f"Received: the same {type(g_optimizer).__name__} as g_optimizer and d_optimizer"
        )
    return _build(generator, g_optimizer), _build(discriminator, d_optimizer)


def _build(network: keras.Model, optimizer: Any) -> keras.optimizers.Optimizer:
    # DCGAN's setting (Radford et al., 2016), which works for most losses.
    optimizer = keras.optimizers.get(optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5))
    half = any(layer.compute_dtype == "float16" for layer in network._flatten_layers())
    if half and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    # Now, since weights can only be loaded into state that exists.
    optimizer.build(network.trainable_variables)
    return optimizer
