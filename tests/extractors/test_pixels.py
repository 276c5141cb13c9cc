import extractor_cases as cases
import numpy as np
import pytest

from tfgan_losses import datasets, extractors
from tfgan_losses.extractors import Pixels


def test_values_of_small_images_in_a_row():
    images = cases.images(3, (16, 10, 3))
    extractor = Pixels((16, 10, 3))
    assert extractor.name == "pixels" and extractor.facts()["resizer"] is None
    features, logits = extractor(images)
    np.testing.assert_allclose(features, images.reshape(3, -1) / 127.5 - 1, atol=1e-6)
    assert logits is None


def test_areas_of_large_images_are_averaged():
    images = cases.images(3, (64, 32, 3))
    extractor = Pixels((64, 32, 3))
    assert extractor.name == "pixels-16x16"
    assert extractor.facts()["input_size"] == [16, 16] and extractor.facts()["resizer"] == "area"
    expected = images.reshape(3, 16, 4, 16, 2, 3).mean((2, 4)) / 127.5 - 1
    np.testing.assert_allclose(extractor(images).features, expected.reshape(3, -1), atol=1e-5)
    # One side only: the other one stays.
    assert Pixels((20, 12, 1)).name == "pixels-16x12"


def test_points_are_their_coordinates():
    source = datasets.load("ring8")
    for name in ("pixels", "points"):
        extractor = extractors.get(name, source)
        assert extractor.name == "points" and extractor.facts()["input_size"] is None
        points = np.array([[1.5, -2.0]], "float32")
        np.testing.assert_array_equal(extractor(points).features, points)
    with pytest.raises(ValueError, match=r"Expected floats.*Received: dtype=int64"):
        extractor(np.array([[1, 2]]))
