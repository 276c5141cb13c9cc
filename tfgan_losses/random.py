"""Random numbers as stateless functions of (seed, step, purpose).

Nothing here has a hidden generator state, so that a resumed run, several replicas and
`jit_compile` draw the same bits as one uninterrupted run on one device.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence

import tensorflow as tf

from tfgan_losses.types import Scalar, Seed, Tensor

# The one algorithm that every device and XLA have.
_ALGORITHM = "philox"
# Which of how many parts of its batch a replica is working on.
_PART = contextvars.ContextVar("part of a batch", default=(0, 1))
# Which rows of how many, where replicas have unequal parts.
_ROWS: contextvars.ContextVar[tuple[Tensor, Tensor] | None] = contextvars.ContextVar(
    "rows of a batch", default=None
)
# Of how many rows a replica has a multiple, where parts are unequal.
_PACK = contextvars.ContextVar("rows of a pack", default=1)


def step_seed(seed: int, step: Scalar, purpose: str) -> Seed:
    """The seed for one purpose at one step.

    Args:
        seed: The seed of the whole run.
        step: Scalar integer tensor or int.
        purpose: What is drawn, such as `"latents"`; each purpose is a stream of its own.

    Returns:
        Int64 tensor [2], as `tf.random.stateless_*` take it.

    Examples:
        >>> from tfgan_losses import random
        >>> random.normal(2, [3], random.step_seed(0, 10, "my noise")).shape
        TensorShape([2, 3])
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    stream = int.from_bytes(digest[:8], "little", signed=True)
    return tf.stack([tf.constant(stream, tf.int64), tf.cast(step, tf.int64)])


def derived_seed(seed: int, purpose: str) -> int:
    """Another seed of a whole run, for draws that must not meet those of `seed`.

    Args:
        seed: Of the run, an int.
        purpose: What the draws are for; another seed for another purpose.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[8:12], "little")


def fresh_seed() -> Seed:
    """A seed that nobody chose, int64 [2], for calls without one."""
    limit = tf.int64.max
    return tf.random.uniform([2], minval=-limit, maxval=limit, dtype=tf.int64)


def split(seed: Seed, count: int) -> list[Seed]:
    """Independent seeds made of one, each int64 [2].

    TensorFlow scrambles seeds before use, so it is enough that they differ.

    Args:
        seed: Int64 [2].
        count: Of the seeds.
    """
    seed = tf.cast(seed, tf.int64)
    return [tf.bitwise.bitwise_xor(seed, tf.constant([i, 0], tf.int64)) for i in range(count)]


@contextlib.contextmanager
def part_of_batch(index: int, count: int) -> Iterator[None]:
    """In it, `normal` and `uniform` draw for one of the equal parts of a batch.

    The parts, one after the other, get the numbers that the batch as a whole would have got.

    Args:
        index: Of the part, from 0 on.
        count: Of the parts.
    """
    token = _PART.set((index, count))
    try:
        yield
    finally:
        _PART.reset(token)


def parts_of_batch() -> int:
    """How many parts a replica divides its batch into; see `part_of_batch`."""
    return _PART.get()[1]


@contextlib.contextmanager
def rows_of_batch(first: Tensor, total: Tensor) -> Iterator[None]:
    """In it, `normal` and `uniform` draw for the rows of a batch from the first on.

    Args:
        first: Number of the first row of this replica.
        total: Rows of all replicas.
    """
    token = _ROWS.set((first, total))
    try:
        yield
    finally:
        _ROWS.reset(token)


@contextlib.contextmanager
def in_packs(pack: int) -> Iterator[None]:
    """In it and `rows_of_batch`, the rows are rounded up to whole packs of so many.

    Args:
        pack: Rows of a pack, at least 1.
    """
    token = _PACK.set(pack)
    try:
        yield
    finally:
        _PACK.reset(token)


def normal(batch: Scalar, shape: Sequence[int], seed: Seed) -> Tensor:
    """Standard normal numbers, float32 `[batch, *shape]`.

    Args:
        batch: Examples, an int or a scalar tensor.
        shape: Of what is drawn for one.
        seed: Int64 [2], see `step_seed`.
    """
    return _own_part(functools.partial(_normal, seed=seed), batch, shape)


def uniform(
    batch: Scalar, shape: Sequence[int], seed: Seed, low: float = 0.0, high: float = 1.0
) -> Tensor:
    """Numbers in [low, high), float32 `[batch, *shape]`.

    Args:
        batch: Examples, an int or a scalar tensor.
        shape: Of what is drawn for one.
        seed: Int64 [2], see `step_seed`.
        low: The smallest number.
        high: What all are below.
    """
    numbers = _own_part(functools.partial(_uniform, seed=seed), batch, shape)
    return low + (high - low) * numbers


def integers(shape: Sequence[int], seed: Seed) -> Tensor:
    """Integers of all 64 bits, int64 of this shape, the same on every replica: keys of an order.

    Args:
        shape: Of the result.
        seed: Int64 [2], see `step_seed`.
    """
    return tf.random.stateless_uniform(shape, seed, None, None, tf.int64, alg=_ALGORITHM)


def layer_seeds(count: int, seed: Seed) -> list[Tensor]:
    """Where the seed generators of so many layers start, int64 [2] each, others on every replica.

    Both numbers are in [0, 2^31 - 1), to which Keras reduces what it draws by.

    Args:
        count: Of the layers.
        seed: Int64 [2], see `step_seed`.
    """
    context = tf.distribute.get_replica_context()
    replicas, own = 1, 0
    if context is not None:
        replicas, own = context.num_replicas_in_sync, context.replica_id_in_sync_group
    bits = integers([replicas, count, 2], seed)[own]
    return tf.unstack(tf.math.floormod(bits, tf.constant(2**31 - 1, tf.int64)), count)


def sample_latents(count: Scalar, latent_dim: int, seed: Scalar) -> Tensor:
    """The latents that samples are drawn from, float32 [count, latent_dim].

    Both may be tensors, so that an exported generator draws what `GAN.generate` draws.

    Args:
        count: Of the samples.
        latent_dim: Numbers for each.
        seed: An integer.
    """
    return _normal(tf.stack([count, latent_dim]), seed=step_seed(0, seed, "samples"))


def sample_uniforms(count: Scalar, size: int, seed: Scalar) -> Tensor:
    """What the conditions of samples are drawn from, float32 [count, size] in [0, 1).

    Args:
        count: Of the samples.
        size: Numbers for each.
        seed: An integer.
    """
    return _uniform(tf.stack([count, size]), seed=step_seed(0, seed, "sample conditions"))


def _own_part(draw: Callable[[Tensor], Tensor], batch: Scalar, shape: Sequence[int]) -> Tensor:
    """Draws for the global batch and keeps the part of this replica, and of this part of it.

    With one seed for all, replicas would otherwise draw the same numbers; and so two replicas of
    half the batch see what one device with the whole batch sees.
    """
    # Read apart: AutoGraph knows no `:=` and would warn.
    rows = _ROWS.get()
    if rows is not None:
        first, total = rows
        pack = _PACK.get()
        if pack > 1:
            first, total = first // pack * pack, (total + pack - 1) // pack * pack
        # A replica without rows draws the last one, for what stands in for it.
        first = tf.minimum(first, total - batch)
        return draw(tf.stack([total, *shape]))[first : first + batch]
    own, parts = _PART.get()
    context = tf.distribute.get_replica_context()
    if context is not None and context.num_replicas_in_sync > 1:
        own += context.replica_id_in_sync_group * parts
        parts *= context.num_replicas_in_sync
    if parts == 1:
        return draw(tf.stack([batch, *shape]))
    return draw(tf.stack([batch * parts, *shape]))[own * batch : (own + 1) * batch]


def _uniform(shape: Tensor, *, seed: Seed) -> Tensor:
    """k / 2^23 with k in [0, 2^23), exact in float32."""
    return _random_bits(shape, seed) * 2.0**-23


def _normal(shape: Tensor, *, seed: Seed) -> Tensor:
    """The normal quantiles of (k + 1/2) / 2^23: symmetric, finite, at most 5.4 from 0."""
    return tf.math.ndtri((_random_bits(shape, seed) + 0.5) * 2.0**-23)


def _random_bits(shape: Tensor, seed: Seed) -> Tensor:
    """Integers in [0, 2^23) as float32.

    TensorFlow and XLA draw the same bits but make other floats of them (TensorFlow takes the low
    bits of each word, XLA the high ones), so `tf.random.stateless_uniform` and `stateless_normal`
    change under `jit_compile`. Measured with TensorFlow 2.21.
    """
    words = tf.random.stateless_uniform(shape, seed, None, None, tf.uint32, alg=_ALGORITHM)
    return tf.cast(tf.bitwise.right_shift(words, tf.constant(9, tf.uint32)), tf.float32)
