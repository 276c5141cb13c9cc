"""The two activations of the networks, chosen by their slope."""

from keras import Layer, layers


def activation(negative_slope: float, name: str) -> Layer:
    """Return a LeakyReLU with this slope below zero, or a ReLU where the slope is 0."""
    if negative_slope:
        return layers.LeakyReLU(negative_slope=negative_slope, name=name)
    return layers.ReLU(name=name)
