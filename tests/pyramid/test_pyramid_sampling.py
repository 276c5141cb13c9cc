"""Samples of a pyramid at any size, and what start scales keep."""

import numpy as np
import pytest
import tensorflow as tf
from pyramids import SCALES, largest_difference, small_pyramid

from tfgan_losses import random
from tfgan_losses.pyramid import sampling
from tfgan_losses.pyramid.sampling import sample


@pytest.fixture(scope="module")
def pyramid():
    return small_pyramid()


def test_samples_at_the_trained_size_are_those_of_the_latents(pyramid):
    latents = random.sample_latents(2, pyramid.latent_dim, 5)
    expected = tf.clip_by_value(pyramid(latents), -1.0, 1.0)
    found = sample(pyramid, 2, seed=5)
    assert found.dtype == np.float32
    assert largest_difference(found, expected) < 1e-6
    assert np.std(found) > 0.05  # Else everything here would hold of zeros.


def test_a_sample_does_not_depend_on_how_many_there_are(pyramid):
    three = sample(pyramid, 3, seed=1, height=13, width=31)
    assert three.shape == (3, 13, 31, 3)
    assert largest_difference(three[:1], sample(pyramid, 1, seed=1, height=13, width=31)) < 1e-6
    assert largest_difference(three[:1], three[1:2]) > 0.1
    assert largest_difference(three[:1], sample(pyramid, 1, seed=2, height=13, width=31)) > 0.1


@pytest.mark.parametrize(("height", "width"), [(16, 24), (16, 48), (33, 7), (1, 1), (150, 90)])
def test_scales_have_the_sizes_of_scales_at(pyramid, height, width):
    found = sampling.sizes_at(pyramid, tf.constant(height), tf.constant(width))
    assert tuple((int(h), int(w)) for h, w in found) == SCALES.at(height, width).sizes


def test_below_the_first_scale_stands_the_reconstruction(pyramid):
    latents = pyramid.split(random.sample_latents(1, pyramid.latent_dim, 7))
    fixed = pyramid.split(pyramid.reconstruction_latents())
    expected = pyramid.compose([fixed[0], *latents[1:]])
    found = sample(pyramid, 1, seed=7, first=1)
    assert largest_difference(found, tf.clip_by_value(expected, -1.0, 1.0)) < 1e-6
    assert largest_difference(found, sample(pyramid, 1, seed=7)) > 0.1


def test_at_another_size_the_reconstruction_is_resized(pyramid):
    start = pyramid.compose(pyramid.split(pyramid.reconstruction_latents())[:1])
    sizes = SCALES.at(16, 48).sizes
    latents = random.sample_latents(1, 3 * sum(h * w for h, w in sizes), 7)
    noises = sampling.split(latents, sizes, 3)
    expected = pyramid.compose(noises[1:], start, first=1)
    found = sample(pyramid, 1, seed=7, width=48, first=1)
    assert largest_difference(found, tf.clip_by_value(expected, -1.0, 1.0)) < 1e-6


@pytest.mark.slow
def test_xla_draws_the_same(pyramid):
    sized = sampling.SizedPyramid(pyramid, 20, 30, first=1)
    latents = random.sample_latents(2, sized.latent_dim, 1)
    compiled = tf.function(lambda x: sized.draw(x), jit_compile=True, autograph=False)
    assert largest_difference(compiled(latents), sized.draw(latents)) < 1e-5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count=0"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 2**32}, f"seed={2**32}"),
        ({"height": 0}, "height=0"),
        ({"width": 2.5}, "width=2.5"),
        ({"width": True}, "width=True"),
        ({"first": 3}, "from 0 to 2. Received: first=3"),
        ({"first": -1}, "first=-1"),
    ],
)
def test_what_is_no_number_of_it_is_refused(pyramid, arguments, message):
    with pytest.raises(ValueError, match=message):
        sample(pyramid, **{"count": 1, **arguments})
