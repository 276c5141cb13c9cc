import sys

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.metrics import FeatureSet, get, ms_ssim
from tfgan_losses.metrics.ms_ssim import _similarity


def smooth(count, side, seed, channels=3):
    """Images of 4 x 4 patches."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, [count, 4, 4, channels])
    return np.kron(small, np.ones([1, side // 4, side // 4, 1])).astype(np.uint8)


def test_one_scale_is_the_similarity_of_scikit_image():
    # scikit-image 0.26.0: structural_similarity(a, b, channel_axis=2, gaussian_weights=True,
    # sigma=1.5, use_sample_covariance=False, data_range=255) = 0.8308919983633203.
    rng = np.random.default_rng(5)
    rng.integers(0, 256, [2, 20, 20, 3], dtype=np.uint8)
    a = np.kron(rng.integers(0, 256, [5, 5, 3]), np.ones([4, 4, 1])).astype(np.uint8)
    b = np.clip(a + rng.integers(-60, 60, a.shape), 0, 255).astype(np.uint8)
    assert _similarity(a[None], b[None]) == pytest.approx([0.8308919983633203], rel=1e-6)


def test_five_scales_are_those_of_the_paper():
    x, y = smooth(2, 176, 0), smooth(2, 176, 1)
    y = (0.7 * x + 0.3 * y).astype(np.uint8)
    expected = tf.image.ssim_multiscale(tf.constant(x), tf.constant(y), 255)
    np.testing.assert_allclose(_similarity(x, y), expected, rtol=1e-5)


@pytest.mark.parametrize("side", [4, 8, 12, 28, 32, 64])
def test_small_images(side):
    alike = ms_ssim(np.repeat(smooth(1, side, 0), 10, axis=0))
    assert alike.value == pytest.approx(1) and alike.standard_error == pytest.approx(0, abs=1e-6)
    diverse = ms_ssim(smooth(30, side, 1))
    assert 0 <= diverse.value < 0.5 and diverse.standard_error > 0


def test_collapse_is_noticed():
    images = smooth(60, 32, 0, channels=1)
    modes = [ms_ssim(images[np.arange(60) % count]).value for count in (60, 5, 2, 1)]
    assert (np.diff(modes) > 0).all()


def test_pairs_and_seeds(monkeypatch):
    images = smooth(40, 16, 0)
    found = ms_ssim(images, pairs=10, seed=1)
    assert ms_ssim(images, pairs=10, seed=1) == found != ms_ssim(images, pairs=10, seed=2)
    # More pairs than there are without an image in two of them: as many as there are.
    whole = ms_ssim(images, pairs=20)
    assert ms_ssim(images, pairs=500) == whole
    monkeypatch.setattr(sys.modules[ms_ssim.__module__], "_BATCH", 3 * 16 * 16 * 3)
    assert ms_ssim(images).value == pytest.approx(whole.value, rel=1e-6)


def test_pairs_within_classes():
    labels = np.arange(40) % 4
    images = smooth(4, 16, 0)[labels]
    assert ms_ssim(images, labels=labels).value == pytest.approx(1)
    assert ms_ssim(images).value < 0.7
    # Classes of odd numbers leave one out; single ones have no pair.
    assert ms_ssim(images[:9], labels=[0, 1, 2, 3, 0, 1, 2, 3, 0]).value == pytest.approx(1)
    with pytest.raises(
        ValueError, match=r"at least 2 pairs.*Received: 4 images, which are 0 pairs"
    ):
        ms_ssim(images[:4], labels=[0, 1, 2, 3])


def test_metric():
    def of(count, seed, labels=None):
        images = smooth(count, 16, seed)
        return FeatureSet(np.zeros([count, 1]), labels=labels, examples=images)

    metric = get("ms_ssim(pairs=6)")
    real, generated = of(20, 0), of(16, 1)
    assert metric.measure(real, generated) == {
        "ms_ssim": ms_ssim(generated.examples, 6),
        "ms_ssim_real": ms_ssim(real.examples, 6),
    }
    assert not metric.of_features and metric.needs == {"examples"}
    labels = np.arange(20) % 2
    found = metric.measure(of(20, 0, labels), of(20, 1, labels))
    assert found["ms_ssim_real"] == ms_ssim(real.examples, 6, labels=labels)
    with pytest.raises(ValueError, match=r"Expected examples for ms_ssim.*Received: examples=None"):
        metric.measure(real, FeatureSet(np.zeros([4, 1])))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros([4, 8, 8], np.uint8), r"Expected images uint8.*shape \(4, 8, 8\)"),
        (np.zeros([4, 8, 8, 3], np.float32), "Expected images uint8.*dtype float32"),
        (np.zeros([3, 8, 8, 3], np.uint8), "at least 2 pairs.*Received: 3 images, which are 1"),
    ],
)
def test_bad_images(images, message):
    with pytest.raises(ValueError, match=message):
        ms_ssim(images)


def test_bad_numbers():
    with pytest.raises(
        ValueError, match=r"Expected pairs to be an integer >= 2. Received: pairs=1"
    ):
        ms_ssim(smooth(9, 8, 0), pairs=1)
    with pytest.raises(ValueError, match=r"Expected 9 labels"):
        ms_ssim(smooth(9, 8, 0), labels=[1, 2])
