"""What is exported: a network, and what it is given."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.conditioning import Condition
from tfgan_losses.types import Tensor


@dataclasses.dataclass(frozen=True, eq=False)
class TrainedGenerator:
    """A generator that makes samples of latents and, under a condition, of labels or codes.

    Attributes:
        network: Maps latents [batch, latent_dim], or a list of them and of what the condition
            encodes, to samples; called in inference mode.
        latent_dim: Number of latent variables.
        condition: What the network is conditioned on, or None.
    """

    network: keras.Model
    latent_dim: int
    condition: Condition | None

    @property
    def specs(self) -> list[tf.TensorSpec]:
        """Shapes, types and names of the inputs: `latents`, and `labels` or `codes`."""
        latents = tf.TensorSpec([None, self.latent_dim], tf.float32, "latents")
        return [latents] if self.condition is None else [latents, self.condition.value_spec]

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the classes, the first of which is label 0; None where there are none."""
        return getattr(self.condition, "class_names", None)

    def draw(self, count: int, seed: int) -> list[np.ndarray]:
        """Returns inputs of `specs`, those of `GAN.generate` for this seed."""
        inputs = [random.sample_latents(count, self.latent_dim, seed)]
        if self.condition is not None:
            uniforms = random.sample_uniforms(count, self.condition.factors, seed)
            inputs.append(self.condition.from_uniforms(uniforms))
        return [np.asarray(each) for each in inputs]

    def samples(self, latents: Tensor, values: Tensor | None = None) -> Tensor:
        """Returns samples, float32 [batch, ...].

        A label or a code that does not exist makes NaN, since other runtimes have no assertions.
        """
        latents = tf.convert_to_tensor(latents)
        if self.condition is None or values is None:
            return tf.cast(self.network(latents, training=False), tf.float32)
        found = self.condition.read(tf.convert_to_tensor(values))
        vectors = self.condition.vectors(found.values)
        samples = tf.cast(self.network([latents, vectors], training=False), tf.float32)
        # Behind the network: the ReLU of other runtimes makes 0 of NaN.
        right = tf.reshape(found.right, [-1] + [1] * (samples.shape.rank - 1))
        return tf.where(right, samples, float("nan"))

    def in_full_precision(self) -> TrainedGenerator:
        """Returns the same generator, computed in float32; itself, if it is."""
        layers = self.network._flatten_layers()
        if all(layer.compute_dtype == "float32" for layer in layers):
            return self
        config = _in_float32(keras.saving.serialize_keras_object(self.network))
        network = keras.saving.deserialize_keras_object(config)
        network.set_weights(self.network.get_weights())
        return dataclasses.replace(self, network=network)


def _in_float32(config: Any) -> Any:
    """Returns a config in which all layers have Keras' own precision."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {"name": "float32"}}
        return {key: _in_float32(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(map(_in_float32, config))
    return config
