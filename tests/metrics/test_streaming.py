"""Streaming metrics against the functions on all examples at once."""

import contextlib

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.metrics import (
    class_coverage,
    classifier_score,
    frechet_distance,
)
from tfgan_losses.metrics.streaming import (
    StreamingClassifierScore,
    StreamingClassReverseKL,
    StreamingFrechet,
)

WIDTH = 6
METRICS = {
    "frechet": (StreamingFrechet, frechet_distance),
    "classifier_score": (StreamingClassifierScore, lambda _, x: classifier_score(x, splits=1)),
    "class_reverse_kl": (StreamingClassReverseKL, lambda r, g: class_coverage(r, g).reverse_kl),
}


def batches(count, size, order=None):
    """Real and generated rows, the same ones whatever the size of a batch is."""
    rng = np.random.default_rng(5)
    # Far from 0, where sums of squares lose their digits.
    real = 1e3 + rng.normal(size=[count, WIDTH])
    generated = 1e3 + 2 * rng.normal(size=[count, WIDTH]) + 0.5
    order = np.arange(count) if order is None else order
    real, generated = real[order], generated[order]
    return real, generated, [(real[i : i + size], generated[i : i + size])
                             for i in range(0, count, size)]  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("size", [1, 7, 40, 100])
def test_equals_the_function_whatever_the_batches(name, size):
    streaming, function = METRICS[name]
    metric = streaming(WIDTH)
    for order in (None, np.random.default_rng(0).permutation(100)):
        metric.reset_state()
        real, generated, parts = batches(100, size, order)
        for part in parts:
            metric.update_state(*part)
        expected = float(function(real, generated))
        assert expected > 0
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_in_a_graph_with_a_model_and_with_a_function(name):
    model = keras.Sequential([keras.Input((3, 2)), keras.layers.Flatten(), keras.layers.Dense(4)])
    rng = np.random.default_rng(1)
    real, generated = rng.normal(size=[2, 30, 3, 2]).astype(np.float32)
    streaming, function = METRICS[name]
    expected = float(function(np.asarray(model(real)), np.asarray(model(generated))))
    for extractor in (model, lambda x: model(x)):
        metric = streaming(4, extractor)
        update, result = tf.function(metric.update_state), tf.function(metric.result)
        for start in (0, 10, 20):
            update(real[start : start + 10], generated[start : start + 10])
        # float32 products of other sizes are rounded in another order.
        np.testing.assert_allclose(float(result()), expected, rtol=1e-4)
        metric.reset_state()
        assert metric.variables and not any(np.any(v) for v in metric.variables)


def test_equal_and_collapsed_sets():
    metric = StreamingFrechet(WIDTH)
    real, _, parts = batches(50, 9)
    for part, _ in parts:
        metric.update_state(part, part)
    assert float(metric.result()) == 0
    metric.reset_state()
    for part, _ in parts:
        metric.update_state(part, np.ones_like(part))
    expected = frechet_distance(real, np.ones_like(real))
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-9)


def test_nothing_seen_yet():
    metrics = [streaming(WIDTH) for streaming, _ in METRICS.values()]
    for metric in metrics:
        assert np.isnan(float(metric.result()))
    metrics[0].update_state(np.ones([1, WIDTH]), np.ones([1, WIDTH]))
    assert np.isnan(float(metrics[0].result())), "one example has no covariance"
    metrics[0].update_state(np.zeros([1, WIDTH]), np.ones([1, WIDTH]))
    assert float(metrics[0].result()) > 0
    metrics[0].update_state(np.full([1, WIDTH], np.nan), np.ones([1, WIDTH]))
    assert np.isnan(float(metrics[0].result()))


def test_an_empty_batch_changes_nothing():
    for streaming, _ in METRICS.values():
        metric = streaming(WIDTH)
        real, generated, _ = batches(20, 20)
        metric.update_state(real, generated)
        before = [np.array(v) for v in metric.variables]
        metric.update_state(real[:0], generated[:0])
        for old, variable in zip(before, metric.variables, strict=True):
            np.testing.assert_array_equal(np.array(variable), old)


def test_a_class_that_is_not_real():
    metric = StreamingClassReverseKL(3)
    metric.update_state(np.eye(3)[:2], np.eye(3))
    assert float(metric.result()) == np.inf


@keras.saving.register_keras_serializable("tests")
def halved(x):
    return x / 2


@pytest.mark.parametrize("name", METRICS)
def test_config(name):
    streaming, _ = METRICS[name]
    for extractor in (None, halved):
        metric = streaming(WIDTH, extractor, name="mine")
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
        assert type(again) is streaming and again.extractor is extractor
        assert (again.width, again.name) == (WIDTH, "mine")


def test_evaluate_and_saving(tmp_path):
    gan, x = networks.recipe_gan("gan", d_steps=1), networks.examples(12)
    size = int(np.prod(x.shape[1:]))
    gan.compile("hinge", metrics=[StreamingFrechet(size, name="fd")])
    found = gan.evaluate(x, batch_size=4, verbose=0, return_dict=True)["fd"]
    drawn = [
        gan.evaluation_pair.latents(tf.zeros([4, 1]), "discriminator", start) for start in (0, 4, 8)
    ]
    fakes = np.concatenate([gan.generator(z, training=False) for z in drawn])
    expected = frechet_distance(x.reshape(12, -1), fakes.reshape(12, -1))
    # The networks are float32, and are run in parts of another size.
    assert found == pytest.approx(expected, rel=1e-4)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.evaluate(x, batch_size=4, verbose=0, return_dict=True)["fd"] == pytest.approx(
        found, rel=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "Expected width to be an integer of at least 1. Received: width=0"),
        ({"width": 2.5}, "Received: width=2.5"),
        ({"width": 2, "extractor": "pixels"}, "Expected a callable or None"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        StreamingFrechet(**arguments)


def test_features_of_another_width():
    with pytest.raises(ValueError, match=r"that gives \[n, 4\]. Received: features of shape"):
        StreamingFrechet(4).update_state(np.zeros([3, 5]), np.zeros([3, 5]))
    with pytest.raises(ValueError, match=r"that gives \[n, 4\]"):
        StreamingFrechet(4, lambda x: x).update_state(np.zeros([3, 4, 4]), np.zeros([3, 4, 4]))


def two_pixels(x):
    return tf.reshape(x, [-1, 16])[:, 5:7]


def replicas_have_the_number_of_one_device():
    """The last batch leaves nothing to the second replica."""
    x = networks.examples(17)
    found = []
    for scope in (contextlib.nullcontext, commands.two_replicas().scope):
        keras.utils.set_random_seed(3)
        with scope():
            gan = networks.recipe_gan("gan", d_steps=1)
            gan.compile(
                "hinge", metrics=[streaming(2, two_pixels) for streaming, _ in METRICS.values()]
            )
        found.append(gan.evaluate(x, batch_size=8, verbose=0, return_dict=True))
    for name in METRICS:
        # The networks are float32.
        np.testing.assert_allclose(found[1][name], found[0][name], rtol=1e-5, err_msg=name)
        assert 1e-4 < found[0][name] < np.inf


def a_loop_of_ones_own_equals_the_function():
    strategy = commands.two_replicas()
    real, generated, _ = batches(40, 40)
    parts = tf.data.Dataset.from_tensor_slices((real, generated)).batch(10)
    for streaming, function in METRICS.values():
        with strategy.scope():
            metric = streaming(WIDTH)

        @tf.function
        def step(part, metric=metric):
            strategy.run(lambda one: metric.update_state(*one), args=(part,))

        for part in strategy.experimental_distribute_dataset(parts):
            step(part)
        expected = float(function(real, generated))
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-9)


CASES = {
    "one number": replicas_have_the_number_of_one_device,
    "own loop": a_loop_of_ones_own_equals_the_function,
}


@pytest.mark.slow
def test_two_replicas_have_one_number():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
