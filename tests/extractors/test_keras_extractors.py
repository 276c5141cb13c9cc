"""Networks of one's own and of `keras.applications`."""

import extractor_cases as cases
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import extractors
from tfgan_losses.extractors.keras_models import Application, KerasModel
from tfgan_losses.extractors.resizing import antialiased_bilinear


def unit_range(images):
    return tf.cast(images, tf.float32) / 127.5 - 1


def test_the_output_of_a_file_whose_input_has_another_size(tmp_path):
    network = cases.network((8, 6, 3), last=None)
    network.save(tmp_path / "my net.keras")
    extractor = extractors.get(f"model:{tmp_path}/my net.keras", cases.source(shape=(12, 10, 3)))
    assert extractor.name == f"my-net-{extractor.facts()['hash'][:8]}"
    assert extractor.facts()["input_size"] == [8, 6] and not extractor.has_logits
    images = cases.images(5)
    resized = antialiased_bilinear(unit_range(images), (8, 6))
    found = extractor(images).features
    np.testing.assert_allclose(found, network(resized, training=False), rtol=1e-4, atol=1e-5)


def test_an_inner_layer_and_the_logits(tmp_path):
    network = cases.network((12, 10, 3))
    network.save(tmp_path / "net.keras")
    extractor = KerasModel(tmp_path / "net.keras", "hidden")
    assert extractor.name.startswith("net-hidden-") and extractor.facts()["layer"] == "hidden"
    images = cases.images(6)
    features, logits = extractor(images)
    inner = keras.Model(network.inputs, network.get_layer("hidden").output)
    np.testing.assert_allclose(features, inner(unit_range(images)), rtol=1e-4, atol=1e-5)
    # Probabilities are no logits; their logarithms are.
    probabilities = network(unit_range(images))
    np.testing.assert_allclose(tf.nn.softmax(logits), probabilities, rtol=1e-4, atol=1e-6)


def test_height_and_width_are_averaged(tmp_path):
    network = cases.network((12, 10, 3))
    network.save(tmp_path / "net.keras")
    found = KerasModel(tmp_path / "net.keras", "convolution")(cases.images(6)).features
    inner = keras.Model(network.inputs, network.get_layer("convolution").output)
    expected = tf.reduce_mean(inner(unit_range(cases.images(6))), [1, 2])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_network_of_points_and_one_of_any_size(tmp_path):
    points = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    points.save(tmp_path / "points.keras")
    extractor = KerasModel(tmp_path / "points.keras")
    values = np.ones((4, 2), "float32")
    np.testing.assert_allclose(extractor(values).features, points(values), rtol=1e-6)
    assert extractor.facts()["input_size"] is None and extractor.facts()["input_range"] is None
    images = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(3, 3)])
    images.save(tmp_path / "images.keras")
    extractor = KerasModel(tmp_path / "images.keras")
    extractor.check((5, 9, 1))
    with pytest.raises(ValueError, match=r"\(None, None, 1\).*\(5, 9, 3\)"):
        extractor.check((5, 9, 3))
    assert extractor(cases.images(4, (5, 9, 1))).features.shape == (4, 3)


def of_two_inputs():
    first, second = keras.Input((3,)), keras.Input((3,))
    return keras.Model([first, second], keras.layers.Add()([first, second]))


def test_a_file_that_is_no_such_network(tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"Expected a \.keras file.*Received: model='.*net\.keras"):
        KerasModel(path)
    of_two_inputs().save(path)
    with pytest.raises(ValueError, match=r"one input and one output\. .*2 inputs and 1 outputs"):
        KerasModel(path)
    cases.network().save(path)
    with pytest.raises(ValueError, match=r"Unknown layer\. .*Did you mean 'hidden'\?"):
        KerasModel(path, "hiden")


def small_application(*, weights=None, include_top=True, input_shape=None, pooling=None, **_):
    """In the place of a network of millions of weights, with the arguments of all of them."""
    layers = keras.layers
    inputs = keras.Input(input_shape or (16, 16, 3))
    last = hidden = layers.Conv2D(6, 3, activation="relu")(inputs)
    if include_top:
        pooled = layers.GlobalAveragePooling2D(keepdims=True)(hidden)
        last = layers.Dense(7)(layers.Flatten()(layers.Dropout(0.5)(pooled)))
    return keras.Model(inputs, last)


small_application.__module__ = keras.applications.MobileNetV2.__module__


@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize("ending", ["h5", "weights.h5"])
def test_an_application_with_and_without_its_top(top, ending, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.applications, "MobileNetV2", small_application)
    network = small_application(include_top=top)
    path = tmp_path / f"mobile.{ending}"
    network.save_weights(path) if ending == "weights.h5" else network.save(path)
    found = extractors.get(f"application:MobileNetV2:{path}", cases.source(shape=(12, 10, 1)))
    assert found.name == f"MobileNetV2-{found.facts()['hash'][:8]}"
    assert found.facts()["input_size"] == [16, 16] and found.has_logits == top
    assert found.facts()["preparation"] == "mobilenet_v2.preprocess_input"
    images = cases.images(5)
    features, logits = found(images)
    # That of MobileNetV2 maps 0..255 to [-1, 1].
    prepared = antialiased_bilinear(tf.constant(images, tf.float32), (16, 16)) / 127.5 - 1
    expected = keras.Model(network.inputs, network.layers[1].output)(prepared)
    np.testing.assert_allclose(features, tf.reduce_mean(expected, [1, 2]), rtol=1e-4, atol=1e-5)
    if top:
        np.testing.assert_allclose(logits, network(prepared), rtol=1e-4, atol=1e-5)


def test_an_application_that_is_none_and_weights_that_are_not_its(tmp_path, monkeypatch):
    monkeypatch.setattr(keras.applications, "MobileNetV2", small_application)
    path = tmp_path / "other.weights.h5"
    cases.network().save_weights(path)
    with pytest.raises(ValueError, match=r"Unknown application\. .*Did you mean 'MobileNetV2'\?"):
        Application("MobilNetV2", path)
    with pytest.raises(ValueError, match=r"Expected weights of keras\.applications\.MobileNetV2"):
        Application("MobileNetV2", path)
    path.write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"Received: weights='.*other\.weights\.h5'"):
        Application("MobileNetV2", path)


def test_the_policy_of_a_training_is_not_that_of_its_judge(tmp_path, monkeypatch):
    monkeypatch.setattr(keras.applications, "MobileNetV2", small_application)
    path = tmp_path / "mobile.weights.h5"
    small_application().save_weights(path)
    cases.network().save(tmp_path / "net.keras")
    images, found = cases.images(4), []
    for policy in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        for extractor in (Application("MobileNetV2", path), KerasModel(tmp_path / "net.keras")):
            found.append(extractor(images).features)
        assert keras.config.dtype_policy().name == policy
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], found[3])


@pytest.mark.slow
@pytest.mark.parametrize("top", [True, False])
def test_a_real_application(top, tmp_path):
    """Its weights as they are drawn."""
    shape = None if top else (224, 224, 3)
    network = keras.applications.MobileNetV3Small(weights=None, include_top=top, input_shape=shape)
    network.save_weights(tmp_path / "net.weights.h5")
    extractor = Application("MobileNetV3Small", tmp_path / "net.weights.h5")
    images = cases.images(2, (32, 32, 3))
    features, logits = extractor(images)
    assert features.shape == (2, 576)
    resized = antialiased_bilinear(tf.constant(images, tf.float32), (224, 224))
    output = network(resized, training=False)
    if top:
        np.testing.assert_allclose(tf.nn.softmax(logits), output, rtol=1e-3)
    else:
        assert logits is None
        np.testing.assert_allclose(features, tf.reduce_mean(output, [1, 2]), rtol=1e-3, atol=1e-6)
