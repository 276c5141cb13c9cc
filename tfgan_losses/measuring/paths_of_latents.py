"""Ways through the space of latents, and what a generator shows on them."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.measuring.drawing import Generator, made_of

# Below this sine of the angle between two vectors, they are on one line.
_ON_A_LINE = 1e-6


def slerp(start: np.ndarray, end: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Goes from one vector to another as on a sphere.

    Normal latents of many dimensions have nearly one length. On a straight line between two of
    them there are shorter ones, which a generator has hardly ever seen; here there are not.

    Args:
        start: [d].
        end: [d].
        fractions: Of the way, [n]; 0 is `start` and 1 is `end`.

    Returns:
        Float32 [n, d]. Vectors on one line, such as all of one dimension, are joined by it.

    References:
        White, 2016, Sampling Generative Networks, section 2.1, arXiv:1609.04468.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    fractions = np.asarray(fractions, np.float64)[:, np.newaxis]
    lengths = np.linalg.norm(start) * np.linalg.norm(end)
    cosine = np.clip(start @ end / lengths, -1.0, 1.0) if lengths else 1.0
    angle = np.arccos(cosine)
    if np.sin(angle) < _ON_A_LINE:
        return ((1 - fractions) * start + fractions * end).astype(np.float32)
    weights = np.sin((1 - fractions) * angle), np.sin(fractions * angle)
    return ((weights[0] * start + weights[1] * end) / np.sin(angle)).astype(np.float32)


def loop(latents: np.ndarray, steps: int) -> np.ndarray:
    """Visits latents one after the other, and goes back to the first.

    Args:
        latents: [k, d].
        steps: From one to the next.

    Returns:
        Float32 [k * steps, d]; each of the latents is there once, so that what begins again at the
        end goes on evenly.
    """
    fractions = np.arange(steps) / steps
    ways = zip(latents, np.roll(latents, -1, axis=0), strict=True)
    return np.concatenate([slerp(start, end, fractions) for start, end in ways])


def interpolated(generator: Generator, *, count: int, steps: int, seed: int) -> np.ndarray:
    """Returns what a generator shows on a closed way past so many seeds.

    Args:
        generator: What makes the samples.
        count: Latents that are visited.
        steps: From one to the next.
        seed: Decides them.

    Returns:
        Float32 [rows, count * steps, ...]. Under a condition, a row for each value of its first
        factor, all with the same latents. Without, a row for each of the latents, which begins
        there.
    """
    latents = random.sample_latents(count, generator.latent_dim, seed).numpy()
    way = loop(latents, steps)
    condition = generator.condition
    if condition is None:
        examples = np.concatenate(list(made_of(generator, tf.constant(way))))
        return np.stack([np.roll(examples, -row * steps, axis=0) for row in range(count)])
    # The other codes stay as they are along the way.
    uniforms = np.tile(random.sample_uniforms(1, condition.factors, seed), [condition.rows, 1])
    values = condition.encode(condition.row_values(tf.constant(uniforms)))
    inputs = [
        tf.tile(tf.constant(way), [condition.rows, 1]),
        tf.repeat(values, len(way), axis=0),
    ]
    examples = np.concatenate(list(made_of(generator, inputs)))
    return examples.reshape(condition.rows, len(way), *examples.shape[1:])
