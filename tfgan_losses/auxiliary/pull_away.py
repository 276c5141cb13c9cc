"""The pull-away term of EBGAN."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import replicas, schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.training.terms import Seen
from tfgan_losses.types import Tensor, TensorLike


def pull_away_term(encodings: TensorLike) -> Tensor:
    """Mean squared cosine between the encodings of different examples.

    1/(N (N-1)) sum over i != j of cos^2(S_i, S_j): 1 if all point the same way, 0 if all are
    orthogonal. The pairs are those of the whole batch, over all replicas.

    Args:
        encodings: S, [N, size].

    Returns:
        A float32 scalar in [0, 1]; 0 for a batch of one, which has no pairs.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import auxiliary
        >>> float(auxiliary.pull_away_term(np.array([[1.0, 0.0], [0.0, 1.0]])))
        0.0
        >>> float(auxiliary.pull_away_term(np.array([[1.0, 0.0], [2.0, 0.0]])))
        1.0

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Networks, section 2.4.
    """
    encodings = tf.math.l2_normalize(tf.cast(encodings, tf.float32), axis=1)
    # The sum of all squared cosines is |S S^T|^2 = |S^T S|^2 (Frobenius), and S^T S is a sum over
    # examples, which replicas can share. Zero vectors have no direction; theirs count as 0.
    gram = replicas.global_sum(tf.matmul(encodings, encodings, transpose_a=True))
    own = tf.reduce_sum(tf.square(tf.reduce_sum(tf.square(encodings), axis=1)))
    count = replicas.global_sum(tf.cast(tf.shape(encodings)[0], tf.float32))
    others = tf.reduce_sum(tf.square(gram)) - replicas.global_sum(own)
    # A batch of one: 0/0, and as bad a gradient.
    return tf.where(count > 1.0, others, 0.0) / tf.maximum(count * (count - 1.0), 1.0)


@registry.register("pull_away")
class PullAway(Auxiliary):
    """G adds weight * PT of the encodings of its samples, which keeps them apart.

    Args:
        weight: 0.1 in the paper.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("pull_away(weight=0.2)")
        pull_away(weight=0.2, every=1)

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Networks, section 2.4.
    """

    networks = ("generator",)
    outputs = ("encoding",)
    sees_batch = True

    def __init__(self, *, weight: schedules.Number = 0.1, every: int = 1):
        super().__init__(weight=weight, every=every)

    def values(self, seen: Seen) -> Tensor:
        """PT, a scalar in [0, 1]."""
        return pull_away_term(seen.fake_outputs["encoding"])
