import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, class_frechet, frechet_distance, frechet_estimate

RNG = np.random.default_rng(0)
CLASSES = np.arange(60) % 3
REAL = RNG.normal(size=[60, 2]) + 10 * CLASSES[:, None]
GENERATED = RNG.normal(size=[60, 2]) * 1.5 + 10 * CLASSES[:, None]


def test_it_is_the_mean_over_classes():
    # Of every third example.
    parts = [frechet_estimate(REAL[k::3], GENERATED[k::3]) for k in range(3)]
    found = class_frechet(REAL, CLASSES, GENERATED, CLASSES)
    assert found.value == pytest.approx(np.mean([part.value for part in parts]), rel=1e-12)
    squares = np.sum([part.standard_error**2 for part in parts])
    assert found.standard_error == pytest.approx(np.sqrt(squares) / 3, rel=1e-12)


def test_identity_and_order():
    assert class_frechet(REAL, CLASSES, REAL, CLASSES).value == 0
    order = RNG.permutation(60)
    found = class_frechet(REAL, CLASSES, GENERATED[order], CLASSES[order])
    expected = class_frechet(REAL, CLASSES, GENERATED, CLASSES)
    assert found.value == pytest.approx(expected.value, rel=1e-9)


def test_a_generator_that_ignores_its_label():
    # As a set its examples are the real ones, class by class they are not.
    wrong = (CLASSES + 1) % 3
    assert frechet_distance(REAL, REAL) == 0
    assert class_frechet(REAL, CLASSES, REAL, wrong).value > 100


def test_intervals_cover_the_mean_of_the_estimates():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        classes = np.arange(200) % 2
        real = rng.normal(size=[200, 2]) * (1 + classes[:, None])
        found.append(class_frechet(real, classes, rng.normal(size=[200, 2]) + 1, classes))
    mean = np.mean([one.value for one in found])
    covered = np.mean([one.interval[0] < mean < one.interval[1] for one in found])
    assert 0.90 <= covered <= 0.99


def test_metric():
    real, generated = FeatureSet(REAL, labels=CLASSES), FeatureSet(GENERATED, labels=CLASSES)
    metric = metrics.get("class_frechet")
    assert metric.needs == {"labels"}
    found = metric.measure(real, generated)
    assert found == {"class_frechet": class_frechet(REAL, CLASSES, GENERATED, CLASSES)}
    with pytest.raises(ValueError, match=r"Expected labels for class_frechet.*labels=None"):
        metric.measure(real, FeatureSet(GENERATED))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (np.where(np.arange(60) == 0, 7, CLASSES), "Received: 0 real of class 7"),
        (np.where(CLASSES == 1, 0, CLASSES), "Received: 0 generated of class 1, 60 generated"),
        (CLASSES[:59], "Expected 60 generated classes. Received: 59"),
        (CLASSES - 1, "Expected classes from 0 on. Received: -1 in generated classes"),
        (CLASSES.astype(float), "Expected one integer for each example.*dtype float64"),
        (CLASSES[:, None], r"Received: generated classes of dtype int64 and shape \(60, 1\)"),
    ],
)
def test_bad_classes(classes, message):
    with pytest.raises(ValueError, match=message):
        class_frechet(REAL, CLASSES, GENERATED, classes)


def test_one_example_of_a_class():
    rows = np.r_[0, np.flatnonzero(CLASSES != 0)]
    with pytest.raises(ValueError, match="Received: 1 generated of class 0, 41 generated in all"):
        class_frechet(REAL, CLASSES, GENERATED[rows], CLASSES[rows])
