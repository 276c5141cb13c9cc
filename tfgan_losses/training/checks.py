"""The networks and objectives that `GAN` refuses, each with one message that says why."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import schedules
from tfgan_losses.conditioning import Condition

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
    if isinstance(ema_decay, float | int) and not 0.0 < ema_decay < 1.0:
        raise ValueError(
            f"Expected ema_decay in (0, 1), or None for no average. Received: ema_decay={ema_decay}"
        )
    schedules.check_length("ema_decay", ema_decay)


def check_networks(
    generator: keras.Model,
    discriminator: keras.Model,
    latent_dim: int,
    condition: Condition | None,
) -> tuple[int | None, ...]:
    """Raises ValueError unless latents, networks and outputs fit; builds unbuilt networks.

    Returns:
        The shape of one example.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.layers.Layer):
            raise ValueError(f"Expected {role} to be a Keras model. Received: {role}={network!r}")
    given = [] if condition is None else [(condition.size,)]
    if count_inputs(generator) not in (None, 1 + len(given)):
        raise ValueError(
            f"Expected a generator of {1 + len(given)} input{'s' * len(given)}: "
            + ("latents and what it is conditioned on" if given else "latents")
            + f". Received: one of {count_inputs(generator)}, with condition={condition}. "
            "A generator of two inputs needs condition='labels(num_classes=...)' or 'codes(...)', "
            "and one of a single input must have none."
        )
    example_shape = _output_shape("generator", generator, [(latent_dim,), *given])
    takes_two = count_inputs(discriminator) == 2
    if takes_two and not given:
        raise ValueError(
            "Expected condition='labels(num_classes=...)' for a discriminator that takes examples "
            "and labels. Received: condition=None"
        )
    _output_shape("discriminator", discriminator, [example_shape, *(given if takes_two else [])])
    _check_raw_output(discriminator)
    return example_shape


def count_inputs(network: keras.Model) -> int | None:
    """How many inputs a network has; None for a subclassed one, which does not say."""
    inputs = getattr(network, "inputs", None)
    return len(inputs) if inputs else None


def _output_shape(
    role: str, network: keras.Model, input_shapes: list[tuple[int | None, ...]]
) -> tuple[int | None, ...] | None:
    """The shape of an output tensor without the batch axis; None if there are several."""
    expected = getattr(network, "input_shape", None) if network.built else None
    expected = [expected] if isinstance(expected, tuple) else (expected or [])
    for received, shape in zip(input_shapes, expected, strict=False):
        if not fits(received, shape[1:]):
            source = "latents [batch, latent_dim]" if role == "generator" else "the generator"
            raise ValueError(
                f"The {role} does not fit {source}, or what it is conditioned on. It expects an "
                f"input of shape {shape[1:]}. Received: {tuple(received)}"
            )
    shape = getattr(network, "output_shape", None) if network.built else None
    if shape is None:
        # Subclassed models know their shapes only once they have been called.
        zeros = [tf.zeros([2, *(size or 1 for size in shape)]) for shape in input_shapes]
        output = network(zeros[0] if len(zeros) == 1 else zeros)
        shape = None if isinstance(output, dict) else tuple(output.shape)
    return tuple(shape[1:]) if isinstance(shape, tuple) else None


def fits(shape: Any, expected: Any) -> bool:
    """Whether two static shapes can be the same; None stands for any size."""
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


def _logits_of(network: Any) -> Any:
    outputs = _named_outputs(network)
    return outputs["logits"] if "logits" in outputs else network.outputs[0]


def _named_outputs(network: Any) -> dict[str, Any]:
    # Sequential models have no `output` that can be asked for.
    output = getattr(network, "output", None)
    return output if isinstance(output, dict) else {}


def _last_activation(layer: Any) -> Any:
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


def check_objective(objective: Any, discriminator: keras.Model, condition: Any) -> None:
    """Raises ValueError if losses need something that networks or condition do not give."""
    names = set(_named_outputs(discriminator)) or {"logits"}
    if "logits" not in names:
        raise ValueError(
            "Expected a discriminator with raw outputs called 'logits' among its named outputs. "
            f"Received: {sorted(names)}"
        )
    loss = objective.d_loss
    if loss.autoencoding and "reconstruction" not in names:
        raise ValueError(
            f"The loss {loss.registered_name!r} needs an autoencoder as discriminator, whose "
            "'logits' are minus its reconstruction error, beside an output 'reconstruction' "
            "(models.build_discriminator(..., kind='autoencoder')). "
            f"Received: a discriminator with the outputs {sorted(names)}"
        )
    for term in objective.auxiliary:
        missing = set(term.outputs) - names
        if missing:
            raise ValueError(
                f"The auxiliary objective {term.registered_name!r} needs a discriminator with the "
                f"output {sorted(missing)[0]!r}. Received: one with {sorted(names)}. A functional "
                "model names its outputs: keras.Model(inputs, {'logits': ..., "
                f"{sorted(missing)[0]!r}: ...}})"
            )
        source = None if condition is None else condition.source
        if term.condition not in (None, source):
            remedy = "labels(num_classes=10)" if term.condition == "labels" else "codes()"
            raise ValueError(
                f"The auxiliary objective {term.registered_name!r} needs a GAN that is conditioned "
                f"on {term.condition}, such as GAN(..., condition={remedy!r}). "
                f"Received: condition={condition}"
            )


def check_replicas(jit_compile: Any, steps_per_execution: int, replicas: int) -> None:
    """Raises ValueError for what Keras cannot do on several replicas."""
    if replicas > 1 and (jit_compile or steps_per_execution > 1):
        raise ValueError(
            "Expected jit_compile=False and steps_per_execution=1 under a strategy of several "
            f"replicas. Received: jit_compile={jit_compile}, "
            f"steps_per_execution={steps_per_execution}, replicas={replicas}"
        )


def check_division(objective: Any, accumulate: Any, replicas: int) -> None:
    """Raises ValueError for objectives that see a batch as a whole where it is divided."""
    if isinstance(accumulate, bool) or not isinstance(accumulate, int) or accumulate < 1:
        raise ValueError(
            f"Expected accumulate to be an integer >= 1. Received: accumulate={accumulate!r}"
        )
    terms = [objective.d_loss, objective.g_loss, *objective.penalties, *objective.auxiliary]
    whole = [term for term in terms if getattr(term, "sees_batch", False)]
    if whole and accumulate > 1:
        raise ValueError(
            f"Expected accumulate=1 for {whole[0].registered_name!r}, which looks at a batch as a "
            f"whole: parts of it would give another update. Received: accumulate={accumulate}"
        )
    lazy = [term for term in whole if getattr(term, "every", 1) > 1]
    if lazy and replicas > 1:
        raise ValueError(
            f"Expected every=1 for {lazy[0].registered_name!r} under several replicas, which must "
            f"exchange what it needs of the batch at each step. Received: every={lazy[0].every}, "
            f"replicas={replicas}"
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
