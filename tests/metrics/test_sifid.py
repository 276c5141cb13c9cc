"""SIFID: the Fréchet distance of the positions of two feature maps."""

import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.extractors import FeatureExtractor, Pixels
from tfgan_losses.extractors.base import Extracted
from tfgan_losses.measuring import Measurement
from tfgan_losses.measuring.samplers import SourceSampler
from tfgan_losses.metrics import FeatureSet, frechet_distance, sifid

RNG = np.random.default_rng(0)
ONE, OTHER = RNG.normal(size=[9, 7, 3]), RNG.normal(size=[5, 12, 3]) * 2 + 1


def test_it_is_the_frechet_distance_of_positions():
    assert sifid(ONE, OTHER) == frechet_distance(ONE.reshape(-1, 3), OTHER.reshape(-1, 3))
    assert sifid(ONE, ONE) == 0.0


def test_where_things_are_does_not_count():
    moved = np.roll(ONE, (4, 2), (0, 1))[:, ::-1]
    assert sifid(ONE, moved) == pytest.approx(0.0, abs=1e-12)
    # A shift of all features by 1 moves the mean by the root of 3, and nothing else.
    assert sifid(ONE, moved + 1) == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (ONE[0], r"feature map \[height, width, features\]. Received: shape \(7, 3\)"),
        (ONE[..., :2], r"one width. Received: shapes \(63, 3\) and \(63, 2\)"),
        (ONE[:1, :1], "at least 2"),
        (ONE * np.nan, "Expected finite features"),
        (ONE.astype(int), "float type"),
    ],
)
def test_what_is_no_map_is_refused(other, message):
    with pytest.raises(ValueError, match=message):
        sifid(ONE, other)


def test_the_metric_is_the_mean_over_generated_images():
    features = np.zeros([3, 1])
    maps = RNG.normal(size=[3, 9, 7, 3])
    real = FeatureSet(features[:1], maps=ONE[None])
    found = metrics.get("sifid").measure(real, FeatureSet(features, maps=maps))["sifid"]
    each = [sifid(ONE, own) for own in maps]
    assert found.value == pytest.approx(np.mean(each), rel=1e-12)
    assert found.standard_error == pytest.approx(np.std(each, ddof=1) / np.sqrt(3), rel=1e-12)
    alone = FeatureSet(features[:1], maps=maps[:1])
    assert metrics.get("sifid").measure(real, alone)["sifid"].standard_error is None
    with pytest.raises(ValueError, match=r"Expected one real image.* Received: 3 real images"):
        metrics.get("sifid").measure(FeatureSet(features, maps=maps), real)
    with pytest.raises(ValueError, match=r"Expected maps for sifid.*maps=None"):
        metrics.get("sifid").measure(real, FeatureSet(features))


class Patches(FeatureExtractor):
    """Each pixel is a feature map of its own."""

    name, has_maps = "patches", True

    def facts(self):
        return {"hash": "of a network"}

    def check(self, example_shape):
        pass

    def __call__(self, examples):
        return Extracted(examples.reshape(len(examples), -1).astype("float32"))

    def maps(self, examples):
        assert examples.dtype == np.uint8
        return examples.astype("float32")


def images(count):
    values = RNG.integers(0, 256, (count, 8, 9, 3)).astype("uint8")
    return MemorySource.from_arrays(values, name="images")


def test_it_is_measured_beside_one_image():
    real, generated = images(1), images(4)
    names = metrics.get_all("sifid")
    measurement = Measurement.beside(real, names, Patches(), samples=4)
    found = measurement.of(SourceSampler(generated, like=(8, 9, 3)))
    (estimate,) = found.values()
    levels = np.rint((real.take(1)[0] + 1) * 127.5), np.rint((generated.take(4)[0] + 1) * 127.5)
    expected = np.mean([sifid(levels[0][0], own) for own in levels[1]])
    assert list(found) == ["sifid[patches]"]
    assert estimate.value == pytest.approx(expected, rel=1e-6)


def test_other_data_and_extractors_are_refused_before_anything_is_read():
    names = metrics.get_all("sifid")
    with pytest.raises(ValueError, match=r"one image for the metric .*sifid.*'images' of 2 exam"):
        Measurement.beside(images(2), names, Patches(), samples=4)
    with pytest.raises(ValueError, match=r"with feature maps.*sifid.*extractor='pixels'"):
        Measurement.beside(images(1), names, Pixels((8, 9, 3)), samples=4)
