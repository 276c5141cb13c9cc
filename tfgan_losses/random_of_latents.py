"""Random numbers as functions of latent vectors.

What a generator draws by itself, such as the noise of StyleGAN2, is drawn here of each example's
latent vector. So one latent vector is one image: in any batch, on any replica, in any part of
`accumulate`, in eager mode, in a graph, under XLA and in a SavedModel, whose `sample` is then as
reproducible as that of any other generator. No seed has to come to the layers, and no layer has a
state that a resumed run would have to restore. There is no gradient to the vectors.

A vector counts as the nearest multiples of 1/64: XLA, a GPU and another machine make latents that
differ in their last bits, whose hash would be noise that differs in all of its bits. Of 64 numbers
one lies at a border, where that still happens, in about one vector of a thousand. Vectors of other
multiples have independent numbers.

The multiples and the positions in the vector are hashed to two words, those with the name of a
purpose and a counter to as many words as are asked for. All of it is done by operations that TFLite
and ONNX have, too, so that a generator that is exported to these makes the same images.
"""

from __future__ import annotations

import hashlib
import math

import tensorflow as tf

from tfgan_losses.types import Tensor

_GRID = 64.0


def uniform(latents: Tensor, count: int, purpose: str) -> Tensor:
    """Numbers in [0, 1), multiples of 2^-23.

    Args:
        latents: [batch, latent_dim], of any floating-point type.
        count: Numbers of each example, >= 1.
        purpose: What is drawn, such as `"noise 16x16"`; each purpose is a stream of its own.

    Returns:
        float32 [batch, count].
    """
    words = tf.bitwise.right_shift(_words(latents, count, purpose), _word(9))
    return tf.cast(words, tf.float32) * 2.0**-23


def normal(latents: Tensor, count: int, purpose: str) -> Tensor:
    """Standard normal numbers, of pairs of uniform ones (Box & Muller, 1958).

    Args:
        latents: As for `uniform`, as the others.
        count: Numbers of each example, >= 1.
        purpose: What is drawn.

    Returns:
        float32 [batch, count], at most 5.8 from 0.
    """
    pairs = (count + 1) // 2
    first, second = tf.split(uniform(latents, 2 * pairs, purpose), 2, axis=1)
    radius = tf.sqrt(-2.0 * tf.math.log(first + 2.0**-24))
    angle = 2.0 * math.pi * second
    return tf.concat([radius * tf.cos(angle), radius * tf.sin(angle)], axis=1)[:, :count]


def _words(latents: Tensor, count: int, purpose: str) -> Tensor:
    """uint32 [batch, count]: a counter, mixed with one key, and again with the other."""
    digest = hashlib.sha256(purpose.encode()).digest()
    own = [int.from_bytes(digest[i : i + 4], "little") for i in (0, 4)]
    first, second = (_mix(_xor(key, _word(i))) for key, i in zip(_keys(latents), own, strict=True))
    return _mix(_xor(_mix(_xor(_counters(count), first)), second))


def _keys(latents: Tensor) -> list[Tensor]:
    """Two words of each latent vector, uint32 [batch, 1]."""
    multiples = tf.round(tf.cast(latents, tf.float32) * _GRID)
    # Of a negative number, too, the cast keeps the bits.
    bits = tf.cast(tf.cast(multiples, tf.int32), tf.uint32)
    positions = _counters(latents.shape[-1])
    return [_sum(_mix(_xor(_mix(bits + _word(i)), _mix(positions + _word(i))))) for i in (1, 2)]


def _sum(words: Tensor) -> Tensor:
    """Sums modulo 2^32, [batch, 1]; in 64 bits, which every device can sum."""
    # The cast keeps the lower half.
    return tf.cast(tf.reduce_sum(tf.cast(words, tf.int64), axis=1, keepdims=True), tf.uint32)


def _counters(count: int) -> Tensor:
    """0 to count - 1, far from each other, uint32 [1, count]."""
    return tf.cast(tf.range(count), tf.uint32)[None] * _word(0x9E3779B9)


def _mix(x: Tensor) -> Tensor:
    """A bijection of 32 bits in which each bit of the input turns half of the output.

    The constants are those of Wellons, 2018, Prospecting for Hash Functions ("lowbias32").
    """
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = _xor(x, tf.bitwise.right_shift(x, _word(shift))) * _word(factor)
    return _xor(x, tf.bitwise.right_shift(x, _word(16)))


def _xor(x: Tensor, y: Tensor) -> Tensor:
    return tf.bitwise.bitwise_xor(x, y)


def _word(number: int) -> Tensor:
    return tf.constant(number, tf.uint32)
