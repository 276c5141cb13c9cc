"""Facts about networks: what they take, what they return, what their layers do."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from tfgan_losses.layers import MinibatchStandardDeviation
from tfgan_losses.types import Shape, Tensor


def count_inputs(network: keras.Model) -> int | None:
    """How many inputs a network has; None for a subclassed one, which does not say."""
    inputs = getattr(network, "inputs", None)
    return len(inputs) if inputs else None


def fits(shape: Shape, expected: Shape) -> bool:
    """Whether two static shapes can be the same; None stands for any size."""
    return len(shape) == len(expected) and all(
        s is None or e is None or s == e for s, e in zip(shape, expected, strict=True)
    )


def _logits_of(network: keras.Model) -> keras.KerasTensor:
    outputs = named_outputs(network)
    return outputs["logits"] if "logits" in outputs else network.outputs[0]


def named_outputs(network: keras.Model) -> dict[str, keras.KerasTensor]:
    """The outputs of a network that names them; empty for others."""
    # Sequential models have no `output` that can be asked for.
    output = getattr(network, "output", None)
    return output if isinstance(output, dict) else {}


def last_activation(layer: keras.Layer) -> Callable | None:
    """The activation function of the layer that makes a network's output, or None."""
    while True:
        if isinstance(layer, keras.layers.Wrapper):
            layer = layer.layer
        elif isinstance(layer, keras.layers.Softmax):
            return keras.activations.softmax
        elif getattr(layer, "outputs", None):
            layer = _logits_of(layer)._keras_history.operation
        elif isinstance(layer, keras.Model) and layer.layers:
            layer = layer.layers[-1]
        else:
            return getattr(layer, "activation", None)


def treats_examples_alone(discriminator: keras.Model) -> bool:
    """Whether real and generated examples may share one batch without seeing each other.

    Only what is known not to mix examples counts: functional and sequential models of layers of
    Keras and of this library, without BatchNormalization, MinibatchStandardDeviation,
    regularised activity and free-standing operations.
    """
    layers = list(discriminator._flatten_layers())
    operations = [
        op for model in layers for op in getattr(model, "operations", []) if op not in layers
    ]
    known = all(
        type(layer).__module__.split(".")[0] in ("keras", "tfgan_losses") for layer in layers
    )
    mixing = (keras.layers.BatchNormalization, MinibatchStandardDeviation, keras.layers.Lambda)
    mixes = any(isinstance(layer, mixing) or layer.activity_regularizer for layer in layers)
    return known and not operations and not mixes


def seed_states(*networks: keras.Model) -> list[keras.Variable]:
    """The states of all `keras.random.SeedGenerator` that layers of networks draw by, int64 [2]."""
    found = {id(v): v for network in networks for v in network.variables}
    return [v for v in found.values() if v.name == "seed_generator_state"]


def weight_losses(network: keras.Model) -> list[Tensor]:
    """What Keras' regularisers ask of the trainable weights of a network, scalars."""
    return [v.regularizer(v) for v in network.trainable_variables if v.regularizer is not None]


def activity_losses(network: keras.Model) -> list[Tensor]:
    """What the layers of a network added to its losses in its latest call, scalars.

    Must be asked for within the function that made the call, and before the next one.
    """
    of_weights = sum(v.regularizer is not None for v in network.trainable_variables)
    found = network.losses
    return [tf.convert_to_tensor(loss) for loss in found[: len(found) - of_weights]]
