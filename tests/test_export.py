"""Exported generators, used where there is neither this library nor Keras."""

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, random
from tfgan_losses.layers import SpectralNormalization

# The person who loads a generator may not have what made it.
WITHOUT_KERAS = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("keras", "tfgan_losses"):
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
import numpy as np
import tensorflow as tf

exported = tf.saved_model.load(sys.argv[1])
results = {}
for count in (1, 7, 300):
    results[f"sample_{count}"] = exported.sample(count, seed=4)
results["plain"] = exported.serving_default(np.ones([3, 6], "float32"))
named = exported.signatures["serving_default"](latents=tf.ones([3, 6]))
results["named"], = named.values()
named = exported.signatures["sample"](count=tf.constant(7), seed=tf.constant(4))
results["named_sample"], = named.values()
np.savez(sys.argv[2], **{key: value.numpy() for key, value in results.items()})
try:
    import keras
    print("keras is there")
except ImportError:
    pass
print(sorted(name for name in sys.modules if name.split(".")[0] in ("keras", "tfgan_losses")))
"""

ALONE = """
import sys
import tfgan_losses

import keras, numpy as np
generator = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[2], generator(np.ones([3, 6], "float32"), training=False))
"""


@pytest.fixture(scope="module")
def gan():
    """Trained so far that the average, the weights and the statistics all differ."""
    keras.utils.set_random_seed(0)
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=1)
    rates = {"g_optimizer": keras.optimizers.Adam(1e-2), "d_optimizer": "adam"}
    gan.compile("hinge", **rates)
    gan.fit(networks.examples(64), batch_size=8, epochs=3, verbose=0)
    return gan


@pytest.fixture(scope="module")
def path(gan, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "generator"
    gan.export_generator(path)
    return path


@pytest.fixture(scope="module")
def loaded(path):
    return tf.saved_model.load(path)


def test_without_keras(gan, path, tmp_path):
    results = tmp_path / "results.npz"
    ended = commands.python(WITHOUT_KERAS, path, results, directory=tmp_path)
    assert ended.code == 0, ended.err
    assert ended.out == "[]\n"
    results = np.load(results)
    for count in (1, 7, 300):
        samples = results[f"sample_{count}"]
        assert samples.dtype == np.float32
        np.testing.assert_allclose(samples, gan.generate(count, seed=4), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(results["named"], results["plain"])
    np.testing.assert_array_equal(results["named_sample"], results["sample_7"])
    ones = gan(np.ones([3, networks.LATENT_DIM], "float32"))
    np.testing.assert_allclose(results["plain"], ones, rtol=0, atol=1e-6)


def test_the_average_is_exported(gan, loaded):
    latents = random.sample_latents(16, networks.LATENT_DIM, 0)
    exported = loaded.serving_default(latents)
    average = gan.ema_generator(latents, training=False)
    np.testing.assert_allclose(exported, average, rtol=0, atol=1e-6)
    newest = gan.generator(latents, training=False)
    assert np.abs(exported - newest).max() > 1e-3


def test_without_an_average_the_weights_are_exported(tmp_path):
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=1)
    gan.export_generator(tmp_path / "generator")
    # TensorFlow needs the loaded object to stay alive while its functions are called.
    exported = tf.saved_model.load(tmp_path / "generator")
    samples = exported.sample(5, seed=2)
    np.testing.assert_allclose(samples, gan.generate(5, seed=2), rtol=0, atol=1e-6)


def test_one_example_does_not_depend_on_the_others(loaded):
    """BatchNormalization with its moving statistics."""
    latents = random.sample_latents(8, networks.LATENT_DIM, 0)
    together = loaded.serving_default(latents)
    others = tf.concat([latents[:1], 100.0 * latents[1:]], axis=0)
    for samples in (loaded.serving_default(latents[:1]), loaded.serving_default(others)):
        np.testing.assert_allclose(samples[0], together[0], rtol=0, atol=1e-6)


def test_only_variables_of_the_generator_inside(gan, path):
    saved = tf.train.list_variables(path / "variables" / "variables")
    bookkeeping = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter/.ATTRIBUTES/VARIABLE_VALUE")
    shapes = [tuple(shape) for name, shape in saved if name not in bookkeeping]
    assert sorted(shapes) == sorted(tuple(v.shape) for v in gan.generator.variables)


def test_the_object_shows_the_two_functions(loaded):
    assert set(loaded.signatures) == {"serving_default", "sample"}
    inputs = loaded.signatures["serving_default"].structured_input_signature[1]
    assert inputs["latents"].shape.as_list() == [None, networks.LATENT_DIM]
    with pytest.raises((ValueError, TypeError)):
        loaded.serving_default(np.ones([3, networks.LATENT_DIM + 1], "float32"))


def test_as_a_layer_of_another_model(gan, path):
    layer = keras.layers.TFSMLayer(path, call_endpoint="serving_default")
    latents = random.sample_latents(4, networks.LATENT_DIM, 4)
    outputs = layer(latents)
    (samples,) = outputs.values() if isinstance(outputs, dict) else (outputs,)
    np.testing.assert_allclose(samples, gan.generate(4, seed=4), rtol=0, atol=1e-6)


def test_the_export_is_a_copy(tmp_path):
    """A generator that goes on training does not change what was exported."""
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=1)
    gan.export_generator(tmp_path / "generator")
    exported = tf.saved_model.load(tmp_path / "generator")
    before = exported.sample(4, seed=0)
    for variable in gan.generator.variables:
        variable.assign(tf.zeros_like(variable))
    np.testing.assert_array_equal(exported.sample(4, seed=0), before)


def test_spectral_generator_in_a_process_that_imports_only_this_library(tmp_path):
    spectral = keras.Sequential(
        [
            keras.Input((networks.LATENT_DIM,)),
            SpectralNormalization(keras.layers.Dense(16, activation="relu")),
            keras.layers.BatchNormalization(),
            SpectralNormalization(keras.layers.Dense(16, activation="tanh")),
            keras.layers.Reshape((4, 4, 1)),
        ]
    )
    gan = GAN(spectral, networks.discriminator(), latent_dim=networks.LATENT_DIM, seed=1)
    gan.compile("hinge")
    gan.fit(networks.examples(32), batch_size=8, verbose=0)
    gan.generator.save(tmp_path / "g.keras")
    ended = commands.python(
        ALONE,
        tmp_path / "g.keras",
        tmp_path / "samples.npy",
        directory=tmp_path,
        PYTHONPATH=str(commands.ROOT),
    )
    assert ended.code == 0, ended.err
    expected = gan.generator(np.ones([3, networks.LATENT_DIM], "float32"), training=False)
    np.testing.assert_allclose(np.load(tmp_path / "samples.npy"), expected, rtol=0, atol=1e-6)
