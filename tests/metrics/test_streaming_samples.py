"""Numbers of metrics that keep all features, against those of all examples at once."""

import contextlib

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from sample_sets import features

from tfgan_losses.metrics import FeatureSet, Streamed, get

WIDTH = 6
REAL, GENERATED = features(100, WIDTH, 0), features(100, WIDTH, 1, scale=1.2, shift=0.3)
# Those that draw do so whatever the order of the examples.
NUMBERS = {
    "kernel": "kernel(block_size=30)",
    "recall": "precision_recall",
    "coverage": "density_coverage(k=3)",
    "mind": "mind(projections=20)",
    "sliced_wasserstein": "sliced_wasserstein(projections=20)",
    "nearest_distance": "memorization",
    "frechet": "frechet",
}


def seen(metric, size, order=None, update=None):
    order = np.arange(100) if order is None else order
    update = update or metric.update_state
    for start in range(0, 100, size):
        part = order[start : start + size]
        # Other numbers of both in a batch.
        update(REAL[part][:90], GENERATED[part])
    return metric


@pytest.mark.parametrize("name", NUMBERS)
def test_equals_the_metric_whatever_the_batches(name):
    metric = Streamed(NUMBERS[name], WIDTH, which=name, capacity=100)
    expected = metric.metric.measure(FeatureSet(REAL), FeatureSet(GENERATED))[name]
    for size, order in ((1, None), (7, None), (40, np.random.default_rng(0).permutation(100))):
        metric.reset_state()
        seen(metric, size, order)
        assert float(metric.result()) == pytest.approx(expected.value, rel=1e-9)
        assert metric.estimate().standard_error == pytest.approx(expected.standard_error, rel=1e-9)


@pytest.mark.parametrize("jit", [False, True])
def test_in_a_graph(jit):
    metric = Streamed("kernel", WIDTH, lambda x: 2 * x, capacity=100)
    update = tf.function(metric.update_state, jit_compile=jit)
    seen(metric, 50, update=update)
    expected = get("kernel").measure(FeatureSet(2 * REAL), FeatureSet(2 * GENERATED))["kernel"]
    assert float(metric.result()) == pytest.approx(expected.value, rel=1e-9)
    assert np.isnan(tf.function(metric.result)()), "nobody waits for it after every batch"


def test_too_few_and_too_many():
    metric = Streamed("precision_recall", WIDTH, capacity=10)
    assert metric.name == "precision" and np.isnan(float(metric.result()))
    metric.update_state(REAL[:4], GENERATED[:4])
    assert np.isnan(float(metric.result())), "five are needed for three neighbours"
    metric.update_state(REAL[:0], GENERATED[:1])
    metric.update_state(REAL[4:5], GENERATED[:0])
    assert 0 <= float(metric.result()) <= 1
    for update in (metric.update_state, tf.function(metric.update_state)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"at most capacity=10 real examp"):
            update(REAL[:6], GENERATED[:1])
    with pytest.raises(ValueError, match=r"at most capacity=10 real examples. Received: "):
        metric.result()
    metric.reset_state()
    assert np.isnan(float(metric.result()))


def test_evaluate():
    gan, x = networks.recipe_gan("gan", d_steps=1), networks.examples(12)
    size = int(np.prod(x.shape[1:]))
    gan.compile("hinge", metrics=[Streamed("kernel", size)])
    found = gan.evaluate(x, batch_size=4, verbose=0, return_dict=True)
    drawn = [
        gan.evaluation_pair.latents(tf.zeros([4, 1]), "discriminator", start) for start in (0, 4, 8)
    ]
    fakes = np.concatenate([gan.generator(z, training=False) for z in drawn])
    sets = [FeatureSet(images.reshape(12, -1)) for images in (x, fakes)]
    expected = get("kernel").measure(*sets)["kernel"].value
    # The networks are float32, and are run in parts of another size.
    assert found["kernel"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.slow
def test_validation_and_saving(tmp_path):
    gan, x = networks.recipe_gan("gan", d_steps=1), networks.examples(12)
    both = [
        Streamed("precision_recall", int(np.prod(x.shape[1:])), which=which, name=f"own_{which}")
        for which in ("precision", "recall")
    ]
    gan.compile("hinge", metrics=both)
    validated = gan.fit(x, batch_size=4, validation_data=x, epochs=2, verbose=0).history
    for metric in both:
        assert np.isfinite(validated[f"val_{metric.name}"]).all()
    before = gan.evaluate(x, batch_size=4, verbose=0, return_dict=True)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    after = loaded.evaluate(x, batch_size=4, verbose=0, return_dict=True)
    assert {"own_precision", "own_recall"} <= set(after) and after == pytest.approx(before, 1e-6)


def test_config():
    metric = Streamed("kernel(block_size=None, seed=3)", 4, capacity=7, name="mine")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert str(again.metric) == "kernel(block_size=None, seed=3)"
    assert (again.which, again.width, again.capacity, again.name) == ("kernel", 4, 7, "mine")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "kernels"}, "kernel"),
        ({"metric": "ms_ssim"}, r"metric of features alone. Received: .*needs \['examples'\]"),
        ({"metric": "kernel", "which": "frechet"}, "frechet"),
        ({"metric": "kernel", "capacity": 0}, "Expected capacity to be an integer >= 1. Received"),
        ({"metric": "kernel", "width": 0}, "Expected width"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Streamed(**{"width": 3, **arguments})


def few_pixels(x):
    return tf.reshape(x, [-1, 16])[:, 5:8]


def replicas_have_the_number_of_one_device():
    """The last batch leaves nothing to the second replica."""
    x = networks.examples(17)
    found = []
    for scope in (contextlib.nullcontext, commands.two_replicas().scope):
        keras.utils.set_random_seed(3)
        with scope():
            gan = networks.recipe_gan("gan", d_steps=1)
            metrics = [Streamed(spec, 3, few_pixels, which=n, capacity=17)
                       for n, spec in NUMBERS.items()]  # fmt: skip
            gan.compile("hinge", metrics=metrics)
        found.append(gan.evaluate(x, batch_size=8, verbose=0, return_dict=True))
    for name in NUMBERS:
        # The networks are float32.
        np.testing.assert_allclose(found[1][name], found[0][name], rtol=1e-4, err_msg=name)
        assert np.isfinite(found[0][name])


CASES = {"one number": replicas_have_the_number_of_one_device}


@pytest.mark.slow
def test_two_replicas_have_one_number():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
