"""A generator as a SavedModel."""

from __future__ import annotations

import os
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.random import sample_latents


class _ExportedGenerator(tf.Module):
    """What the SavedModel holds: the generator's variables and two functions, nothing else."""

    def __init__(self, network: keras.Model, latent_dim: int):
        super().__init__()
        self.generator_variables = [variable.value for variable in network.variables]

        @tf.function(input_signature=[tf.TensorSpec([None, latent_dim], tf.float32, "latents")])
        def serving_default(latents: Any) -> Any:
            return tf.cast(network(latents, training=False), tf.float32)

        scalar = tf.TensorSpec([], tf.int32)

        @tf.function(input_signature=[scalar, scalar])
        def sample(count: Any, seed: Any) -> Any:
            return serving_default(sample_latents(count, latent_dim, seed))

        self.serving_default, self.sample = serving_default, sample


def write_saved_model(network: keras.Model, latent_dim: int, path: str | os.PathLike) -> None:
    """Writes a generator as a SavedModel with the signatures `serving_default` and `sample`.

    Args:
        network: Maps latents [batch, latent_dim] to samples; called in inference mode.
        latent_dim: Number of latent variables.
        path: Directory to write.
    """
    module = _ExportedGenerator(network, latent_dim)
    signatures = {
        "serving_default": module.serving_default.get_concrete_function(),
        "sample": module.sample.get_concrete_function(),
    }
    tf.saved_model.save(module, os.fspath(path), signatures=signatures)
