import random

import extractor_cases as cases
import keras
import numpy as np
import pytest
import snippets
import tensorflow as tf
from commands import ROOT

from tfgan_losses import datasets, extractors
from tfgan_losses.extractors import classifier, classifier_training
from tfgan_losses.extractors.classifier import Classifier


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return datasets.load("digits", data_dir=str(tmp_path_factory.mktemp("digits")))


def test_it_learns_digits_and_says_how_well(digits):
    extractor = extractors.get("classifier", digits)
    facts = extractor.facts()
    assert extractor.name == f"digits-cnn-{facts['hash'][:8]}"
    assert facts["held_out_accuracy"] > 0.97
    assert facts["held_out_examples"] + facts["trained_on"] == digits.size
    examples, labels = digits.take(500)
    features, logits = extractor(extractors.quantised(examples))
    assert features.shape == (500, 64) and logits.shape == (500, 10)
    assert np.mean(logits.argmax(axis=1) == labels) > 0.97


def test_the_page_prints_what_it_says(digits, monkeypatch):
    monkeypatch.setattr(datasets, "load", {"digits": digits}.get)
    (code,) = snippets.python_blocks((ROOT / "docs/metrics/extractors.md").read_text())
    snippets.assert_prints_what_it_says(code)


def forbidden(*_):
    raise AssertionError("trained again")


def test_it_is_trained_once(monkeypatch):
    source = cases.source(name="once")
    first = Classifier.of(source)
    monkeypatch.setattr(classifier_training, "train", forbidden)
    again = Classifier.of(cases.source(name="once"))
    assert (again.name, again.facts()) == (first.name, first.facts())
    examples = cases.images(9, (12, 10, 1))
    np.testing.assert_array_equal(again(examples).features, first(examples).features)
    # Other data, another network.
    with pytest.raises(AssertionError, match="trained again"):
        Classifier.of(cases.source(seed=1))


def test_a_damaged_file_of_it_is_written_again(monkeypatch, tmp_path):
    """By the same training, a function of the data alone."""
    monkeypatch.setenv("TFGAN_LOSSES_CACHE", str(tmp_path))
    name = Classifier.of(cases.source()).name
    (path,) = tmp_path.iterdir()
    with np.load(path) as file:
        arrays = {**file}
    np.savez(path, **{**arrays, "weights_00": arrays["weights_01"]})
    keras.utils.set_random_seed(1)
    with pytest.warns(UserWarning, match=r"classifier-.*cannot be used"):
        again = Classifier.of(cases.source())
    assert again.name == name == Classifier.of(cases.source()).name


def test_the_first_of_several_processes_is_followed(monkeypatch, tmp_path):
    """Another one ends its training while this one is at it."""
    monkeypatch.setenv("TFGAN_LOSSES_CACHE", str(tmp_path))
    first = Classifier.of(cases.source())
    (path,) = tmp_path.iterdir()
    content, train = path.read_bytes(), classifier_training.train
    path.unlink()

    def slower(network, images, labels):
        train(network, images[::-1], labels[::-1])
        path.write_bytes(content)

    monkeypatch.setattr(classifier_training, "train", slower)
    assert Classifier.of(cases.source()).name == first.name


def draws():
    """What everybody draws from the generators of the process."""
    layer = keras.layers.Dense(3)
    layer.build((2, 2))
    numbers = [random.random(), np.random.rand(), keras.random.uniform([]), tf.random.uniform([])]
    return [layer.name, *layer.get_weights()[0].ravel(), *map(float, numbers)]


def test_no_draw_of_a_training_moves(tmp_path):
    cases.network().save(tmp_path / "net.keras")
    found = []
    for names in ([], ["classifier", f"model:{tmp_path}/net.keras#hidden"]):
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(7)
        for name in names:
            extractors.get(name, cases.source(seed=7))(cases.images(2, (12, 10, 1)))
        found.append(draws())
    assert found[0] == found[1]


def test_large_images_are_averaged_to_64():
    extractor = Classifier.of(cases.source(60, (80, 160, 3)))
    facts = extractor.facts()
    assert facts["input_size"] == [64, 64] and facts["resizer"] == "area"
    images = cases.images(3, (80, 160, 3))
    by_hand = classifier.area(tf.constant(images, tf.float32), (64, 64)).numpy()
    # Those of 64 x 64 are read as they are; rounded, they differ by half a level.
    features = extractor(images).features
    np.testing.assert_allclose(
        extractor(np.rint(by_hand).astype("uint8")).features, features, atol=0.02
    )
    assert np.ptp(features, axis=0).max() > 0.1


@pytest.mark.parametrize("side", [8, 12, 16, 17, 28, 32, 48, 64])
def test_the_network_fits_the_size(side):
    network = classifier_training.build((side, side, 1), 10)
    last = network.get_layer("flat").input.shape
    assert 4 <= last[1] <= 8 and last[3] == 64
    assert network.count_params() < 350_000


def test_the_policy_of_the_training_is_not_its():
    keras.config.set_dtype_policy("mixed_float16")
    extractor = Classifier.of(cases.source(seed=3))
    features, logits = extractor(cases.images(4, (12, 10, 1)))
    keras.config.set_dtype_policy("float32")
    again = Classifier.of(cases.source(seed=3))
    assert again.name == extractor.name and features.dtype == logits.dtype == np.float32
    np.testing.assert_array_equal(again(cases.images(4, (12, 10, 1))).features, features)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (cases.source(classes=None), r"labels.*'pixels' needs none.*'stripes' with num_classes=N"),
        (cases.source(classes=1), r"at least 2 classes.*num_classes=1"),
        (cases.source(count=12), r"at least 20 examples.*size=12"),
        (datasets.load("ring8"), r"labels.*Received: source='ring8'"),
    ],
)
def test_data_that_has_no_classes_to_learn(source, message):
    with pytest.raises(ValueError, match=message):
        extractors.get("classifier", source)


def test_data_that_nothing_tells_from_other_data_is_not_kept(monkeypatch):
    class Nameless:
        """What a person may bring: no fingerprint."""

        name, example_shape, size, num_classes = "own/data x", (12, 10, 1), 200, 3

        def batches(self, batch_size, *, seed=0, start=0):
            return cases.source().batches(batch_size, seed=seed, start=start)

    first = Classifier.of(Nameless())
    assert first.name.startswith("data-x-cnn-")
    monkeypatch.setattr(classifier_training, "train", forbidden)
    with pytest.raises(AssertionError, match="trained again"):
        Classifier.of(Nameless())
