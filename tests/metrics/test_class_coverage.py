import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.datasets.mixtures import MIXTURES
from tfgan_losses.metrics import FeatureSet, class_coverage, mixture_coverage

REAL = np.array([0, 0, 1, 1, 2, 2, 3, 3])


def test_by_hand():
    found = class_coverage(REAL, [0, 0, 0, 2])
    assert found.classes == 2
    np.testing.assert_array_equal(found.counts, [3, 0, 1, 0])
    expected = 0.75 * np.log(0.75 / 0.25) + 0.25 * np.log(0.25 / 0.25)
    assert found.reverse_kl.value == pytest.approx(expected, rel=1e-12)


def test_of_logits_the_largest_counts():
    logits = np.random.default_rng(0).normal(size=[2, 50, 4])
    found = class_coverage(*logits)
    expected = class_coverage(*logits.argmax(axis=2))
    np.testing.assert_array_equal(found.counts, expected.counts)
    assert (found.classes, found.reverse_kl) == (expected.classes, expected.reverse_kl)
    mixed = class_coverage(logits[0].argmax(axis=1), logits[1])
    assert mixed.reverse_kl == expected.reverse_kl


def test_equal_shares_and_collapse():
    found = class_coverage(REAL, np.tile(REAL, 3))
    assert (found.classes, found.reverse_kl.value) == (4, 0)
    collapsed = class_coverage(REAL, [3, 3])
    assert collapsed.classes == 1
    assert collapsed.reverse_kl.value == pytest.approx(np.log(4), rel=1e-12)


def test_a_class_that_is_not_real():
    found = class_coverage(REAL, [0, 5])
    assert (found.classes, found.reverse_kl.value) == (1, np.inf)
    assert found.reverse_kl.interval is None
    np.testing.assert_array_equal(found.counts, [1, 0, 0, 0, 0, 1])


def covered(estimates):
    mean = np.mean([one.value for one in estimates])
    return np.mean([one.interval[0] < mean < one.interval[1] for one in estimates])


def test_intervals_cover_the_mean_of_the_estimates():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        real, generated = rng.integers(4, size=400), rng.choice(4, 300, p=[0.5, 0.3, 0.1, 0.1])
        found.append(class_coverage(real, generated).reverse_kl)
    assert 0.90 <= covered(found) <= 0.99


def test_metric():
    logits = np.random.default_rng(0).normal(size=[2, 50, 4])
    real, generated = (FeatureSet(x, logits=x) for x in logits)
    metric = metrics.get("class_coverage")
    found, expected = metric.measure(real, generated), class_coverage(*logits)
    assert list(found) == list(metric.best) == ["classes_found", "class_reverse_kl"]
    assert found["classes_found"].value == expected.classes
    assert found["class_reverse_kl"] == expected.reverse_kl
    with pytest.raises(ValueError, match=r"Expected logits for class_coverage.*logits=None"):
        metric.measure(FeatureSet(logits[0]), generated)


@pytest.mark.parametrize(
    ("generated", "message"),
    [
        (np.zeros([3, 5]), r"of the same classes. Received: shapes \(8, 4\) and \(3, 5\)"),
        (np.zeros([3, 4], int), "of a float type.*generated logits"),
        (np.full([3, 4], np.nan), "Expected finite"),
        (np.zeros([3]), "Expected one integer for each example.*generated classes"),
        (np.zeros([0], int), "Expected one integer for each example"),
        ([-1], "Expected classes from 0 on"),
    ],
)
def test_bad_input(generated, message):
    with pytest.raises(ValueError, match=message):
        class_coverage(np.eye(4)[REAL], generated)


# modes of a mixture, as a metric


def test_mixture_metric():
    ring = MIXTURES["ring8"]
    metric = metrics.MixtureMetric(ring.centers, ring.sigma)
    points = ring.sample(500, seed=0)
    points[:100] = 0.5
    generated = FeatureSet(points, examples=points)
    found = metric.measure(generated, generated)
    expected = mixture_coverage(points, ring.centers, ring.sigma)
    assert {k: v.value for k, v in found.items()} == {
        "modes": expected.modes,
        "high_quality": expected.high_quality,
        "reverse_kl": pytest.approx(expected.reverse_kl),
    }
    share = expected.high_quality
    assert found["high_quality"].standard_error == pytest.approx(np.sqrt(share * (1 - share) / 500))
    assert list(found) == list(metric.best) and not metric.of_features
    again = metric.from_config(metric.get_config())
    assert again.get_config() == metric.get_config()
    with pytest.raises(ValueError, match=r"Expected examples for mixture"):
        metric.measure(generated, FeatureSet(points))


def test_mixture_metric_of_a_spec():
    metric = metrics.get("mixture(centers=[[0, 0], [1, 1]], sigma=0.1)")
    points = np.zeros([10, 2], np.float32)
    found = metric.measure(FeatureSet(points), FeatureSet(points, examples=points))
    assert (found["modes"].value, found["high_quality"].value) == (1, 1)
    assert found["reverse_kl"].value == pytest.approx(np.log(2))
    nothing = np.full([4, 2], np.nan)
    found = metric.measure(FeatureSet(points), FeatureSet(points, examples=nothing))
    assert np.isnan(found["reverse_kl"].value) and found["reverse_kl"].interval is None
    with pytest.raises(ValueError, match="Expected sigma > 0"):
        metrics.get("mixture(centers=[[0, 0]], sigma=0)")


def test_intervals_of_a_mixture():
    ring = MIXTURES["ring8"]
    metric = metrics.MixtureMetric(ring.centers, ring.sigma)
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        points = ring.centers[rng.choice(8, 300, p=[0.3] + [0.1] * 7)]
        points = points + 1.2 * ring.sigma * rng.normal(size=[300, 2])
        found.append(metric.measure(FeatureSet(points), FeatureSet(points, examples=points)))
    for name in ("high_quality", "reverse_kl"):
        assert 0.90 <= covered([one[name] for one in found]) <= 0.99
