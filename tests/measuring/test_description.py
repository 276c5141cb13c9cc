"""What metrics see of batches, and what is refused."""

import tracemalloc

import numpy as np
import pytest

from tfgan_losses.extractors import FeatureExtractor, Pixels
from tfgan_losses.extractors.base import Extracted
from tfgan_losses.measuring.description import describe, quantised


def images(count=10, shape=(4, 4, 1), seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, *shape)).astype("float32")


def batches(*parts):
    return ((part, None) for part in parts)


class Sums(FeatureExtractor):
    """One number, one logit, and the sizes of what it was asked."""

    name, has_logits = "sums", True

    def __init__(self):
        self.asked = []

    def facts(self):
        return {}

    def check(self, example_shape):
        pass

    def __call__(self, examples):
        assert examples.dtype == np.uint8
        self.asked.append(len(examples))
        sums = examples.reshape(len(examples), -1).sum(1, keepdims=True).astype("float32")
        return Extracted(sums, -sums)


@pytest.mark.parametrize("level", range(256))
def test_levels_come_back(level):
    assert quantised(np.full((1, 1, 1, 1), level / 127.5 - 1, "float32")).item() == level


def test_images_are_rounded_and_clipped_and_others_left():
    values = np.array([-3, -1, -0.999, 0, 0.999, 1, 15], "float64").reshape(1, 1, 7, 1)
    assert quantised(values).ravel().tolist() == [0, 0, 0, 128, 255, 255, 255]
    assert quantised(values.astype("float16")).dtype == np.uint8
    whole = np.arange(16, dtype="uint8").reshape(1, 4, 4, 1)
    assert quantised(whole) is whole
    points = np.array([[1e9, -3.0]])
    assert quantised(points).dtype == np.float32 and quantised(points)[0, 0] == 1e9


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (np.full((1, 2, 2, 1), 255.0), r"\[-1, 1\], or uint8.*values up to 255"),
        (np.full((1, 2, 2, 1), -200.0), r"values up to 200"),
        (np.full((1, 2, 2, 1), np.nan), r"finite examples\. Received: NaN or infinity"),
        (np.array([[np.inf, 0]]), r"finite examples"),
        (np.ones((1, 2, 2, 1), "int64"), r"or as uint8 in 0\.\.255\. Received: dtype=int64"),
        (np.ones((1, 2, 2, 1), bool), r"Received: dtype=bool"),
    ],
)
def test_values_that_are_out_of_range(examples, message):
    with pytest.raises(ValueError, match=message):
        quantised(examples)


def test_batches_are_joined_in_order():
    whole = images(700)
    extractor = Sums()
    labels = np.arange(700)
    parts = [(whole[:600], labels[:600]), (whole[600:600], labels[:0]), (whole[600:], labels[600:])]
    found = describe(iter(parts), extractor, {"examples"})
    expected = quantised(whole)
    np.testing.assert_array_equal(found.examples, expected)
    np.testing.assert_array_equal(found.features[:, 0], expected.reshape(700, -1).sum(1))
    np.testing.assert_array_equal(found.logits, -found.features)
    np.testing.assert_array_equal(found.labels, labels)
    assert extractor.asked == [256, 256, 88, 100]
    # The same of other batches, and nothing that nobody asked for.
    other = describe(batches(*np.array_split(whole, 9)), Sums())
    np.testing.assert_array_equal(other.features, found.features)
    assert other.examples is other.labels is None


def test_no_second_copy_of_the_examples_is_made():
    """Of 64 MiB of them, kept once, and of nothing but a batch where nobody asks for them."""

    def made():
        for _ in range(64):
            yield np.ones((64, 128, 128, 1), "uint8"), None

    for needs, most in (((), 8), ({"examples"}, 80)):
        tracemalloc.start()
        try:
            found = describe(made(), Sums(), needs)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < most * 2**20
        assert (found.examples is None) == (not needs)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], r"at least one example\. Received: none"),
        ([images(0)], r"at least one example"),
        ([images(2), quantised(images(2))], r"one type.*float32 of.*Received: uint8 of shape"),
        ([images(2), images(2).astype("float64")], r"Received: float64"),
        ([images(2), images(2, (4, 5, 1))], r"Received: float32 of shape \(4, 5, 1\)"),
        ([images(2, (5, 5, 1))], r"\(4, 4, 1\) for the extractor 'pixels'.*=\(5, 5, 1\)"),
        ([images(2, (4, 4))], r"example_shape=\(4, 4\)"),
        ([images(2), np.full((2, 4, 4, 1), 99, "float32")], r"values up to 99"),
    ],
)
def test_batches_that_do_not_fit(parts, message):
    with pytest.raises(ValueError, match=message):
        describe(batches(*parts), Pixels((4, 4, 1)))


def test_labels_belong_to_all_examples():
    for second in ((images(2), None), (images(2), np.zeros(3))):
        with pytest.raises(ValueError, match=r"Expected (labels of all|a label for each)"):
            describe([(images(2), np.zeros(2)), second], Pixels((4, 4, 1)))
    with pytest.raises(ValueError, match=r"labels of all batches or of none"):
        describe([(images(2), None), (images(2), np.zeros(2))], Pixels((4, 4, 1)))
