"""Top-k training: only the generated examples that look most real teach the generator."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from tfgan_losses import replicas
from tfgan_losses.types import Logits, Scalar, Tensor


class Chosen(NamedTuple):
    """Which generated examples of this replica count.

    Attributes:
        mask: 1 for those that do and 0 for the others, float32 [batch].
        count: How many of all replicas do, a float32 scalar.
    """

    mask: Tensor
    count: Tensor


def choose(fake_logits: Logits, share: Scalar) -> Chosen:
    """The k = ceil(share * batch) generated examples with the highest logits.

    The batch is that of all replicas. Of equal logits the earlier example is chosen, so that there
    are k on any number of devices. An example of several logits (patches) is ranked by their mean.

    Args:
        fake_logits: [batch, ...] of this replica.
        share: In (0, 1].

    References:
        Sinha et al., 2020, Top-k Training of GANs: Improving GAN Performance by Throwing Away Bad
        Samples, arXiv:2002.06224, section 3.
    """
    own = tf.shape(fake_logits)[0]
    scores = tf.reduce_mean(tf.reshape(tf.cast(fake_logits, tf.float32), [own, -1]), axis=1)
    everywhere, first = _of_all_replicas(tf.stop_gradient(scores))
    total = tf.shape(everywhere)[0]
    number = tf.cast(total, tf.float32)
    # 0.6 of 5 are 3, whatever the last digit of the product is.
    count = tf.clip_by_value(tf.math.ceil(number * (share - 1e-6)), 1.0, number)
    order = tf.argsort(everywhere, direction="DESCENDING", stable=True)
    # The place of each example in that order: a sort and not `tf.math.top_k`, as k may change.
    place = tf.argsort(order, stable=True)
    mask = tf.cast(tf.cast(place, tf.float32) < count, tf.float32)
    return Chosen(mask[first : first + own], count)


def weights(fake_logits: Logits, share: Scalar) -> Tensor:
    """Weights of a mean over the examples of this replica that make it that of the chosen ones.

    Returns:
        Float32, [batch] and as many axes of size 1 as the logits have beside the first.
    """
    chosen = choose(fake_logits, share)
    own = tf.cast(tf.shape(fake_logits)[0], tf.float32)
    # A replica that only stands in, with nothing of the batch, has no share of it either.
    whole = own / tf.maximum(tf.cast(replicas.fraction(), tf.float32), 1e-12)
    return alongside(chosen.mask * whole / chosen.count, fake_logits)


def alongside(values: Tensor, logits: Logits) -> Tensor:
    """A number of each example, [batch], in the rank of the logits."""
    return tf.reshape(values, [-1] + [1] * (len(logits.shape) - 1))


def _of_all_replicas(scores: Tensor) -> tuple[Tensor, Tensor | int]:
    """The scores of all replicas, in the order of the batch, and where this one's begin."""
    if replicas.count() == 1:
        return scores, 0
    context = tf.distribute.get_replica_context()
    index, number = context.replica_id_in_sync_group, replicas.count()
    present = tf.cast(replicas.presence(), tf.float32)
    # What stands in where a replica has no examples is not ranked.
    own = tf.cast(present, tf.int32) * tf.shape(scores)[0]
    sizes = replicas.global_sums(
        {str(i): tf.where(tf.equal(index, i), tf.cast(own, tf.float32), 0.0) for i in range(number)}
    )
    counts = tf.cast(tf.stack([sizes[str(i)] for i in range(number)]), tf.int32)
    first = tf.cumsum(counts, exclusive=True)[index]
    total = tf.reduce_sum(counts)
    placed = tf.pad(scores[:own], [[first, total - first - own]])
    return context.all_reduce(tf.distribute.ReduceOp.SUM, placed), first
