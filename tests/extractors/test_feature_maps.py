"""What extractors say of the patches of an image."""

import extractor_cases as cases
import inception_graph
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import extractors
from tfgan_losses.extractors.inception import Inception
from tfgan_losses.extractors.keras_models import KerasModel
from tfgan_losses.extractors.saved_model import SavedModel


@pytest.fixture(scope="module")
def definition():
    return inception_graph.graph_def(second_pooling=True)


@pytest.fixture(scope="module")
def inception(definition, tmp_path_factory):
    path = inception_graph.write(tmp_path_factory.mktemp("inception") / "graph.pb", definition)
    with pytest.warns(UserWarning, match="published scores"):
        return Inception(path)


def test_maps_of_inception_are_what_is_pooled_of_images_that_nobody_has_resized(
    inception, definition
):
    images = cases.images(3, (40, 70, 3))
    with tf.Graph().as_default() as graph:
        batch = tf.compat.v1.placeholder(tf.float32, [None, None, None, 3])
        for node in definition.node:
            node.attr.pop("_output_shapes", None)
        tf.graph_util.import_graph_def(definition, input_map={"Mul:0": batch}, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            scaled = (images.astype("float32") - 128) / 128
            expected = session.run("conv:0", {batch: scaled})
    found = inception.maps(images)
    assert inception.has_maps and found.shape == (3, 3, 5, inception_graph.FEATURES)
    assert np.ptp(found, axis=(1, 2)).min() > 0
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_its_features_are_those_of_the_graph_without(inception, tmp_path):
    path = inception_graph.write(tmp_path / "graph.pb")
    with pytest.warns(UserWarning, match="published scores"):
        other = Inception(path)
    images = cases.images(2)
    np.testing.assert_array_equal(inception(images).features, other(images).features)
    assert not other.has_maps
    with pytest.raises(ValueError, match="Expected an extractor with feature maps"):
        other.maps(images)


def test_images_that_are_too_small_for_it(inception):
    with pytest.raises(ValueError, match=r"23 x 23 pixels .* shape \(40, 22, 3\)"):
        inception.maps(cases.images(1, (40, 22, 3)))


def test_maps_of_an_inner_layer_have_the_features_as_their_average(tmp_path):
    network = cases.network((12, 10, 3))
    network.save(tmp_path / "net.keras")
    extractor = KerasModel(tmp_path / "net.keras", "convolution")
    images = cases.images(4)
    inner = keras.Model(network.inputs, network.get_layer("convolution").output)
    found = extractor.maps(images)
    assert extractor.has_maps and found.shape == (4, 10, 8, 4)
    expected = inner(tf.cast(images, tf.float32) / 127.5 - 1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.mean((1, 2)), extractor(images).features, atol=1e-5)


@pytest.mark.parametrize("kind", ["pixels", "hidden", "means"])
def test_what_has_none_is_refused_by_name(kind, tmp_path):
    cases.network((12, 10, 3)).save(tmp_path / "net.keras")
    if kind == "pixels":
        extractor = extractors.Pixels((12, 10, 3))
    elif kind == "hidden":
        extractor = KerasModel(tmp_path / "net.keras", "hidden")
    else:
        extractor = SavedModel(cases.saved_model(tmp_path / "means", (12, 10, 3)))
    assert not extractor.has_maps
    with pytest.raises(ValueError, match=f"feature maps.*Received: extractor='{extractor.name}'"):
        extractor.maps(cases.images(1))
