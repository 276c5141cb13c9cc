"""The pull-away term of EBGAN."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses import replicas
from tfgan_losses.auxiliary.base import Auxiliary, Outputs, Terms, check_weight, registry


def pull_away_term(encodings: Any) -> tf.Tensor:
    """Mean squared cosine between the encodings of different examples.

    1/(N (N-1)) sum over i != j of cos^2(S_i, S_j): 1 if all point the same way, 0 if all are
    orthogonal. The pairs are those of the whole batch, over all replicas.

    Args:
        encodings: S, [N, size].

    Returns:
        A float32 scalar in [0, 1]; NaN for a batch of one.

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Networks, section 2.4.
    """
    encodings = tf.math.l2_normalize(tf.cast(encodings, tf.float32), axis=1)
    # The sum of all squared cosines is |S S^T|^2 = |S^T S|^2 (Frobenius), and S^T S is a sum over
    # examples, which replicas can share. Zero vectors have no direction; theirs count as 0.
    gram = replicas.global_sum(tf.matmul(encodings, encodings, transpose_a=True))
    own = tf.reduce_sum(tf.square(tf.reduce_sum(tf.square(encodings), axis=1)))
    count = tf.cast(tf.shape(encodings)[0] * replicas.count(), tf.float32)
    others = tf.reduce_sum(tf.square(gram)) - replicas.global_sum(own)
    return others / (count * (count - 1.0))


@registry.register("pull_away")
class PullAway(Auxiliary):
    """G adds weight * PT of the encodings of its samples, which keeps them apart.

    Args:
        weight: 0.1 in the paper.

    Raises:
        ValueError: If the weight is negative.

    References:
        Zhao et al., 2017, Energy-based Generative Adversarial Networks, section 2.4.
    """

    outputs = ("encoding",)
    sees_batch = True

    def __init__(self, *, weight: float = 0.1):
        self.weight = check_weight("weight", weight)

    def report_keys(self, condition: Any) -> tuple[str, ...]:
        """`pull_away`: the unweighted term, in [0, 1]."""
        return ("pull_away",)

    def generator_loss(self, fake: Outputs, given: Any, condition: Any) -> Terms:
        """weight * PT."""
        term = pull_away_term(fake["encoding"])
        return self.weight * term, {"pull_away": term}

    def get_config(self) -> dict[str, Any]:
        """weight."""
        return {"weight": self.weight}
