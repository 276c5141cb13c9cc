"""The exponential moving average of a generator, which samples are drawn with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import keras
import tensorflow as tf

from tfgan_losses.types import Scalar

# What `get_config` returns, or a part of it.
_Config: TypeAlias = dict[str, Any] | Sequence[Any] | str | float | bool | None

_IN_FLOAT32 = {"bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


class FollowsAverage(Protocol):
    """What a layer has if not all of its variables can be averaged.

    The mean of two unit vectors, for example, is none. A layer without these attributes is
    averaged whole.
    """

    @property
    def not_averaged(self) -> list[keras.Variable]:
        """The variables that an update of the average leaves to `follow_average`."""

    def follow_average(self) -> None:
        """Brings them in line with the others, which have just moved; in a graph, too."""


def average_of(network: keras.Model) -> keras.Model:
    """Returns a copy of a network, equal to it now, that is not trained by gradients.

    It computes as the network does, but its variables are float32 where those of the network are
    in half precision: small steps of an average would be rounded away in it.
    """
    average = _copy(network)
    if not average.built:
        average.build(network.input_shape)
    average.set_weights(network.get_weights())
    average.trainable = False
    # For `GAN.summary`, which would show two networks of one name.
    average.name = f"averaged_{network.name}"
    return average


def update_average(
    average: keras.Model,
    network: keras.Model,
    step: Scalar,
    decay: float | Callable[[Scalar], Scalar],
) -> None:
    """average <- d average + (1 - d) network, for all variables and statistics.

    d = min(decay, (1 + step) / (10 + step)) forgets the random start, as
    `tf.train.ExponentialMovingAverage` does with `num_updates`. A schedule is d itself.
    Where a layer says that some of its variables are not averaged (`FollowsAverage`), it moves
    them itself once the others have moved.

    Args:
        average: From `average_of`.
        network: The network that is trained.
        step: Updates so far, an integer tensor.
        decay: The decay for large steps, in (0, 1), or a schedule of the step.
    """
    if callable(decay):
        rate = 1.0 - decay(step)
    else:
        step = tf.cast(step, tf.float32)
        rate = 1.0 - tf.minimum(decay, (1.0 + step) / (10.0 + step))
    followers = [layer for layer in average._flatten_layers() if hasattr(layer, "follow_average")]
    kept = {id(variable) for layer in followers for variable in layer.not_averaged}
    for mean, variable in zip(average.variables, network.variables, strict=True):
        if id(mean) in kept:
            continue
        if "float" in keras.backend.standardize_dtype(variable.dtype):
            difference = tf.cast(variable, mean.dtype) - mean
            mean.assign_add(tf.cast(rate, mean.dtype) * difference)
        else:
            mean.assign(variable)
    for layer in followers:
        layer.follow_average()


def _copy(network: keras.Model) -> keras.Model:
    half = any(variable.dtype in _IN_FLOAT32 for variable in network.variables)
    # A subclassed model has no outputs to build a graph of, and no layers to copy one by one.
    if not half or not getattr(network, "outputs", None):
        return keras.models.clone_model(network)

    def with_variables_in_float32(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config(_in_float32(layer.get_config()))

    # The classes are at hand: layers that others hold need not be registered.
    classes = {type(layer).__name__: type(layer) for layer in network._flatten_layers()}
    with keras.saving.custom_object_scope(classes):
        return keras.models.clone_model(
            network, clone_function=with_variables_in_float32, recursive=True
        )


def _in_float32(config: _Config) -> _Config:
    """Returns a configuration whose policies keep variables in float32 and compute as before."""
    if isinstance(config, list | tuple):
        return type(config)(_in_float32(part) for part in config)
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        name = config["config"]["name"]
        return {**config, "config": {"name": _IN_FLOAT32.get(name, name)}}
    return {key: _in_float32(part) for key, part in config.items()}
