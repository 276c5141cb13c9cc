"""The Fréchet distance where it is hard, beside another implementation, and its standard error."""

import importlib

import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, frechet_distance, frechet_estimate, frechet_infinity
from tfgan_losses.metrics.gaussian_distance import Influence
from tfgan_losses.metrics.moments import Moments, moments_of


def fixed_features():
    rng = np.random.default_rng(2026)
    mix = rng.normal(size=[16, 16]) / 4
    real = rng.normal(size=[300, 16]) @ mix
    generated = rng.normal(size=[200, 16]) * 1.2 + 0.1
    few = rng.normal(size=[10, 16])
    return {
        "unequal n": (real, generated),
        "n < d": (real, few),
        "both n < d": (few, few[::-1] * 2 + 1),
    }


# torch-fidelity 0.4.0 with NumPy 2.4.6: fid_statistics_to_metric of fid_features_to_statistics in
# torch_fidelity/metric_fid.py, of the features above.
OF_TORCH_FIDELITY = {
    "unequal n": 7.858132549350998,
    "n < d": 14.786490888705696,
    "both n < d": 33.429649487223415,
}


@pytest.mark.parametrize("case", OF_TORCH_FIDELITY)
def test_values_of_torch_fidelity(case):
    pair = fixed_features()[case]
    # For singular covariances theirs has 8 digits: square roots of eigenvalues that should be 0.
    expected = pytest.approx(OF_TORCH_FIDELITY[case], rel=1e-6)
    assert frechet_distance(*pair) == expected
    assert frechet_distance(*pair[::-1]) == expected
    assert frechet_estimate(*pair).value == expected


def test_a_collapsed_generator_is_as_far_as_the_variance_and_the_shift():
    real = np.random.default_rng(0).normal(size=[50, 4])
    expected = real.var(axis=0, ddof=1).sum() + np.square(real.mean(axis=0) - 1).sum()
    for count in (3, 60):
        point = np.ones([count, 4])
        for pair in ((real, point), (point, real)):
            assert frechet_distance(*pair) == pytest.approx(expected, rel=1e-12)
            estimate = frechet_estimate(*pair)
            assert estimate.value == pytest.approx(expected, rel=1e-12)
            assert 0 < estimate.standard_error < np.inf
    estimate = frechet_estimate(np.zeros([5, 4]), np.ones([9, 4]))
    assert (estimate.value, estimate.standard_error) == (4, 0)


def test_the_largest_shift_is_the_furthest():
    real = np.random.default_rng(0).normal(size=[80, 5])
    distances = [frechet_distance(real, real + shift) for shift in (0, 0.1, 0.5, 2, 30)]
    np.testing.assert_allclose(distances, [0, 0.05, 1.25, 20, 4500], rtol=1e-9)


@pytest.mark.parametrize("size", [8, 260])
def test_dead_features_change_nothing(size):
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=[300, size]), rng.normal(size=[280, size])
    real[:, size // 2 :], generated[:, size // 4 :] = 0.25, 0.25
    half = slice(size // 2)
    expected = pytest.approx(frechet_distance(real[:, half], generated[:, half]), rel=1e-10)
    assert frechet_distance(real, generated) == expected
    assert frechet_distance(real, real[::-1]) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("counts", [(400, 350), (400, 60), (40, 60)])
def test_many_features_are_measured_as_few_are(counts):
    # From 256 features on another decomposition is used; features of 0 let few pass for many.
    rng = np.random.default_rng(0)
    real, generated = (rng.normal(size=[n, 300]) * s for n, s in zip(counts, (1, 2), strict=True))
    covariances = [np.cov(x.T) for x in (real, generated)]
    eigenvalues = np.linalg.eigvals(covariances[0] @ covariances[1]).astype(complex)
    expected = np.square(real.mean(axis=0) - generated.mean(axis=0)).sum()
    expected += np.trace(sum(covariances)) - 2 * np.sqrt(eigenvalues).real.sum()
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [4, 9])
def test_moments(count):
    x = np.random.default_rng(1).normal(size=[count, 6]).astype(np.float32)
    moments = moments_of(x)
    np.testing.assert_allclose(moments.mean, x.astype(np.float64).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.covariance, np.cov(x.astype(np.float64).T), atol=1e-12)
    assert moments.total_variance == pytest.approx(np.trace(moments.covariance))
    again = Moments.of_covariance(count, moments.mean, moments.covariance)
    assert len(again.factor) == min(count - 1, 6)
    np.testing.assert_allclose(again.covariance, moments.covariance, atol=1e-12)


# the standard error


def of_one_dimension(rng, n, m):
    return rng.normal(size=[n, 1]), rng.normal(size=[m, 1]) * 2 + 1


def unlike(rng, n, m):
    scales = np.linspace(0.5, 2, 4)
    return rng.normal(size=[n, 4]), rng.normal(size=[m, 4]) * scales + 0.3


def not_gaussian(rng, n, m):
    return rng.laplace(size=[n, 4]), rng.exponential(size=[m, 4])


def share_covered(estimates):
    """How many of the intervals have the mean of the estimates in them."""
    values = np.array([estimate.value for estimate in estimates])
    lower, upper = np.array([estimate.interval for estimate in estimates]).T
    return np.mean((lower < values.mean()) & (values.mean() < upper))


@pytest.mark.parametrize("counts", [(150, 150), (300, 100)])
@pytest.mark.parametrize("draw", [of_one_dimension, unlike, not_gaussian])
def test_intervals_cover_the_mean_of_the_estimates(draw, counts):
    pairs = [draw(np.random.default_rng(seed), *counts) for seed in range(200)]
    assert 0.90 <= share_covered([frechet_estimate(*pair) for pair in pairs]) <= 0.99


@pytest.mark.parametrize("draw", [of_one_dimension, unlike])
def test_intervals_of_the_extrapolation_cover_its_mean(draw):
    pairs = [draw(np.random.default_rng(seed), 400, 200) for seed in range(200)]
    assert 0.90 <= share_covered([frechet_infinity(*pair) for pair in pairs]) <= 0.99


def test_error_in_one_dimension():
    # D = (a - b)^2 + (s - t)^2 for N(a, s^2) and N(b, t^2): Var of a mean is s^2 / n, of a standard
    # deviation s^2 / 2n, and the gradient is 2 (a - b) and 2 (s - t).
    real, generated = of_one_dimension(np.random.default_rng(0), 200_000, 100_000)
    variance = (4 + 4 / 2) / 200_000 + (4 * 4 + 4 * 4 / 2) / 100_000
    error = frechet_estimate(real, generated).standard_error
    assert error == pytest.approx(np.sqrt(variance), rel=0.02)


# the extrapolation


def test_extrapolation_takes_the_bias_away():
    draws = [np.random.default_rng(seed).normal(size=[1200, 20]) for seed in range(20)]
    values = [frechet_infinity(x[200:], x[:200]).value for x in draws]
    plain = np.mean([frechet_distance(x[200:], x[:200]) for x in draws])
    # What remains is the bias due to 1000 real examples.
    assert plain > 0.4 and abs(np.mean(values)) < 0.25 * plain


def test_extrapolation_of_points_on_a_line(monkeypatch):
    # Distances of exactly 3 + 7 / m.
    module = importlib.import_module("tfgan_losses.metrics.frechet_infinity")

    def influence(real, generated, of_real, of_generated):
        zeros = np.zeros(len(real)), np.zeros(len(generated))
        return Influence(3 + 7 / len(generated), *zeros)

    monkeypatch.setattr(module, "influence_on_distance", influence)
    estimate = frechet_infinity(np.zeros([20, 2]), np.zeros([333, 2]))
    assert estimate.value == pytest.approx(3, abs=1e-9) and estimate.standard_error == 0


def test_extrapolation_depends_on_its_seed_alone():
    pair = unlike(np.random.default_rng(0), 50, 60)
    first, again, other = (frechet_infinity(*pair, seed=seed) for seed in (3, 3, 4))
    assert first == again != other


# as metrics with a name


@pytest.mark.parametrize("name", ["frechet", "frechet_infinity"])
def test_metrics(name):
    real, generated = unlike(np.random.default_rng(0), 50, 60)
    found = metrics.get(name).measure(FeatureSet(real), FeatureSet(generated))
    function = {"frechet": frechet_estimate, "frechet_infinity": frechet_infinity}[name]
    assert found == {name: function(real, generated)}
    assert metrics.get(name).best == {name: "min"} and found[name].standard_error > 0


def test_options():
    metric = metrics.get("frechet_infinity(seed=5)")
    assert metric.get_config() == {"seed": 5}
    assert metric.from_config(metric.get_config()).seed == 5


FUNCTIONS = [frechet_distance, frechet_estimate, frechet_infinity]
GOOD = np.random.default_rng(0).normal(size=[30, 2])
WITH_NAN = GOOD.copy()
WITH_NAN[3, 1] = np.nan


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        (GOOD, WITH_NAN, "in 1 of 30 rows of generated.*row 3"),
        (np.full([30, 2], np.inf), GOOD, "Expected finite features.*30 of 30 rows of real"),
        (GOOD, np.zeros([30, 2], np.uint8), "of a float type.*Received: generated of dtype uint8"),
        (GOOD > 0, GOOD, "Received: real of dtype bool"),
        (GOOD, GOOD[:, :1], "of one width. Received: shapes"),
        (GOOD[:, :0], GOOD[:, :0], "of one width"),
        (GOOD, GOOD[:1], "Received: 30 real and 1 generated"),
    ],
)
def test_bad_features(function, real, generated, message):
    with pytest.raises(ValueError, match=message):
        function(real, generated)


def test_too_few_to_extrapolate():
    with pytest.raises(ValueError, match="at least 20 examples of each"):
        frechet_infinity(GOOD, GOOD[:19])
