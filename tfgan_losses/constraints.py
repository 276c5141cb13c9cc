"""Constraints on the discriminator's variables, applied after each of its updates."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import keras
from keras import ops

from tfgan_losses.registry import Registry, spec_of


@runtime_checkable
class Constraint(Protocol):
    """Any callable that changes variables in place."""

    def __call__(self, variables: list[keras.Variable]) -> None:
        """Changes the variables."""


registry = Registry("constraint", base=Constraint)


@registry.register("weight_clipping")
class WeightClipping:
    """Clips every trainable variable, biases too, to [-limit, limit].

    Args:
        limit: The paper's c, 0.01.

    Raises:
        ValueError: If the limit is not positive.

    Examples:
        >>> from tfgan_losses import constraints
        >>> constraints.get("weight_clipping(limit=0.05)").limit
        0.05

    References:
        Arjovsky et al., 2017, Wasserstein GAN, algorithm 1, line 7.
    """

    def __init__(self, *, limit: float = 0.01):
        if not limit > 0:
            raise ValueError(f"Expected limit > 0. Received: limit={limit}")
        self.limit = limit

    def __call__(self, variables: list[keras.Variable]) -> None:
        """Clips the variables in place."""
        for variable in variables:
            variable.assign(ops.clip(variable, -self.limit, self.limit))

    def __repr__(self) -> str:
        return spec_of(self)

    def get_config(self) -> dict[str, Any]:
        """The limit."""
        return {"limit": self.limit}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> WeightClipping:
        """The object that `get_config` describes."""
        return cls(**config)


names = registry.names
get = registry.get_or_none
