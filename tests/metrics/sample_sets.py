"""Features to compare, and what the metrics of samples are compared with."""

import numpy as np


def features(n, d, seed, scale=1.0, shift=0.0):
    return np.random.default_rng(seed).normal(size=[n, d]) * scale + shift


def levels(n, d, seed, count=5):
    """Features of few values: many equal distances and copies."""
    return np.random.default_rng(seed).integers(0, count, [n, d]).astype(float)


def all_squares(x, y):
    """Squared distances [n, m] from all differences at once."""
    return np.square(x[:, None] - y).sum(axis=-1)


def naive_prdc(real, generated, k):
    """Precision, recall, density, coverage from three full matrices."""
    own = [np.sort(all_squares(x, x), axis=1)[:, k] for x in (real, generated)]
    between = all_squares(real, generated)
    inside = between < own[0][:, None]
    return (
        inside.any(axis=0).mean(),
        (between < own[1]).any(axis=1).mean(),
        inside.sum() / (k * len(generated)),
        inside.any(axis=1).mean(),
    )


def covered(measure, draw, repetitions=200):
    """The share of the 95 % intervals of an estimate that contain its mean, for each number.

    Args:
        measure: Returns estimates of a real and a generated set.
        draw: Returns these sets for a generator of NumPy.
        repetitions: Of both.
    """
    found = [measure(*draw(np.random.default_rng(seed))) for seed in range(repetitions)]
    means = np.mean([[one.value for one in row] for row in found], axis=0)
    return np.mean(
        [
            [
                low < mean < high
                for (low, high), mean in zip(map(_interval, row), means, strict=True)
            ]
            for row in found
        ],
        axis=0,
    )


def _interval(estimate):
    return estimate.interval
