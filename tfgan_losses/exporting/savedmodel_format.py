"""A generator as a SavedModel, which needs only TensorFlow, and how it is used."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_losses.exporting.formats import Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers.leaky_relu import without_custom_gradients
from tfgan_losses.run_files.pictures import are_images as are_images
from tfgan_losses.sampling import generator_inputs
from tfgan_losses.types import Shape, Tensor


class _ExportedGenerator(tf.Module):
    """What the SavedModel holds: the generator's variables and functions, nothing else."""

    def __init__(self, generator: TrainedGenerator):
        super().__init__()
        network, latent_dim = generator.network, generator.latent_dim
        condition = generator.condition
        self.generator_variables = [variable.value for variable in network.variables]
        shows = are_images(network.output_shape[1:])

        def run(inputs: Tensor | list[Tensor]) -> Tensor:
            return tf.cast(network(inputs, training=False), tf.float32)

        if condition is not None:
            # A function of its own, so that its graph is saved once, however many call it.
            run = tf.function(run, autograph=False)

        def serve(latents: Tensor, values: Tensor | None = None) -> Tensor:
            latents = tf.cast(latents, tf.float32)
            if condition is None or values is None:
                return run(latents)
            # Those who call a signature may give any shape.
            return run([latents, condition.encode(tf.ensure_shape(values, values.shape))])

        def sample(count: Tensor, seed: Tensor, values: Tensor | None = None) -> Tensor:
            if condition is not None and values is not None:
                if values.shape.rank < condition.value_spec.shape.rank:
                    values = tf.repeat(values[None], count, axis=0)
                values = condition.check_batch(values)
                found = tf.shape(values)[0]
                message = "Expected as many labels or codes as samples."
                tf.debugging.assert_equal(found, count, message)
                # Else shapes would clash below before the check above has been made.
                count = found
            samples = run(generator_inputs(count, latent_dim, condition, seed, values))
            # A generator without a last tanh leaves the range of what can be shown.
            return tf.clip_by_value(samples, -1.0, 1.0) if shows else samples

        latents, number = (
            tf.TensorSpec([None, latent_dim], name="latents"),
            tf.TensorSpec([], "int32"),
        )
        if condition is None:
            self.serving_default = tf.function(serve, input_signature=[latents], autograph=False)
            self.sample = tf.function(sample, input_signature=[number, number], autograph=False)
            self.served = self.serving_default.get_concrete_function()
            self.drawn_sample = self.sample.get_concrete_function()
            return
        self.serving_default, self.sample = _named(condition.source, serve, sample)
        self.drawn_sample = self.sample.get_concrete_function(number, number)
        # The other functions behind the two names: TensorFlow would make 2 of 2.9 for a signature.
        for dtype in condition.given_types:
            each = tf.TensorSpec(condition.value_spec.shape, dtype, condition.source)
            for given in (each, tf.TensorSpec(each.shape[1:], dtype, condition.source)):
                self.sample.get_concrete_function(number, number, given)
            for of_numpy in (tf.float32, tf.float64):
                given = tf.TensorSpec(latents.shape, of_numpy, "latents")
                self.serving_default.get_concrete_function(given, each)
        self.served = self.serving_default.get_concrete_function(latents, condition.value_spec)
        names = getattr(condition, "class_names", None)
        if names is not None:
            self.class_names = tf.function(lambda: tf.constant(names), input_signature=[])


def _named(
    source: str, serve: Callable[..., Tensor], sample: Callable[..., Tensor]
) -> tuple[tf.types.experimental.PolymorphicFunction, ...]:
    """Functions whose arguments have the names that a person will write."""
    if source == "labels":
        return (
            tf.function(lambda latents, labels: serve(latents, labels), autograph=False),
            tf.function(
                lambda count, seed, labels=None: sample(count, seed, labels), autograph=False
            ),
        )
    return (
        tf.function(lambda latents, codes: serve(latents, codes), autograph=False),
        tf.function(lambda count, seed, codes=None: sample(count, seed, codes), autograph=False),
    )


def write(generator: TrainedGenerator, path: str | os.PathLike) -> None:
    """Writes a SavedModel with the signatures `serving_default` and `sample`.

    Labels or codes are an argument of `serving_default` and an optional one of `sample`, and the
    names of classes what `class_names()` returns.

    Args:
        generator: What is written.
        path: Directory to write.
    """
    with without_custom_gradients():
        module = _ExportedGenerator(generator)
        signatures = {
            "serving_default": module.served,
            "sample": module.drawn_sample,
        }
        tf.saved_model.save(module, os.fspath(path), signatures=signatures)


def load(path: Path) -> Runner:
    """Returns `serving_default` of what is read again."""
    module = tf.saved_model.load(path)

    def run(inputs: list[np.ndarray]) -> np.ndarray:
        return module.serving_default(*map(tf.constant, inputs)).numpy()

    return run


def lines_of_python(path: str | os.PathLike, example_shape: Shape) -> list[str]:
    """What a person may paste to use a SavedModel of `write`, for images to a file.

    Args:
        path: Its directory.
        example_shape: Shape of one example.
    """
    lines = ["import tensorflow as tf", f"generator = tf.saved_model.load({json.dumps(str(path))})"]
    if not are_images(example_shape):
        return [*lines, "samples = generator.sample(16, seed=0)"]
    return [
        *lines,
        "images = generator.sample(16, seed=0)  # in [-1, 1]",
        "pixels = tf.cast(tf.round(127.5 * (images + 1)), tf.uint8)",
        'tf.io.write_file("sample.png", tf.io.encode_png(pixels[0]))',
    ]
