"""Exported generators, used where there is neither this library nor Keras."""

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, random
from tfgan_losses.exporting import savedmodel_format
from tfgan_losses.layers import LeakyReLU, SpectralNormalization

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

LOUD = """
import sys
import tensorflow as tf

tf.zeros([1]) + 1  # The first operation starts the devices, which TensorFlow talks of.
print("started", file=sys.stderr, flush=True)
exported = tf.saved_model.load(sys.argv[1])
exported.sample(2, seed=0)
latents = tf.Variable(tf.ones([3, 6]))
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(exported.serving_default(latents))
print(float(tf.norm(tape.gradient(loss, latents))))
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


@pytest.mark.slow
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


def linear(example_shape, layer=None):
    """A GAN whose samples leave [-1, 1]."""
    size = int(np.prod(example_shape))
    network = keras.Sequential(
        [
            keras.Input((networks.LATENT_DIM,)),
            keras.layers.Dense(8),
            LeakyReLU(negative_slope=0.2),
            keras.layers.Dense(size, kernel_initializer=keras.initializers.RandomNormal(0, 3)),
            *([layer] if layer else []),
            keras.layers.Reshape(example_shape),
        ]
    )
    discriminator = networks.discriminator(example_shape)
    return GAN(network, discriminator, latent_dim=networks.LATENT_DIM, seed=1)


@pytest.mark.parametrize(
    "example_shape", [(4, 4, 1), (4, 4, 3), (4, 6, 4), (4, 4, 2), (5,), (4, 3)]
)
def test_samples_that_are_images_can_be_shown(example_shape, tmp_path):
    gan = linear(example_shape)
    gan.export_generator(tmp_path / "generator")
    exported = tf.saved_model.load(tmp_path / "generator")
    # What the generator makes, for measures.
    raw = gan.generate(16, seed=3)
    assert np.abs(raw).max() > 2
    latents = random.sample_latents(16, networks.LATENT_DIM, 3)
    np.testing.assert_allclose(exported.serving_default(latents), raw, atol=1e-5)
    are_images = len(example_shape) == 3 and example_shape[-1] in (1, 3, 4)
    expected = np.clip(raw, -1, 1) if are_images else raw
    np.testing.assert_allclose(exported.sample(16, seed=3), expected, atol=1e-5)
    named = exported.signatures["sample"](count=tf.constant(16), seed=tf.constant(3))
    np.testing.assert_allclose(next(iter(named.values())), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 4, 1), (3, 5, 4)])
def test_the_lines_that_are_printed_write_a_picture(shape, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gan = linear(shape)
    path = tmp_path / 'a "generator"'
    gan.export_generator(path)
    exec("\n".join(savedmodel_format.lines_of_python(path, gan.example_shape)), {})
    picture = tf.io.decode_png((tmp_path / "sample.png").read_bytes()).numpy()
    expected = np.rint(127.5 * (np.clip(gan.generate(16, seed=0)[0], -1, 1) + 1))
    assert picture.shape == shape
    assert np.abs(picture - expected).max() <= 1
    assert {0, 255} <= set(picture.ravel().tolist())
    names = {}
    exec("\n".join(savedmodel_format.lines_of_python(path, (2,))), names)
    assert names["samples"].shape == (16, *shape)


@pytest.mark.slow
def test_loading_and_differentiating_says_nothing(tmp_path):
    """TensorFlow warns of nested custom gradients, of which a SavedModel holds the first only."""
    # tf.nn.silu has a gradient of its own, too.
    gan = linear((4, 4, 1), keras.layers.Activation("silu"))
    gan.export_generator(tmp_path / "generator")
    ended = commands.python(
        LOUD, tmp_path / "generator", directory=tmp_path, TF_CPP_MIN_LOG_LEVEL="0"
    )
    assert ended.code == 0, ended.err
    assert ended.err.endswith("started\n")
    latents = tf.Variable(tf.ones([3, networks.LATENT_DIM]))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(gan(latents))
    norm = float(tf.norm(tape.gradient(loss, latents)))
    assert float(ended.out) == pytest.approx(norm, rel=1e-4) and norm > 0.1


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """A conditional GAN with names, and its export."""
    path = tmp_path_factory.mktemp("named") / "generator"
    gan = GAN.from_recipe(
        "cgan",
        (4, 4, 1),
        class_names=["cat", "dog", "bird"],
        latent_dim=networks.LATENT_DIM,
        model="mlp",
        width=8,
        seed=0,
    )
    gan.export_generator(path)
    return gan, tf.saved_model.load(path)


def test_names_of_classes_are_in_the_export(named):
    _, exported = named
    assert [name.decode() for name in exported.class_names().numpy()] == ["cat", "dog", "bird"]


@pytest.mark.parametrize(
    "labels",
    [
        [2, 0],
        np.array([2, 0]),
        np.array([2, 0], "int32"),
        tf.constant([2, 0]),
        [2.0, 0.0],
        np.array([2.0, 0.0]),
        ["bird", "cat"],
        np.array(["bird", "cat"]),
    ],
    ids=repr,
)
def test_labels_of_an_export(named, labels):
    gan, exported = named
    expected = gan.generate(2, seed=4, labels=[2, 0])
    np.testing.assert_allclose(exported.sample(2, seed=4, labels=labels), expected, atol=1e-6)
    latents = random.sample_latents(2, networks.LATENT_DIM, 4).numpy()
    for given in (latents, latents.astype("float64")):
        np.testing.assert_allclose(exported.serving_default(given, labels), expected, atol=1e-6)


@pytest.mark.parametrize("label", [2, np.int64(2), "bird"], ids=repr)
def test_one_label_for_all_samples_of_an_export(named, label):
    gan, exported = named
    expected = gan.generate(3, seed=4, labels=2)
    np.testing.assert_allclose(exported.sample(3, seed=4, labels=label), expected, atol=1e-6)


@pytest.mark.parametrize(
    "labels, message",
    [
        ([0, 3], "labels from 0 to 2"),
        ([0, -1], "labels from 0 to 2"),
        (np.array([0, 2**32 + 1]), "labels from 0 to 2"),
        ([0, 1.7], "are whole numbers from 0 to 2"),
        (np.array([0, 1.7]), "are whole numbers from 0 to 2"),
        (["cat", "cow"], "Expected one of 'cat', 'dog', 'bird'"),
    ],
    ids=repr,
)
def test_labels_that_an_export_refuses(named, labels, message):
    """Where there is no Python left that could."""
    _, exported = named
    latents = tf.zeros([2, networks.LATENT_DIM])
    for call in (
        lambda: exported.sample(2, seed=0, labels=labels),
        lambda: exported.serving_default(latents, labels),
    ):
        # TensorFlow quotes what it shows.
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            call()
        assert message in str(caught.value).replace("\\'", "'")


def test_labels_of_another_form_are_refused_by_an_export(named):
    _, exported = named
    latents = tf.zeros([2, networks.LATENT_DIM])
    for labels in (np.eye(3)[:2], [[1], [0]]):
        with pytest.raises(ValueError, match="Could not find matching"):
            exported.sample(2, seed=0, labels=labels)
    serve = exported.signatures["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Shape of tensor labels"):
        serve(latents=latents, labels=tf.constant([[1], [0]]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="from 0 to 2"):
        serve(latents=latents, labels=tf.constant([0, 3]))
    # XLA makes no assertions.
    compiled = tf.function(lambda x: exported.serving_default(latents, x), jit_compile=True)
    samples = compiled(tf.constant([0, 3])).numpy()
    assert np.isfinite(samples[0]).all() and np.isnan(samples[1]).all()
