"""The SavedModel of a pyramid: the samples of Python, without this library."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from pyramids import largest_difference, small_pyramid

from tfgan_losses.measuring.saved_generator import SavedGenerator
from tfgan_losses.pyramid import export
from tfgan_losses.pyramid.sampling import sample

ALONE = """
import sys
import numpy as np
import tensorflow as tf

generator = tf.saved_model.load(sys.argv[1])
np.save(sys.argv[2], generator.sample(2, seed=4, height=20, width=50))
assert "tfgan_losses" not in sys.modules
"""


@pytest.fixture(scope="module")
def pyramid():
    return small_pyramid()


@pytest.fixture(scope="module")
def path(pyramid, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "generator"
    export.write_saved_model(pyramid, path)
    return path


@pytest.fixture(scope="module")
def exported(path):
    return tf.saved_model.load(path)


def test_its_function_draws_the_samples_of_python(pyramid, exported):
    wide = exported.sample(2, seed=4, height=20, width=50)
    assert largest_difference(wide, sample(pyramid, 2, seed=4, height=20, width=50)) < 1e-5
    as_trained = exported.sample(2, 4)
    assert largest_difference(as_trained, sample(pyramid, 2, seed=4)) < 1e-5


def test_so_does_its_signature(pyramid, exported):
    numbers = {"count": 1, "seed": 4, "height": 9, "width": 40}
    (found,) = exported.signatures["sample"](
        **{name: tf.constant(number) for name, number in numbers.items()}
    ).values()
    assert largest_difference(found, sample(pyramid, 1, seed=4, height=9, width=40)) < 1e-5


def test_latents_make_images_of_the_trained_size(pyramid, exported):
    latents = pyramid.reconstruction_latents()
    (found,) = exported.signatures["serving_default"](latents=latents).values()
    assert largest_difference(found, tf.clip_by_value(pyramid(latents), -1.0, 1.0)) < 1e-5


def test_what_uses_exported_generators_uses_it(pyramid, path):
    generator = SavedGenerator(path)
    assert generator.example_shape == (16, 24, 3) and generator.condition is None
    assert generator.latent_dim == pyramid.latent_dim
    assert largest_difference(generator.generate(2, seed=6), sample(pyramid, 2, seed=6)) < 1e-5


@pytest.mark.parametrize("name", ["count", "height", "width"])
def test_sizes_that_none_has_are_refused_by_name(exported, name):
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"Expected {name} to be 1 or more"):
        exported.sample(**{"count": 1, "seed": 0, name: 0})


@pytest.mark.slow
def test_another_process_needs_only_tensorflow(pyramid, path, tmp_path):
    found = tmp_path / "found.npy"
    # Isolated: a checkout in the working directory is no library.
    subprocess.run([sys.executable, "-I", "-c", ALONE, path, found], check=True, cwd=tmp_path)
    expected = sample(pyramid, 2, seed=4, height=20, width=50)
    assert largest_difference(np.load(found), expected) < 1e-5
