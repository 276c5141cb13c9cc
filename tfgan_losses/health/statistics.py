"""What can be said of a batch of real and one of generated examples without a network."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses.types import Examples, Logits, Tensor

# A region is missed if it gets less than this part of the samples that belong there.
_HARDLY_ANY = 0.1


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


def missed_regions(real: Tensor, across: Tensor) -> Tensor:
    """Share of real examples in regions where hardly any example is generated.

    The first eighth of the real examples are centres; a region is what is nearest to one.

    Args:
        real: Distances among real examples, [n, n].
        across: From real to generated ones, [n, m].
    """
    count = tf.shape(real)[0]
    centres = count // 8

    def shares(nearest: Tensor) -> Tensor:
        one_hot = tf.one_hot(nearest, centres)
        return tf.reduce_mean(one_hot, axis=0)

    expected = shares(tf.argmin(real[:centres, centres:], axis=0))
    found = shares(tf.argmin(across[:centres], axis=0))
    return tf.reduce_sum(tf.where(found < _HARDLY_ANY * expected, expected, 0.0))


def told_apart(real_logits: Logits, fake_logits: Logits) -> Tensor:
    """Share of pairs of which the real example has the higher output; equal ones count half.

    The area under the curve of the discriminator as classifier.

    Args:
        real_logits: One for each real example, [n].
        fake_logits: One for each generated one, [m].
    """
    difference = real_logits[:, None] - fake_logits[None, :]
    return 0.5 + 0.5 * tf.reduce_mean(tf.sign(difference))
