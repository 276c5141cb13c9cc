"""The networks and objectives that `GAN` refuses, each with one message that says why."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence

import keras
import tensorflow as tf

from tfgan_losses import environment, layers as own_layers, schedules
from tfgan_losses.conditioning import Condition
from tfgan_losses.losses import AdversarialLoss
from tfgan_losses.registry import Identifier, name_of
from tfgan_losses.training.inspection import (
    count_inputs,
    fits,
    last_activation,
    named_outputs,
)
from tfgan_losses.training.objective import Objective
from tfgan_losses.training.packing import shape_of
from tfgan_losses.training.terms import Network, Term
from tfgan_losses.types import Shape

_BOUNDED_ACTIVATIONS = (
    keras.activations.sigmoid,
    keras.activations.softmax,
    keras.activations.hard_sigmoid,
    keras.activations.log_sigmoid,
    keras.activations.log_softmax,
)


def check_arguments(*, latent_dim: int, ema_decay: schedules.Number | None) -> None:
    """Raises ValueError unless Keras is set to what is asked for, and arguments are in range."""
    environment.check()
    check_positive(latent_dim=latent_dim)
    if isinstance(ema_decay, float | int) and not 0.0 < ema_decay < 1.0:
        raise ValueError(
            f"Expected ema_decay in (0, 1), or None for no average. Received: ema_decay={ema_decay}"
        )


def check_no_recipe(
    losses: Iterable[Identifier], known: Collection[str], recipes: Collection[str]
) -> None:
    """Raises ValueError for the name of a recipe in the place of that of a loss.

    Args:
        losses: What `compile` was given.
        known: Names of losses, some of which are those of recipes, too.
        recipes: Names of recipes.
    """
    for loss in losses:
        if isinstance(loss, str) and loss in recipes and loss not in known:
            raise ValueError(
                f"Expected a loss; {loss!r} is a recipe: GAN.from_recipe({loss!r}, ...), or "
                f"compile(**gan_types.get({loss!r}).compile_arguments()). Received: {loss!r}"
            )


def check_positive(**values: object) -> None:
    """Raises a ValueError for the first value that is not an integer above 0."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"Expected {name} to be an integer >= 1. Received: {name}={value!r}")


def count_updates(
    steps: int | None, d_steps: int, g_steps: int, d_updates: int | None
) -> dict[Network, int] | None:
    """Updates of each network in a whole run; None if `steps` is.

    Raises:
        ValueError: If a number is not an integer >= 1, or `d_updates` is given without `steps`.
    """
    if steps is None and d_updates is None:
        return None
    if steps is None:
        raise ValueError(
            "Expected steps, the number of steps of the whole run, beside d_updates. "
            f"Received: steps=None, d_updates={d_updates}"
        )
    check_positive(steps=steps, d_updates=1 if d_updates is None else d_updates)
    return {"generator": steps * g_steps, "discriminator": d_updates or steps * d_steps}


def get_metrics(metrics: Iterable[Identifier]) -> list[keras.metrics.Metric]:
    """The metrics that names, configs and objects stand for.

    Raises:
        ValueError: If one is none of these.
    """
    if isinstance(metrics, str | dict | keras.metrics.Metric) or not isinstance(metrics, Iterable):
        raise ValueError(f"Expected metrics to be a list. Received: metrics={metrics!r}")
    found = [keras.metrics.get(metric) for metric in metrics]
    for given, metric in zip(metrics, found, strict=True):
        if not isinstance(metric, keras.metrics.Metric):
            raise ValueError(
                "Expected metrics of the class keras.metrics.Metric, whose update_state takes "
                f"(real, generated). Received: {given!r}"
            )
    return found


def check_networks(
    generator: keras.Model,
    discriminator: keras.Model,
    latent_dim: int,
    condition: Condition | None,
    pack: int = 1,
) -> Shape:
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
    if example_shape is None:
        raise ValueError("Expected a generator with one output. Received: one with named outputs")
    takes_two = count_inputs(discriminator) == 2
    if takes_two and not given:
        raise ValueError(
            "Expected condition='labels(num_classes=...)' for a discriminator that takes examples "
            "and labels. Received: condition=None"
        )
    seen = shape_of(example_shape, pack)
    _output_shape("discriminator", discriminator, [seen, *(given if takes_two else [])], pack)
    _check_raw_output(discriminator)
    return example_shape


def _output_shape(
    role: str, network: keras.Model, input_shapes: list[Shape], pack: int = 1
) -> Shape | None:
    """The shape of an output tensor without the batch axis; None if outputs are named."""
    expected = getattr(network, "input_shape", None) if network.built else None
    expected = [expected] if isinstance(expected, tuple) else (expected or [])
    for received, shape in zip(input_shapes, expected, strict=False):
        if not fits(received, shape[1:]):
            source = "latents [batch, latent_dim]" if role == "generator" else "the generator"
            source += f" and pack={pack}" if pack > 1 else ""
            raise ValueError(
                f"The {role} does not fit {source}, or what it is conditioned on. Expected an "
                f"input of shape {shape[1:]}. Received: {tuple(received)}"
            )
    if named_outputs(network):
        return None
    shape = getattr(network, "output_shape", None) if network.built else None
    if shape is None:
        # Subclassed models know their shapes only once they have been called.
        zeros = [tf.zeros([2, *(size or 1 for size in shape)]) for shape in input_shapes]
        output = network(zeros[0] if len(zeros) == 1 else zeros)
        if isinstance(output, dict):
            return None
        shape = list(output) if isinstance(output, list | tuple) else tuple(output.shape)
    if isinstance(shape, list) or (isinstance(shape, tuple) and not _is_one_shape(shape)):
        raise ValueError(
            f"Expected a {role} with one output"
            + (", or named ones {'logits': ..., ...}" if role == "discriminator" else "")
            + f". Received: one that returns {len(shape)} outputs without names"
        )
    return tuple(shape[1:])


def _is_one_shape(shape: tuple[object, ...]) -> bool:
    return all(size is None or isinstance(size, int) for size in shape)


def _check_raw_output(discriminator: keras.Model) -> None:
    activation = last_activation(discriminator)
    if activation is not None and activation in _BOUNDED_ACTIVATIONS:
        raise ValueError(
            "Expected a discriminator with raw outputs (logits); the losses apply what they need. "
            f"Received: a discriminator that ends in {activation.__name__}. Remove it."
        )


def check_objective(
    objective: Objective, discriminator: keras.Model, condition: Condition | None
) -> None:
    """Raises ValueError if losses need something that networks or condition do not give."""
    names = set(named_outputs(discriminator)) or {"logits"}
    if "logits" not in names:
        raise ValueError(
            "Expected a discriminator with raw outputs called 'logits' among its named outputs. "
            f"Received: {sorted(names)}"
        )
    _check_autoencoder(objective.d_loss, names)
    columns = [term.column(network) for term in objective.terms for network in term.networks]
    if len(set(columns)) < len(columns):
        raise ValueError(
            "Expected penalties and auxiliary objectives of different names, since each has a "
            f"column in the log. Received: {columns}"
        )
    for term in objective.terms:
        _check_term(term, names, condition)


def _check_autoencoder(loss: AdversarialLoss, names: set[str]) -> None:
    if loss.autoencoding and "reconstruction" not in names:
        raise ValueError(
            f"The loss {name_of(loss)!r} needs an autoencoder as discriminator. Expected "
            "the outputs 'logits', minus its reconstruction error, and 'reconstruction' "
            "(tfgan_losses.models.build_discriminator(..., kind='autoencoder')). "
            f"Received: a discriminator with the outputs {sorted(names)}"
        )


def _check_term(term: Term, names: set[str], condition: Condition | None) -> None:
    what = f"{'auxiliary objective' if term.outputs or term.source else 'term'} {term.name!r}"
    missing = set(term.outputs) - names
    if missing:
        raise ValueError(
            f"The {what} needs a discriminator with more outputs. Expected the output "
            f"{sorted(missing)[0]!r}. Received: one with {sorted(names)}. Functional models name "
            "theirs: "
            f"keras.Model(inputs, {{'logits': ..., {sorted(missing)[0]!r}: ...}})"
        )
    if term.source not in (None, None if condition is None else condition.source):
        remedy = "labels(num_classes=10)" if term.source == "labels" else "codes()"
        raise ValueError(
            f"The {what} needs a condition. Expected one on {term.source}, such as "
            f"GAN(..., condition={remedy!r}). Received: condition={condition}"
        )


def check_execution(
    jit_compile: bool | str, steps_per_execution: int | str, run_eagerly: bool, replicas: int
) -> None:
    """Raises ValueError for values that are none, and for what cannot be had here."""
    # Not by `in`: 0 and 1 are equal to both and would be taken for neither.
    if not isinstance(jit_compile, bool) and jit_compile != "auto":
        raise ValueError(
            f"Expected jit_compile to be True, False or 'auto'. Received: {jit_compile!r}"
        )
    if steps_per_execution != "auto":
        check_positive(steps_per_execution=steps_per_execution)
    several = steps_per_execution not in ("auto", 1)
    if replicas > 1 and (jit_compile is True or several):
        raise ValueError(
            "Expected jit_compile and steps_per_execution to be 'auto' under a strategy of several "
            f"replicas, where steps are run one by one and without XLA. Received: "
            f"jit_compile={jit_compile}, steps_per_execution={steps_per_execution}, "
            f"replicas={replicas}"
        )
    if run_eagerly and jit_compile is True:
        raise ValueError(
            "Expected jit_compile=False or 'auto' for a step that is not compiled. "
            "Received: jit_compile=True, run_eagerly=True"
        )


def check_whole_batches(objective: Objective, accumulate: int, replicas: int) -> None:
    """Raises ValueError for objectives that see a batch as a whole where it is divided."""
    check_positive(accumulate=accumulate)
    _check_top_k(objective, accumulate)
    parts: list[AdversarialLoss | Term] = [objective.d_loss, objective.g_loss, *objective.terms]
    whole = [part for part in parts if part.sees_batch]
    if whole and accumulate > 1:
        raise ValueError(
            f"Expected accumulate=1 for {name_of(whole[0])!r}, which looks at a batch as a "
            f"whole: parts of it would give another update. Received: accumulate={accumulate}"
        )
    lazy = [term for term in objective.terms if term.sees_batch and term.every > 1]
    if lazy and replicas > 1:
        raise ValueError(
            f"Expected every=1 for {lazy[0].name!r} under several replicas, which must "
            f"exchange what it needs of the batch at each step. Received: every={lazy[0].every}, "
            f"replicas={replicas}"
        )


def _check_top_k(objective: Objective, accumulate: int) -> None:
    """Raises ValueError where the most real of the generated examples are no part of a loss."""
    top_k, loss = objective.top_k, objective.g_loss
    if top_k == 1:
        return
    if accumulate > 1:
        raise ValueError(
            "Expected accumulate=1 for top_k, which looks for the highest logits of a batch as a "
            f"whole: parts of it would give another update. Received: accumulate={accumulate}, "
            f"top_k={top_k!r}"
        )
    if loss.sees_batch:
        raise ValueError(
            f"Expected top_k=1 for {name_of(loss)!r}, whose value for one example depends on all "
            f"others, so that those left out would count all the same. Received: top_k={top_k!r}"
        )
    if loss.reduction not in ("sum", "mean", "sum_over_batch_size"):
        raise ValueError(
            "Expected a loss with the reduction 'sum' or 'sum_over_batch_size' for top_k, which "
            f"weighs its values. Received: reduction={loss.reduction!r}, top_k={top_k!r}"
        )


def warn_of_mixed_examples(discriminator: keras.Model, terms: Sequence[Term]) -> None:
    """Warns of BatchNormalization in a discriminator under a penalty of single examples."""
    per_example = [term.name for term in terms if term.per_example]
    if per_example and any(
        isinstance(layer, keras.layers.BatchNormalization)
        for layer in discriminator._flatten_layers()
    ):
        warnings.warn(
            f"The discriminator has BatchNormalization, and the penalty {per_example[0]} takes it "
            "as a function of one example. With batch statistics its gradients depend on the whole "
            "batch. Use layer normalisation (tfgan_losses.layers.GroupNormalization(groups=1)) or "
            "none.",
            stacklevel=3,
        )


def warn_of_wrong_gradients(discriminator: keras.Model, terms: Sequence[Term]) -> None:
    """Warns of Keras' normalisations in a discriminator whose slope a penalty differentiates."""
    penalties = [term.name for term in terms if term.per_example]
    for layer in discriminator._flatten_layers() if penalties else ():
        for name in ("LayerNormalization", "GroupNormalization", "BatchNormalization"):
            ours, of_keras = getattr(own_layers, name), getattr(keras.layers, name)
            if isinstance(layer, of_keras) and not isinstance(layer, ours):
                warnings.warn(
                    f"The layer {layer.name!r} of the discriminator is Keras' {name}, through "
                    f"which the gradient of the penalty {penalties[0]} is wrong: its variance "
                    "holds the mean constant, which only first derivatives allow. Use "
                    f"tfgan_losses.layers.{name}, the same layer with all derivatives.",
                    stacklevel=3,
                )
                return
