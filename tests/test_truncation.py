"""Truncated latents: both meanings by their distributions, and every call that takes one."""

import networks
import numpy as np
import pytest
import runs
import scipy.stats
import tensorflow as tf

from tfgan_losses import random, sampling, truncation
from tfgan_losses.measuring.samplers import GANSampler
from tfgan_losses.truncation import Truncation

LATENTS = random.sample_latents(4000, 5, 0)


@pytest.mark.parametrize("limit", [0.1, 0.5, 2.0])
def test_truncated_latents_are_those_that_are_drawn_again_until_they_are_inside(limit):
    found = np.sort(Truncation(limit)(LATENTS).numpy().ravel())
    again = np.random.default_rng(0).standard_normal(10**6)
    again = np.sort(again[np.abs(again) <= limit])
    assert np.abs(found).max() <= limit
    # The largest difference of two distribution functions, of 20,000 numbers and many more.
    ranks = np.searchsorted(again, found) / len(again)
    assert np.abs(ranks - np.arange(len(found)) / len(found)).max() < 1.9 / np.sqrt(len(found))


@pytest.mark.parametrize("kind", truncation.KINDS)
@pytest.mark.parametrize("limit", [0.2, 0.5, 1.0])
def test_moments_are_those_of_truncated_normals(kind, limit):
    """scipy's truncnorm: of (-limit, limit), or of (-2, 2) and multiplied by the limit."""
    found = Truncation(limit, kind)(LATENTS).numpy().ravel()
    ends, factor = (limit, 1.0) if kind == "resampled" else (2.0, limit)
    law = scipy.stats.truncnorm(-ends, ends)
    error = factor * law.std() / np.sqrt(len(found))
    assert abs(found.mean()) < 4 * error
    assert found.std() == pytest.approx(factor * law.std(), rel=0.02)
    fourth = factor**4 * law.moment(4)
    assert np.mean(found**4) == pytest.approx(fourth, rel=0.05)
    assert np.abs(found).max() <= factor * ends
    # No further from 0 than that: scaled numbers pass the limit, resampled ones do not.
    assert (np.abs(found).max() > limit) == (kind == "scaled")


def test_resampled_at_2_is_scaled_at_1():
    np.testing.assert_array_equal(Truncation(2.0)(LATENTS), Truncation(1.0, "scaled")(LATENTS))


def test_a_limit_that_no_number_reaches_changes_nothing():
    np.testing.assert_allclose(Truncation(9.0)(LATENTS), LATENTS, atol=1e-5)
    assert Truncation(9.0)(LATENTS).dtype == tf.float32


@pytest.mark.parametrize("kind", truncation.KINDS)
def test_generate_and_samplers_take_one(kind):
    gan, chosen = networks.recipe_gan("acgan"), Truncation(0.5, kind)
    latents, given = sampling.generator_inputs(6, gan.latent_dim, gan.condition, 3)
    expected = gan.draw([chosen(latents), given])
    np.testing.assert_array_equal(gan.generate(6, seed=3, truncation=chosen), expected)
    plain = gan.generate(6, seed=3)
    assert not np.array_equal(plain, expected)
    part = random.derived_seed(1, "measured from 0")
    (measured, labels), *_ = GANSampler(gan, truncation=chosen).batches(6, seed=1)
    same = gan.generate(6, seed=part, labels=labels, truncation=chosen)
    np.testing.assert_array_equal(measured, same)


def test_a_number_is_the_limit_of_a_resampled_one():
    gan = runs.labelled()
    first, second = (gan.generate(4, truncation=t) for t in (0.5, Truncation(0.5, "resampled")))
    np.testing.assert_array_equal(first, second)
    assert str(Truncation(0.5, "scaled")) == "scaled(0.5)"
    assert truncation.get(None) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0.0,), "above 0.*truncation=0"), ((np.inf,), "truncation=inf"),
     ((0.5, "cut"), r"one of \['resampled', 'scaled'\].*kind='cut'")],
)  # fmt: skip
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        Truncation(*arguments)
