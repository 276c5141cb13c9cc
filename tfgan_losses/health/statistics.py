"""What can be said of a batch of real and one of generated examples without a network."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses.types import Examples, Logits, Tensor

# Of the mean distance of two real examples: 0.4 on ring8, whose modes are 1.5 apart, and 0.6 on
# grid25, where it is 2.
_NEAR = 0.15


def as_points(examples: Examples) -> Tensor:
    """Examples as float32 [n, numbers]."""
    examples = tf.cast(examples, tf.float32)
    return tf.reshape(examples, [tf.shape(examples)[0], -1])


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances of two sets of points, [n, d] and [m, d] -> [n, m]."""
    # Around their middle: the squares below lose digits far from 0.
    middle = tf.reduce_mean(a, axis=0)
    a, b = a - middle, b - middle
    squares = tf.reduce_sum(a * a, 1)[:, None] + tf.reduce_sum(b * b, 1)[None, :]
    return tf.sqrt(tf.nn.relu(squares - 2.0 * tf.matmul(a, b, transpose_b=True)))


def diversity(within: Tensor, alike: Tensor) -> Tensor:
    """Mean distance of two different examples of one class.

    Args:
        within: Distances within a set, [n, n].
        alike: Float [n, n], 1 where two examples have one class.
    """
    pairs = alike * (1.0 - tf.eye(tf.shape(within)[0]))
    return tf.math.divide_no_nan(tf.reduce_sum(pairs * within), tf.reduce_sum(pairs))


def neighbours_of_own_kind(real: Tensor, across: Tensor, fake: Tensor) -> Tensor:
    """Share of examples whose nearest other one is of their own kind, real or generated.

    The leave-one-out accuracy of a nearest neighbour as classifier: 1/2 where both sets come from
    one distribution.

    Args:
        real: Distances among real examples, [n, n].
        across: From real to generated ones, [n, m].
        fake: Among generated ones, [m, m].

    References:
        Lopez-Paz & Oquab, 2017, Revisiting Classifier Two-Sample Tests.
        Xu et al., 2018, An empirical study on evaluation metrics of generative adversarial
        networks.
    """
    far = tf.reduce_max(real) + tf.reduce_max(fake) + 1.0

    def nearest_other(within: Tensor) -> Tensor:
        return tf.reduce_min(within + far * tf.eye(tf.shape(within)[0]), axis=1)

    own = [
        nearest_other(real) < tf.reduce_min(across, axis=1),
        nearest_other(fake) < tf.reduce_min(across, axis=0),
    ]
    return tf.reduce_mean(tf.cast(tf.concat(own, 0), tf.float32))


def missed(real: Tensor, across: Tensor) -> Tensor:
    """Share of real examples near which none is generated.

    Near is a seventh of the mean distance of two real examples, so that it counts whole modes, and
    not how sharply one is drawn; and at least twice what a real example is from its nearest one.

    Args:
        real: Distances among real examples, [n, n].
        across: From real to generated ones, [n, m].
    """
    count = tf.shape(real)[0]
    own = tf.sort(tf.reduce_min(real + tf.reduce_max(real) * tf.eye(count), axis=1))[count // 2]
    near = tf.maximum(_NEAR * diversity(real, tf.ones_like(real)), 2.0 * own)
    return tf.reduce_mean(tf.cast(tf.reduce_min(across, axis=1) > near, tf.float32))


def told_apart(real_logits: Logits, fake_logits: Logits) -> Tensor:
    """Share of pairs of which the real example has the higher output; equal ones count half.

    The area under the curve of the discriminator as classifier.

    Args:
        real_logits: One for each real example, [n].
        fake_logits: One for each generated one, [m].
    """
    difference = real_logits[:, None] - fake_logits[None, :]
    return 0.5 + 0.5 * tf.reduce_mean(tf.sign(difference))
