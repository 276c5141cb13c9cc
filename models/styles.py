"""Styles of StyleGAN: from latent vectors to them, and nearer to their mean."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.precision import output_dtype

from tfgan_losses import sampling
from tfgan_losses.conditioning import Condition
from tfgan_losses.layers import EqualizedDense, SecondLatents, StyleMixing, TruncateStyles
from tfgan_losses.training.styles import split

# How many latent vectors the mean style is taken over; those of a seed of their own.
_DRAWS, _BATCH, _SEED = 16384, 4096, 20181212
# Of the mapping network, beside the rest.
_LEARNING_RATE_MULTIPLIER = 0.01
_MIXED = 0.9


def build_mapping(
    latent_dim: int, *, condition_size: int, styles: int, size: int, depth: int, mixes: bool
) -> keras.Model:
    """Builds the mapping network: latent vectors, and a condition, to styles.

    Args:
        latent_dim: Length of a latent vector.
        condition_size: Length of the condition, 0 for none.
        styles: How many layers of the synthesis have one.
        size: Length of a style.
        depth: Dense layers.
        mixes: Whether styles are mixed in training; see `layers.StyleMixing`.

    Returns:
        A model of latent vectors, or of `[latent, condition]`, -> `[batch, styles, size]`.
    """
    latent = keras.Input((latent_dim,), name="latent")
    inputs, given = [latent], []
    if condition_size:
        condition = keras.Input((condition_size,), name="condition")
        embedding = EqualizedDense(size, use_bias=False, name="embedding", dtype=output_dtype())
        inputs, given = [latent, condition], [_normalize(embedding(condition), "condition")]
    dense = _dense_layers(size, depth)
    first = second = dense(_joined(_normalize(latent, "latent"), given, "latent"))
    if mixes:
        other = SecondLatents(name="second_latents", dtype=output_dtype())(latent)
        second = dense(_joined(_normalize(other, "second"), given, "second"))
    mixing = StyleMixing(
        styles, probability=_MIXED if mixes else 0.0, name="style_mixing", dtype=output_dtype()
    )
    return keras.Model(
        inputs if condition_size else latent, mixing([first, second, latent]), name="mapping"
    )


def truncate_styles(
    generator: keras.Model, psi: float, condition: Condition | None = None
) -> keras.Model:
    """Returns a generator whose styles are nearer to their mean: w' = mean + psi (w - mean).

    The mean is E[f(z)] of the mapping network f as it is now, over 16 384 fixed latent vectors
    with conditions drawn evenly. So it belongs to the generator that is truncated, the averaged one
    for example, and nothing has to be tracked in training; the authors' code keeps a moving
    average of w instead, with a decay of 0.995.

    Args:
        generator: With the parts "mapping" and "synthesis", as those of the family "stylegan2".
        psi: 1 for the generator as it is, 0 for one image up to its noise; in [0, 1] as a rule.
        condition: What the generator is conditioned on, or None.

    Returns:
        A model with the inputs of the generator and its own mapping and synthesis, not copies of
        them. It is called, saved and exported like any other.

    Raises:
        ValueError: If the generator has no such parts, psi is negative, or the condition is
            missing.

    References:
        Karras, Laine & Aila 2019, A Style-Based Generator Architecture for GANs,
        arXiv:1812.04948, appendix B.
    """
    parts = split(generator)
    if parts is None:
        raise ValueError(
            "Expected a generator with the parts 'mapping' and 'synthesis', as those of the family "
            f"'stylegan2'. Received: generator={generator.name!r} with the layers "
            f"{[layer.name for layer in generator.layers]}"
        )
    if (len(generator.inputs) == 2) != (condition is not None):
        raise ValueError(
            "Expected the condition of the generator, or None if it has none. "
            f"Received: condition={condition}"
        )
    mapping, synthesis = parts
    truncate = TruncateStyles(psi, name="truncate_styles", dtype=output_dtype())
    latent = generator.inputs[0]
    image = synthesis([truncate(mapping(generator.input)), latent])
    truncate.mean.assign(_mean_style(mapping, latent.shape[-1], condition))
    return keras.Model(generator.input, image, name=generator.name)


def _mean_style(mapping: keras.Model, latent_dim: int, condition: Condition | None) -> tf.Tensor:
    inputs = sampling.generator_inputs(_DRAWS, latent_dim, condition, _SEED)
    total = 0.0
    for start in range(0, _DRAWS, _BATCH):
        part = tf.nest.map_structure(lambda x, i=start: x[i : i + _BATCH], inputs)
        total += tf.reduce_sum(mapping(part, training=False)[:, 0], axis=0)
    return total / _DRAWS


def _dense_layers(size: int, depth: int) -> Callable[[KerasTensor], KerasTensor]:
    """The layers of the mapping network, applied to as many tensors as one likes."""
    pairs = []
    for index in range(1, depth + 1):
        dense = EqualizedDense(
            size,
            gain=2**0.5,
            learning_rate_multiplier=_LEARNING_RATE_MULTIPLIER,
            name=f"dense_{index}",
            dtype=output_dtype(),
        )
        act = activation(0.2, name=f"activation_{index}")
        pairs.append((dense, act))

    def apply(hidden: KerasTensor) -> KerasTensor:
        for dense, act in pairs:
            hidden = act(dense(hidden))
        return hidden

    return apply


def _joined(latent: KerasTensor, given: list[KerasTensor], name: str) -> KerasTensor:
    if not given:
        return latent
    join = layers.Concatenate(name=f"{name}_and_condition", dtype=output_dtype())
    return join([latent, *given])


def _normalize(vector: KerasTensor, name: str) -> KerasTensor:
    """A vector of root mean square 1."""
    dtype = output_dtype()
    unit = layers.UnitNormalization(name=f"unit_{name}", dtype=dtype)(vector)
    return layers.Rescaling(vector.shape[-1] ** 0.5, name=f"normal_{name}", dtype=dtype)(unit)
