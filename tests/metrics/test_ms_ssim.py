import importlib

import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, ms_ssim
from tfgan_losses.metrics.ms_ssim import number_of_scales

# The function has the name of its module.
MODULE = importlib.import_module("tfgan_losses.metrics.ms_ssim")
PUBLISHED = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])


def noise(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def noisy(images, scale, seed=1):
    shifted = images + np.random.default_rng(seed).normal(0, scale, images.shape)
    return np.clip(shifted, 0, 255).astype(np.uint8)


def formula(first, second, weights, size):
    """Wang et al., 2003, eq. 7, of two grey images whose sides halve without rest."""
    taps = np.exp(-(((np.arange(size) - size // 2) / 1.5) ** 2) / 2)
    window = np.outer(taps, taps) / taps.sum() ** 2

    def local_mean(image):
        patches = np.lib.stride_tricks.sliding_window_view(image, (size, size))
        return (patches * window).sum(axis=(2, 3))

    x, y, product = first.astype(float), second.astype(float), 1.0
    for scale, weight in enumerate(weights):
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        mx, my = local_mean(x), local_mean(y)
        variances = local_mean(x**2) - mx**2 + local_mean(y**2) - my**2
        structure = (2 * (local_mean(x * y) - mx * my) + c2) / (variances + c2)
        luminance = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
        last = scale == len(weights) - 1
        product *= np.mean(structure * luminance if last else structure) ** weight
        if not last:
            x, y = (z.reshape(len(z) // 2, 2, -1, 2).mean(axis=(1, 3)) for z in (x, y))
    return product


def test_one_scale_is_the_ssim_of_scikit_image():
    base = np.random.default_rng(43)
    first = base.integers(0, 256, [16, 16, 3])
    second = np.clip(first + base.normal(0, 40, first.shape), 0, 255)
    # skimage.metrics.structural_similarity of scikit-image 0.26.0 with gaussian_weights=True,
    # sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2.
    pair = np.stack([first, second]).astype(np.uint8)
    assert ms_ssim(pair).value == pytest.approx(0.8815534459, abs=1e-5)


@pytest.mark.parametrize(
    "side, scales, size", [(3, 1, 3), (8, 1, 7), (10, 1, 9), (24, 2, 11), (44, 3, 11)]
)
def test_formula_with_fewer_scales(side, scales, size):
    first = noise([side, side])
    second = noisy(first, 60)
    weights = PUBLISHED[:scales] / PUBLISHED[:scales].sum()
    found = ms_ssim(np.stack([first, second])[..., np.newaxis])
    assert found.value == pytest.approx(formula(first, second, weights, size), rel=1e-4)
    assert found.standard_error is None


def test_five_scales_of_plain_images():
    # Without structure only the luminance at the coarsest scale differs, of weight 0.1333.
    dark, bright = 50, 200
    pair = np.stack([np.full([176, 176, 1], value, np.uint8) for value in (dark, bright)])
    luminance = (2 * dark * bright + 2.55**2) / (dark**2 + bright**2 + 2.55**2)
    expected = luminance ** (0.1333 / PUBLISHED.sum())
    # TensorFlow computes variances as differences of squares, in float32.
    assert ms_ssim(pair).value == pytest.approx(expected, rel=3e-4)


def test_number_of_scales():
    sides = [3, 10, 11, 21, 22, 28, 32, 43, 44, 64, 87, 88, 128, 175, 176, 1024]
    expected = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5]
    assert [number_of_scales(side, side) for side in sides] == expected
    assert number_of_scales(22, 1000) == number_of_scales(1000, 22) == 2


def test_alike_and_diverse():
    images = noise([40, 16, 16, 1])
    copies = np.repeat(images[:1], 40, axis=0)
    found = ms_ssim(copies)
    assert found.value == pytest.approx(1, abs=1e-6)
    assert found.standard_error == pytest.approx(0, abs=1e-6)
    similarities = [ms_ssim(noisy(copies, scale)).value for scale in (10, 30, 100)]
    assert 1 > similarities[0] > similarities[1] > similarities[2] > ms_ssim(images).value > -0.1


def test_pairs_are_disjoint_and_reproducible(monkeypatch):
    seen = []

    def remember(first, second):
        seen.append((first, second))
        return np.zeros(len(first))

    monkeypatch.setattr(MODULE, "_similarities", remember)
    images = np.broadcast_to(np.arange(21, dtype=np.uint8)[:, None, None, None], [21, 8, 8, 1])
    for _ in range(2):
        ms_ssim(images)
    ms_ssim(images, seed=1)
    ms_ssim(images, pairs=4)
    indices = [np.stack([x[:, 0, 0, 0] for x in pair], axis=1) for pair in seen]
    assert [len(pairs) for pairs in indices] == [10, 10, 10, 4]
    assert len(np.unique(indices[0])) == 20
    assert np.array_equal(indices[0], indices[1])
    assert not np.array_equal(indices[0], indices[2])
    # Of one class each, where there are labels.
    ms_ssim(images, np.arange(21) % 4)
    pairs = np.stack([x[:, 0, 0, 0] for x in seen[-1]], axis=1)
    assert len(np.unique(pairs)) == 18  # Of 6, 5, 5 and 5: one of each 5 is left.
    assert (pairs[:, 0] % 4 == pairs[:, 1] % 4).all()


def test_parts(monkeypatch):
    images = noise([20, 12, 12, 1])
    whole = ms_ssim(images)
    monkeypatch.setattr(MODULE, "_ENTRIES", 300)
    assert ms_ssim(images).value == pytest.approx(whole.value, rel=1e-6)


def test_intervals_hold_what_they_say(monkeypatch):
    """95 % of 200 intervals within 90 to 99 % hold the true mean."""

    def cheap(first, second):
        return (first.astype(float) * second).mean(axis=(1, 2, 3))

    monkeypatch.setattr(MODULE, "_similarities", cheap)
    rng = np.random.default_rng(3)
    # Each image is plain, of a brightness whose mean is 127.5.
    images = np.repeat(rng.integers(0, 256, [200, 100, 1, 1, 1]), 4, axis=2).repeat(4, axis=3)
    found = [ms_ssim(some.astype(np.uint8), seed=seed) for seed, some in enumerate(images)]
    intervals = [estimate.interval for estimate in found]
    assert 0.90 <= np.mean([low <= 127.5**2 <= high for low, high in intervals]) <= 0.99


def test_as_a_metric():
    metric = metrics.get("ms_ssim(pairs=8)")
    assert repr(metric) == "ms_ssim(pairs=8, seed=0)" and not metric.of_features
    real, generated = noise([20, 8, 8, 3], 5), noisy(np.repeat(noise([1, 8, 8, 3]), 24, axis=0), 9)
    points = np.zeros([24, 2])
    found = metric.measure(
        FeatureSet(points[:20], examples=real), FeatureSet(points, examples=generated)
    )
    assert found == {"ms_ssim": ms_ssim(generated, pairs=8), "ms_ssim_real": ms_ssim(real, pairs=8)}
    assert list(found) == list(metric.best)
    assert found["ms_ssim"].value > 0.9 > 0.3 > found["ms_ssim_real"].value


def test_labels_count_where_both_have_them():
    # Two classes, each of one image: alike within a class, not across.
    images, labels = np.repeat(noise([2, 8, 8, 1]), 10, axis=0), np.repeat([0, 1], 10)
    labelled = FeatureSet(np.zeros([20, 1]), labels=labels, examples=images)
    unlabelled = FeatureSet(np.zeros([20, 1]), examples=images)
    metric = metrics.get("ms_ssim")
    of_classes = metric.measure(labelled, labelled)
    assert of_classes["ms_ssim"].value == pytest.approx(1, abs=1e-6)
    assert of_classes["ms_ssim_real"].value == pytest.approx(1, abs=1e-6)
    of_any = metric.measure(labelled, unlabelled)
    assert of_any["ms_ssim"].value < 0.9 and of_any["ms_ssim_real"].value < 0.9


def test_bad_input():
    images = noise([6, 8, 8, 1])
    with pytest.raises(ValueError, match=r"Expected uint8 images .* Received: dtype float32"):
        ms_ssim(images.astype(np.float32))
    with pytest.raises(ValueError, match=r"Received: dtype uint8, shape \(6, 8, 8\)"):
        ms_ssim(images[..., 0])
    with pytest.raises(ValueError, match=r"at least 3 x 3 pixels. Received: .* \(6, 8, 2, 1\)"):
        ms_ssim(images[:, :, :2])
    with pytest.raises(ValueError, match=r"at least 2 images. Received: shape \(1, 8, 8, 1\)"):
        ms_ssim(images[:1])
    with pytest.raises(ValueError, match=r"of one class. Received: 6 images of 6 classes"):
        ms_ssim(images, np.arange(6))
    with pytest.raises(ValueError, match=r"Expected 6 labels. Received: 5"):
        ms_ssim(images, np.zeros(5, int))
    for pairs in (0, 1.5, True):
        with pytest.raises(ValueError, match=f"integer >= 1. Received: pairs={pairs}"):
            ms_ssim(images, pairs=pairs)
    points = FeatureSet(np.zeros([6, 2]))
    with pytest.raises(ValueError, match="Expected examples for ms_ssim: images, as uint8"):
        metrics.get("ms_ssim").measure(points, points)
