"""A generator as a SavedModel, and how it is used."""

from __future__ import annotations

import os

import keras
import tensorflow as tf

from tfgan_losses.conditioning import Condition
from tfgan_losses.layers.leaky_relu import without_custom_gradients
from tfgan_losses.sampling import generator_inputs
from tfgan_losses.types import Shape, Tensor

# Channels of images; examples with others are fields of some other kind.
_OF_IMAGES = (1, 3)


class _ExportedGenerator(tf.Module):
    """What the SavedModel holds: the generator's variables and functions, nothing else."""

    def __init__(self, network: keras.Model, latent_dim: int, condition: Condition | None):
        super().__init__()
        self.generator_variables = [variable.value for variable in network.variables]
        latents_spec = tf.TensorSpec([None, latent_dim], tf.float32, "latents")
        scalar = tf.TensorSpec([], tf.int32)
        values_spec = [] if condition is None else [condition.value_spec]
        in_range = are_images(network.output_shape[1:])

        def run(inputs: Tensor | list[Tensor]) -> Tensor:
            return tf.cast(network(inputs, training=False), tf.float32)

        def serving_default(latents: Tensor, *values: Tensor) -> Tensor:
            return run(latents if condition is None else [latents, condition.encode(*values)])

        def sample(count: Tensor, seed: Tensor, values: Tensor | None = None) -> Tensor:
            if values is not None:
                found = tf.shape(values)[0]
                message = "Expected as many labels or codes as samples."
                tf.debugging.assert_equal(found, count, message)
                # Else shapes would clash below before the check above has been made.
                count = found
            samples = run(generator_inputs(count, latent_dim, condition, seed, values))
            # A generator without a last tanh leaves the range of what can be shown.
            return tf.clip_by_value(samples, -1.0, 1.0) if in_range else samples

        self.serving_default = tf.function(
            serving_default, input_signature=[latents_spec, *values_spec]
        )
        # Functions of their own, since the names of arguments are what a person will write.
        if condition is None:
            self.sample = tf.function(
                lambda count, seed: sample(count, seed), input_signature=[scalar, scalar]
            )
        elif condition.source == "labels":
            self.sample = tf.function(lambda count, seed, labels=None: sample(count, seed, labels))
        else:
            self.sample = tf.function(lambda count, seed, codes=None: sample(count, seed, codes))
        self.drawn_sample = self.sample.get_concrete_function(scalar, scalar)
        if condition is not None:
            # The second function behind the one name.
            self.sample.get_concrete_function(scalar, scalar, condition.value_spec)
        names = getattr(condition, "class_names", None)
        if names is not None:
            self.class_names = tf.function(lambda: tf.constant(names), input_signature=[])


def are_images(example_shape: Shape) -> bool:
    """Whether examples are images [height, width, 1 or 3], which are in [-1, 1]."""
    return len(example_shape) == 3 and example_shape[-1] in _OF_IMAGES


def write_saved_model(
    network: keras.Model, latent_dim: int, condition: Condition | None, path: str | os.PathLike
) -> None:
    """Writes a generator as a SavedModel with the signatures `serving_default` and `sample`.

    Args:
        network: Maps latents [batch, latent_dim], and what a condition encodes, to samples; called
            in inference mode.
        latent_dim: Number of latent variables.
        condition: What the generator is conditioned on; labels or codes become an argument of
            `serving_default` and an optional one of `sample`, and the names of classes what
            `class_names()` returns.
        path: Directory to write.
    """
    with without_custom_gradients():
        module = _ExportedGenerator(network, latent_dim, condition)
        signatures = {
            "serving_default": module.serving_default.get_concrete_function(),
            "sample": module.drawn_sample,
        }
        if hasattr(module, "class_names"):
            module.class_names.get_concrete_function()
        tf.saved_model.save(module, os.fspath(path), signatures=signatures)
