"""The canonical path, on a small graph with the canonical names of nodes."""

import inception_graph
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.extractors import inception
from tfgan_losses.extractors.inception import Inception
from tfgan_losses.extractors.resizing import tf1_bilinear


def images(count=5, size=(20, 24), channels=3):
    shape = (count, *size, channels)
    return np.random.default_rng(1).integers(0, 256, shape).astype("uint8")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return inception_graph.write(tmp_path_factory.mktemp("inception") / "graph.pb")


def extractor_of(path):
    with pytest.warns(UserWarning, match=r"is not the one that published scores are of"):
        return Inception(path)


@pytest.mark.parametrize("size", [(20, 24), (32, 32), (299, 299), (320, 310)])
def test_it_computes_what_the_authors_of_the_fid_compute(path, size):
    examples = images(3, size)
    features, logits = extractor_of(path)(examples)
    expected, expected_logits = inception_graph.as_the_authors_do(path, examples)
    assert features.shape == (3, inception_graph.FEATURES) and np.ptp(features, axis=0).min() > 0
    np.testing.assert_allclose(features, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(logits, expected_logits, rtol=1e-5, atol=1e-5)


def test_the_graph_resizes_and_scales_as_the_report_says(path):
    """The same from `Mul` on, of images resized and scaled outside of the graph."""
    examples = images()
    extractor = extractor_of(path)
    facts = extractor.facts()
    assert facts["resizer"] == "tf1-bilinear" and facts["input_size"] == [299, 299]
    scaled = (tf1_bilinear(tf.constant(examples, tf.float32), (299, 299)) - 128) / 128
    definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    for node in definition.node:
        node.attr.pop("_output_shapes", None)
    with tf.Graph().as_default() as graph:
        batch = tf.compat.v1.placeholder(tf.float32, [None, 299, 299, 3])
        tf.graph_util.import_graph_def(definition, input_map={"Mul:0": batch}, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            expected = session.run("pool_3:0", {batch: scaled.numpy()})
    found = extractor(examples).features
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-5, atol=1e-5)


def test_grey_images_are_three_equal_channels(path):
    extractor = extractor_of(path)
    grey = images(channels=1)
    found, of_three = extractor(grey), extractor(np.repeat(grey, 3, axis=3))
    np.testing.assert_array_equal(found.features, of_three.features)
    with pytest.raises(ValueError, match=r"example_shape=\(20, 24, 4\)"):
        extractor.check((20, 24, 4))
    with pytest.raises(ValueError, match=r"example_shape=\(2,\)"):
        extractor.check((2,))


def test_the_name_says_which_graph_it_is(path, tmp_path, monkeypatch):
    other = inception_graph.write(tmp_path / "other.pb", inception_graph.graph_def(seed=1))
    names = [extractor_of(each).name for each in (path, other)]
    assert len(set(names)) == 2
    assert all(name.startswith("inception-2015-") for name in names)
    digest = extractor_of(path).facts()["hash"]
    monkeypatch.setattr(inception, "CANONICAL_HASH", digest)
    canonical = Inception(path)  # A warning would be an error.
    assert canonical.name == "inception-2015" and canonical.facts()["canonical"] == 1


def test_the_archive_is_read_as_it_comes(path, tmp_path):
    """With the other files of it, and the graph among other graphs."""
    files = {"cropped_panda.jpg": b"jpg", "a.pb": b"", f"./{inception.GRAPH}": path.read_bytes()}
    archive = inception_graph.write_archive(tmp_path / inception.ARCHIVE, files)
    assert extractor_of(archive).name == extractor_of(path).name
    # Under another name, if it is the only one.
    archive = inception_graph.write_archive(tmp_path / "x.tgz", {"x.pb": path.read_bytes()})
    assert extractor_of(archive).facts() == extractor_of(path).facts()


def test_the_prefix_of_the_authors(path, tmp_path):
    definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    for node in definition.node:
        node.name = f"FID_Inception_Net/{node.name}"
        node.input[:] = [f"FID_Inception_Net/{name}" for name in node.input]
    prefixed = extractor_of(inception_graph.write(tmp_path / "prefixed.pb", definition))
    found, expected = prefixed(images()), extractor_of(path)(images())
    np.testing.assert_array_equal(found.features, expected.features)


def without(path, name):
    definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    kept = [node for node in definition.node if node.name != name]
    return tf.compat.v1.GraphDef(node=kept, versions=definition.versions).SerializeToString()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", r"a file that is no GraphDef"),
        (b"", r"a graph of 0 nodes without ExpandDims, ResizeBilinear, pool_3, softmax/logits"),
        ("pool_3", r"a graph of \d+ nodes without pool_3$"),
        ("ResizeBilinear", r"without ResizeBilinear$"),
        ("conv/mean", r"a graph that cannot be run \(.*conv/mean"),
        ({"readme.txt": b"x"}, r"an archive without a \.pb file"),
        ({"folder/x.pb": b"<html>"}, r"a file that is no GraphDef"),
        ("cut", r"a damaged archive \("),
    ],
)
def test_a_wrong_file_is_one_clear_error(content, found, path, tmp_path):
    wrong = tmp_path / "inception-2015-12-05.tgz"
    if isinstance(content, dict):
        inception_graph.write_archive(wrong, content)
    elif content == "cut":
        inception_graph.write_archive(wrong, {"graph.pb": path.read_bytes()})
        wrong.write_bytes(wrong.read_bytes()[:-2000])
    else:
        wrong.write_bytes(content if isinstance(content, bytes) else without(path, content))
    with pytest.raises(ValueError, match=found) as error:
        Inception(wrong)
    message = str(error.value)
    assert message.startswith("Expected the Inception graph of 2015, inception-2015-12-05.tgz")
    assert f"Received: inception={str(wrong)!r}, " in message and "\n" not in message
