import numpy as np
import pytest
import scipy.special

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, classifier_score

LOGITS = np.random.default_rng(2026).normal(size=[503, 10]) * 3
# torch-fidelity 0.4.0: isc_features_to_metric in torch_fidelity/metric_isc.py, of these logits as
# float64: mean and standard deviation; shuffled with seed 2020, in their order, as one part.
SHUFFLED = 3.5536059009273666, 0.23013769308116797
IN_ORDER = 3.5724290291191414, 0.18428369409891304
ONE_PART = 3.728234397940217


def test_values_of_torch_fidelity():
    found = classifier_score(LOGITS)
    assert found.value == pytest.approx(IN_ORDER[0], rel=1e-12)
    # Theirs divides by 10, an unbiased variance by 9, and that of the mean by 10 more.
    assert found.standard_error == pytest.approx(IN_ORDER[1] / np.sqrt(9), rel=1e-10)
    assert classifier_score(LOGITS, splits=1).value == pytest.approx(ONE_PART, rel=1e-12)


def test_metric_shuffles_as_torch_fidelity_does():
    metric = metrics.get("classifier_score")
    features = np.zeros([503, 2])
    generated = FeatureSet(features, logits=LOGITS)
    found = metric.measure(FeatureSet(features), generated)["classifier_score"]
    assert found.value == pytest.approx(SHUFFLED[0], rel=1e-12)
    assert found.standard_error == pytest.approx(SHUFFLED[1] / 3, rel=1e-10)
    single = metrics.get("classifier_score(splits=1)")
    assert single.get_config() == {"splits": 1} and single.best == {"classifier_score": "max"}
    found = single.measure(FeatureSet(features), generated)["classifier_score"]
    assert found.value == pytest.approx(ONE_PART, rel=1e-12)
    with pytest.raises(ValueError, match=r"Expected logits for classifier_score.*logits=None"):
        metric.measure(generated, FeatureSet(features))


def test_formula():
    p = scipy.special.softmax(LOGITS, axis=1)
    divergences = scipy.special.rel_entr(p, p.mean(axis=0)).sum(axis=1)
    found = classifier_score(LOGITS, splits=1)
    assert found.value == pytest.approx(np.exp(divergences.mean()), rel=1e-12)
    assert found.standard_error == pytest.approx(
        found.value * divergences.std() / np.sqrt(503), rel=1e-10
    )


def test_limits():
    # Sure of every class equally often: as many as there are classes. Sure of one, or never: 1.
    sure = 1e4 * np.eye(5)[np.arange(50) % 5]
    assert classifier_score(sure).value == pytest.approx(5, rel=1e-12)
    assert classifier_score(np.tile(sure[:1], [20, 1])).value == pytest.approx(1, rel=1e-12)
    assert classifier_score(np.zeros([20, 5])).value == pytest.approx(1, rel=1e-12)
    # Adding to all logits of an example changes nothing.
    assert classifier_score(LOGITS + 700).value == pytest.approx(IN_ORDER[0], rel=1e-9)


def test_sorted_examples_look_like_a_collapse():
    sure = 1e4 * np.eye(5)[np.sort(np.arange(50) % 5)]
    assert classifier_score(sure, splits=5).value == pytest.approx(1)
    found = metrics.get("classifier_score(splits=5)").measure(
        FeatureSet(sure), FeatureSet(sure, logits=sure)
    )
    assert found["classifier_score"].value > 3


@pytest.mark.parametrize("splits", [1, 10])
def test_intervals_cover_the_mean_of_the_estimates(splits):
    draws = [np.random.default_rng(seed).normal(size=[300, 5]) * 2 for seed in range(200)]
    found = [classifier_score(x, splits) for x in draws]
    mean = np.mean([one.value for one in found])
    # Of 10 parts: 1.96 of Student's t with 9 degrees of freedom is 91.8 %.
    covered = np.mean([one.interval[0] < mean < one.interval[1] for one in found])
    assert 0.87 <= covered <= 0.99


@pytest.mark.parametrize(
    ("logits", "splits", "message"),
    [
        (LOGITS[:9], 10, "Expected at least 10 examples. Received: 9 logits"),
        (LOGITS[:, :1], 10, "of at least 2 classes"),
        (LOGITS[0], 10, "of at least 2 classes"),
        (np.full([20, 3], np.nan), 2, "Expected finite.*20 of 20 rows of logits"),
        (np.zeros([20, 3], int), 2, "of a float type"),
        (LOGITS, 0, "Expected splits to be an integer of at least 1. Received: splits=0"),
        (LOGITS, 2.5, "Received: splits=2.5"),
    ],
)
def test_bad_input(logits, splits, message):
    with pytest.raises(ValueError, match=message):
        classifier_score(logits, splits)
