"""Random numbers as stateless functions of (seed, step, purpose).

Nothing here has a hidden generator state, so that a resumed run, several replicas and
`jit_compile` draw the same bits as one uninterrupted run on one device.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

# The one algorithm that gives the same bits eagerly, in a graph, under XLA and on every device.
_ALGORITHM = "philox"


def step_seed(seed: int, step: Any, purpose: str) -> tf.Tensor:
    """The seed for one purpose at one step.

    Args:
        seed: The seed of the whole run.
        step: Scalar integer tensor or int.
        purpose: What is drawn, such as `"latents"`; each purpose is a stream of its own.

    Returns:
        Int64 tensor [2], as `tf.random.stateless_*` take it.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    stream = int.from_bytes(digest[:8], "little", signed=True)
    return tf.stack([tf.constant(stream, tf.int64), tf.cast(step, tf.int64)])


def fresh_seed() -> tf.Tensor:
    """A seed nobody chose, int64 [2], for callers who gave none."""
    limit = tf.int64.max
    return tf.random.uniform([2], minval=-limit, maxval=limit, dtype=tf.int64)


def split(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    """Independent seeds made of one, each int64 [2]."""
    return tf.unstack(tf.random.experimental.stateless_split(seed, count, alg=_ALGORITHM))


def normal(batch: Any, shape: Sequence[int], seed: tf.Tensor) -> tf.Tensor:
    """Standard normal numbers, float32 [batch, *shape]."""
    return _own_part(
        lambda full: tf.random.stateless_normal(full, seed, alg=_ALGORITHM), batch, shape
    )


def uniform(
    batch: Any, shape: Sequence[int], seed: tf.Tensor, low: float = 0.0, high: float = 1.0
) -> tf.Tensor:
    """Numbers in [low, high), float32 [batch, *shape]."""
    return _own_part(
        lambda full: tf.random.stateless_uniform(full, seed, low, high, alg=_ALGORITHM),
        batch,
        shape,
    )


def _own_part(draw: Callable[[Any], tf.Tensor], batch: Any, shape: Sequence[int]) -> tf.Tensor:
    """Draws for the global batch and keeps this replica's part.

    With one seed for all, replicas would otherwise draw the same numbers; and so two replicas of
    half the batch see what one device with the whole batch sees.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return draw(tf.stack([batch, *shape]))
    replicas, own = context.num_replicas_in_sync, context.replica_id_in_sync_group
    numbers = draw(tf.stack([batch * replicas, *shape]))
    return numbers[own * batch : (own + 1) * batch]


def sample_latents(count: Any, latent_dim: int, seed: Any) -> tf.Tensor:
    """The latents that samples are drawn from, float32 [count, latent_dim].

    Both may be tensors, so that an exported generator draws what `GAN.generate` draws.
    """
    return tf.random.stateless_normal(
        tf.stack([count, latent_dim]), step_seed(0, seed, "samples"), alg=_ALGORITHM
    )
