"""Draws are functions of (seed, step, purpose), of the right distribution, the same everywhere."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tfgan_losses import random


def seed(purpose="a", *, run=0, step=0):
    return random.step_seed(run, step, purpose)


def test_streams_are_independent():
    others = [seed(), seed("b"), seed(step=1), seed(run=1), *random.split(seed("c"), 3)]
    draws = [random.normal(5000, [2], other).numpy().ravel() for other in others]
    correlation = np.corrcoef(draws) - np.eye(len(others))
    assert np.abs(correlation).max() < 0.05
    assert len({draw.tobytes() for draw in draws}) == len(others)


def test_distributions():
    # Kolmogorov-Smirnov against the exact distributions, with the seed fixed.
    normal = random.normal(20_000, [2], seed()).numpy().ravel()
    uniform = random.uniform(20_000, [2], seed(), -1.0, 3.0).numpy().ravel()
    assert stats.kstest(normal, "norm").pvalue > 0.01
    assert stats.kstest(uniform, stats.uniform(-1, 4).cdf).pvalue > 0.01
    assert normal.dtype == uniform.dtype == np.float32
    assert np.isfinite(normal).all() and uniform.min() >= -1 and uniform.max() < 3


def test_integers_have_all_bits_and_are_the_same_everywhere(modes):
    values = [
        modes.run(mode, lambda step: random.integers([4000], seed(step=step)), tf.constant(5))
        for mode in modes.names
    ]
    for each in values:
        np.testing.assert_array_equal(each, values[0])
    bits = np.asarray(values[0]).view(np.uint64)[:, None] >> np.arange(64, dtype=np.uint64) & 1
    # Each is 1 for half of the 4000, up to 5 standard deviations of 32.
    assert np.abs(bits.sum(axis=0).astype(int) - 2000).max() < 5 * 32


@pytest.mark.parametrize("draw", [random.normal, random.uniform])
def test_eager_graph_and_jit_draw_the_same(draw, modes):
    def numbers(step):
        return draw(100, [3], random.step_seed(7, step, "x"))

    values = [modes.run(mode, numbers, tf.constant(5, tf.int64)) for mode in modes.names]
    np.testing.assert_array_equal(values[1], values[0])
    np.testing.assert_allclose(values[2], values[0], atol=2e-6)


def test_a_fresh_seed_is_another_each_time():
    assert not np.array_equal(random.fresh_seed(), random.fresh_seed())


def test_sample_latents_are_prefixes_of_each_other():
    few, many = random.sample_latents(3, 8, 5), random.sample_latents(10, 8, 5)
    np.testing.assert_array_equal(few, many[:3])
    assert not np.array_equal(few, random.sample_latents(3, 8, 6))
