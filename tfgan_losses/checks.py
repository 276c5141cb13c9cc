"""Everything that `GAN` refuses before it trains, each with one message that says why."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_BOUNDED_ACTIVATIONS = (
    keras.activations.sigmoid,
    keras.activations.softmax,
    keras.activations.hard_sigmoid,
    keras.activations.log_sigmoid,
    keras.activations.log_softmax,
)


def check_arguments(*, latent_dim: Any, d_steps: Any, ema_decay: Any) -> None:
    """Raises ValueError unless the arguments of `GAN` are in range."""
    for name, value in (("latent_dim", latent_dim), ("d_steps", d_steps)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"Expected {name} to be an integer >= 1. Received: {name}={value!r}")
    if ema_decay is not None and not 0.0 < ema_decay < 1.0:
        raise ValueError(
            f"Expected ema_decay in (0, 1), or None for no average. Received: ema_decay={ema_decay}"
        )


def check_networks(
    generator: keras.Model, discriminator: keras.Model, latent_dim: int
) -> tuple[int | None, ...]:
    """Raises ValueError unless latents, networks and outputs fit; builds unbuilt networks.

    Returns:
        The shape of one example.
    """
    example_shape = _output_shape("generator", generator, (latent_dim,))
    _output_shape("discriminator", discriminator, example_shape)
    _check_raw_output(discriminator)
    return example_shape


def _output_shape(
    role: str, network: keras.Model, input_shape: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    if not isinstance(network, keras.layers.Layer):
        raise ValueError(f"Expected {role} to be a Keras model. Received: {role}={network!r}")
    expected = getattr(network, "input_shape", None) if network.built else None
    if isinstance(expected, tuple) and not _fits(input_shape, expected[1:]):
        source = "latents [batch, latent_dim]" if role == "generator" else "the generator's outputs"
        raise ValueError(
            f"The {role} does not fit {source}. It expects inputs of shape {expected[1:]}. "
            f"Received: {tuple(input_shape)}"
        )
    if network.built and isinstance(getattr(network, "output_shape", None), tuple):
        return tuple(network.output_shape[1:])
    # Subclassed models know their shapes only once they have been called.
    return tuple(network(tf.zeros([2, *(size or 1 for size in input_shape)])).shape[1:])


def _fits(shape: Any, expected: Any) -> bool:
    return len(shape) == len(expected) and all(
        s is None or e is None or s == e for s, e in zip(shape, expected, strict=True)
    )


def _check_raw_output(discriminator: keras.Model) -> None:
    activation = _last_activation(discriminator)
    if activation in _BOUNDED_ACTIVATIONS:
        raise ValueError(
            "Expected a discriminator with raw outputs (logits); the losses apply what they need. "
            f"Received: a discriminator that ends in {activation.__name__}. Remove it."
        )


def _last_activation(layer: Any) -> Any:
    """The activation function of the layer that makes a network's output, or None."""
    while True:
        if isinstance(layer, keras.layers.Wrapper):
            layer = layer.layer
        elif isinstance(layer, keras.layers.Softmax):
            return keras.activations.softmax
        elif getattr(layer, "outputs", None):
            layer = layer.outputs[0]._keras_history.operation
        elif isinstance(layer, keras.Model) and layer.layers:
            layer = layer.layers[-1]
        else:
            return getattr(layer, "activation", None)


def treats_examples_alone(discriminator: keras.Model) -> bool:
    """Whether real and generated examples may share one batch without seeing each other.

    Only what is known not to mix examples counts: functional and sequential models of layers of
    Keras and of this library, without BatchNormalization and free-standing operations.
    """
    layers = list(discriminator._flatten_layers())
    operations = [
        op for model in layers for op in getattr(model, "operations", []) if op not in layers
    ]
    known = all(
        type(layer).__module__.split(".")[0] in ("keras", "tfgan_losses") for layer in layers
    )
    mixing = (keras.layers.BatchNormalization, keras.layers.Lambda)
    return known and not operations and not any(isinstance(layer, mixing) for layer in layers)


def check_replicas(jit_compile: Any, steps_per_execution: int, replicas: int) -> None:
    """Raises ValueError for what Keras cannot do on several replicas."""
    if replicas > 1 and (jit_compile or steps_per_execution > 1):
        raise ValueError(
            "Expected jit_compile=False and steps_per_execution=1 under a strategy of several "
            f"replicas. Received: jit_compile={jit_compile}, "
            f"steps_per_execution={steps_per_execution}, replicas={replicas}"
        )


def warn_of_mixed_examples(discriminator: keras.Model, penalties: list[Any]) -> None:
    """Warns of BatchNormalization in a discriminator under a penalty of single examples."""
    layers = discriminator._flatten_layers()
    per_example = [penalty.name for penalty in penalties if penalty.per_example]
    if per_example and any(isinstance(x, keras.layers.BatchNormalization) for x in layers):
        warnings.warn(
            f"The discriminator has BatchNormalization, and the penalty {per_example[0]} takes it "
            "as a function of one example. With batch statistics its gradients depend on the whole "
            "batch. Use layer normalisation (GroupNormalization(groups=1)) or none.",
            stacklevel=3,
        )


def check_training_data(
    x: Any,
    batch_size: int | None,
    example_shape: tuple[int | None, ...],
    d_steps: int,
    replicas: int,
) -> None:
    """Raises ValueError if what `fit` was given cannot be examples for the discriminator.

    Shapes and batch sizes that are only known while training are not checked here.
    """
    if isinstance(x, tf.data.Dataset):
        spec = x.element_spec[0] if isinstance(x.element_spec, tuple) else x.element_spec
        if not isinstance(spec, tf.TensorSpec) or spec.shape.rank is None:
            return
        shape, dtype, batch_size = tuple(spec.shape[1:]), spec.dtype.name, spec.shape[0]
    elif isinstance(x, np.ndarray | tf.Tensor):
        shape, dtype = tuple(x.shape[1:]), keras.backend.standardize_dtype(x.dtype)
        batch_size = batch_size or 32
    else:
        return
    if not _fits(shape, example_shape):
        raise ValueError(
            f"Expected examples of shape {example_shape}, which the generator makes. "
            f"Received: x with examples of shape {shape}"
        )
    if "float" not in dtype:
        raise ValueError(
            "Expected floating-point examples, images scaled to [-1, 1] as the generator makes "
            f"them. Received: x of dtype {dtype}"
        )
    _check_batch_size(batch_size, d_steps, replicas)


def _check_batch_size(batch_size: int | None, d_steps: int, replicas: int) -> None:
    parts = d_steps * replicas
    if batch_size is not None and batch_size % parts:
        raise ValueError(
            f"Expected a batch size divisible by d_steps={d_steps}"
            + (f" times {replicas} replicas" if replicas > 1 else "")
            + f": a batch holds the real examples of {d_steps} discriminator updates. "
            f"Received: batch_size={batch_size}"
        )
