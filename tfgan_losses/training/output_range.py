"""Which numbers examples may have, as far as the last layers of a generator tell."""

from __future__ import annotations

import math
from typing import NamedTuple

import keras


class Range(NamedTuple):
    """Numbers from `low` to `high`, and what makes them so.

    Attributes:
        low: The least.
        high: The greatest.
        activation: Name of the generator's last activation, "" where that has no limits.
        augmentation: Name of the augmentation that takes no others, if there is one.
    """

    low: float
    high: float
    activation: str
    augmentation: str | None = None

    def __str__(self) -> str:
        return f"[{self.low:g}, {self.high:g}]"

    @property
    def reason(self) -> str:
        """What it is the range of, in words."""
        if self.augmentation is not None:
            return f"which the augmentation {self.augmentation!r} takes"
        return f"the range of the generator's last activation, {self.activation}"


_RANGES = {
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "relu": (0.0, math.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, math.inf),
    "exponential": (0.0, math.inf),
}
# Layers that move numbers about, or repeat or leave out some, and change none.
_MOVING = (
    keras.layers.Reshape,
    keras.layers.Flatten,
    keras.layers.Permute,
    keras.layers.RepeatVector,
    keras.layers.Identity,
    keras.layers.Cropping1D,
    keras.layers.Cropping2D,
    keras.layers.Cropping3D,
    keras.layers.UpSampling1D,
    keras.layers.UpSampling3D,
)


def range_of(generator: keras.Model) -> Range | None:
    """The range of a generator's last activation; None where it has no limits or is not known.

    Args:
        generator: Functional and sequential models, also inside each other, are looked into.
    """
    outputs = getattr(generator, "outputs", None)
    return _range_of_tensor(outputs[0]) if outputs else _range_of_list(generator)


def within_images(reach: Range | None, augmentation: str) -> Range:
    """What of a range lies in [-1, 1], where an augmentation takes images.

    Args:
        reach: The range of a generator, which stays where nothing of it is beyond.
        augmentation: The name.
    """
    if reach is None:
        return Range(-1.0, 1.0, "", augmentation)
    if reach.low >= -1.0 and reach.high <= 1.0:
        return reach
    return Range(max(reach.low, -1.0), min(reach.high, 1.0), reach.activation, augmentation)


def _range_of_list(model: keras.Model) -> Range | None:
    """Of a sequential model without an input, which has no tensors before it is called."""
    if not isinstance(model, keras.Sequential):
        return None
    for layer in reversed(model.layers):
        if not _moves(layer):
            return _range_of_operation(layer)
    return None


def _range_of_tensor(tensor: keras.KerasTensor) -> Range | None:
    operation, node, _ = tensor._keras_history
    while _moves(operation):
        before = operation._inbound_nodes[node].input_tensors
        if len(before) != 1:
            return None
        operation, node, _ = before[0]._keras_history
    return _range_of_operation(operation)


def _moves(operation: keras.Operation) -> bool:
    if isinstance(operation, keras.layers.Activation):
        return operation.activation is keras.activations.linear
    return isinstance(operation, _MOVING)


def _range_of_operation(operation: keras.Operation) -> Range | None:
    if isinstance(operation, keras.layers.Wrapper):
        operation = operation.layer
    if isinstance(operation, keras.Model):
        return range_of(operation)
    activation = getattr(operation, "activation", None)
    # keras.ops.tanh(x) of a symbolic tensor is an operation of the class Tanh, layers.ReLU a layer.
    name = getattr(activation, "__name__", None) or type(operation).__name__.lower()
    if name == "relu" and getattr(operation, "negative_slope", 0.0):
        return None
    return Range(*_RANGES[name], name) if name in _RANGES else None
