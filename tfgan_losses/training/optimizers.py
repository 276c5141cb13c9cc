"""The two optimisers of a GAN, ready to have their state loaded."""

from __future__ import annotations

from typing import Any

import keras

from tfgan_losses import schedules


@keras.saving.register_keras_serializable("tfgan_losses")
class ScheduledAdam(keras.optimizers.Adam):
    """Adam whose `beta_2` may change while training, as its learning rate may.

    The bias correction uses the present value, as it does in PyTorch when a script sets the
    option between two updates.

    Args:
        beta_2: A number or a schedule over the updates of this optimiser.
        **kwargs: Everything else that `keras.optimizers.Adam` takes.

    References:
        Kingma & Ba, 2015, Adam, algorithm 1; Huang et al., 2024, The GAN is dead; long live the
        GAN!, for the schedule.
    """

    def __init__(self, *, beta_2: Any = 0.999, **kwargs: Any):
        beta_2 = schedules.get(beta_2, name="beta_2")
        super().__init__(beta_2=schedules.lowest(beta_2), **kwargs)
        self._beta_2 = beta_2

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One update of one variable, with the `beta_2` of now."""
        constant = self.beta_2
        self.beta_2 = schedules.at(self._beta_2, self.iterations)
        try:
            super().update_step(gradient, variable, learning_rate)
        finally:
            # A tensor of this trace must not outlive it.
            self.beta_2 = constant

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "beta_2": schedules.serialize(self._beta_2)}


def make(name: str, **arguments: Any) -> keras.optimizers.Optimizer:
    """A new optimiser of Keras, or the one of this module, by the name of its class."""
    cls = ScheduledAdam if name == "ScheduledAdam" else getattr(keras.optimizers, name)
    return cls(**arguments)


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
