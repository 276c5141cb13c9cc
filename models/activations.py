"""The activations of the networks, chosen by their slope."""

from __future__ import annotations

from keras import Layer, layers

from tfgan_losses.layers import LeakyReLU


def activation(negative_slope: float | None, name: str) -> Layer:
    """Returns a LeakyReLU with this slope below zero, a ReLU where it is 0, SiLU for None."""
    if negative_slope is None:
        return layers.Activation("silu", name=name)
    return LeakyReLU(negative_slope=negative_slope, name=name)
