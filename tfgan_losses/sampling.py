"""From a number and a seed to what a generator is given: the same in Python and in an export."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tfgan_losses import random, truncation as truncation_lib
from tfgan_losses.conditioning import Condition
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Scalar, Tensor


def generator_inputs(
    count: Scalar,
    latent_dim: int,
    condition: Condition | None,
    seed: Scalar,
    values: Tensor | None = None,
    *,
    truncation: Truncation | float | None = None,
) -> Tensor | list[Tensor]:
    """Latents, and with a condition what is given beside them.

    Args:
        count: How many, an int or a tensor.
        latent_dim: Number of latent variables.
        condition: What the generator is conditioned on.
        seed: Decides the latents, and the values if there are none.
        values: Labels or codes as `condition.check` returns them; drawn if None.
        truncation: Of the latents, a number for that of a resampled one; None for the whole normal
            distribution.

    Returns:
        Float32 [count, latent_dim], or a list of that and [count, condition.size].
    """
    latents = random.sample_latents(count, latent_dim, seed)
    truncate = truncation_lib.get(truncation)
    if truncate is not None:
        latents = truncate(latents)
    if condition is None:
        return latents
    if values is None:
        values = condition.from_uniforms(random.sample_uniforms(count, condition.factors, seed))
    return [latents, condition.encode(values)]


def row_inputs(columns: int, latent_dim: int, condition: Condition, seed: Scalar) -> list[Tensor]:
    """Inputs for a picture whose rows are the values of the condition.

    A column has the same latents in all its rows, so that it shows what the condition changes.

    Args:
        columns: Samples in each of the `condition.rows` rows.
        latent_dim: Number of latent variables.
        condition: What the generator is conditioned on.
        seed: Decides the latents and the codes that the rows leave open.

    Returns:
        A list of float32 [rows * columns, latent_dim] and [rows * columns, condition.size].
    """
    latents = random.sample_latents(columns, latent_dim, seed)
    uniforms = random.sample_uniforms(columns, condition.factors, seed)
    values = condition.row_values(tf.tile(uniforms, [condition.rows, 1]))
    return [tf.tile(latents, [condition.rows, 1]), condition.encode(values)]


def graph_of(
    network: Callable[[Tensor | list[Tensor]], Tensor], latent_dim: int, condition: Condition | None
) -> Callable[[Tensor | list[Tensor]], Tensor]:
    """Returns a function of inputs as `generator_inputs` makes them, as one graph for any count.

    Args:
        network: What the function shall do.
        latent_dim: Number of latent variables.
        condition: What the network is conditioned on.
    """
    latents = tf.TensorSpec([None, latent_dim], tf.float32)
    if condition is None:
        return tf.function(network, input_signature=[latents])
    given = tf.TensorSpec([None, condition.size], tf.float32)
    return tf.function(network, input_signature=[[latents, given]])
