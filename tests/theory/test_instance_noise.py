"""docs/theory/instance_noise.md."""

import numpy as np
import pytest

LOG_2 = 0.6931471805599453


@pytest.fixture
def noise(experiment):
    return experiment("instance_noise")


@pytest.mark.parametrize("distance", [1e-6, 0.1, 5.0])
def test_without_noise_every_distance_is_the_same(noise, distance):
    assert noise.noisy_divergence(distance, 0.0) == pytest.approx(LOG_2, abs=1e-12)
    assert noise.noisy_divergence(0.0, 0.0) == 0


@pytest.mark.parametrize("std", [0.3, 1.0, 2.0])
def test_grows_with_the_distance_and_falls_with_the_noise(noise, std):
    distances = np.linspace(0, 5 * std, 26)
    values = np.array([noise.noisy_divergence(x, std) for x in distances])
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert (np.diff(values) > 0).all() and values[-1] < LOG_2
    louder = np.array([noise.noisy_divergence(x, 1.2 * std) for x in distances])
    assert (louder[1:] < values[1:]).all()


@pytest.mark.parametrize("scale", [0.2, 3.0])
@pytest.mark.parametrize("ratio", [0.5, 2.0, 4.0])
def test_depends_on_the_ratio_alone(noise, ratio, scale):
    expected = noise.noisy_divergence(ratio, 1.0)
    assert noise.noisy_divergence(scale * ratio, scale) == pytest.approx(expected, rel=1e-6)


def test_values_of_an_independent_integral(noise):
    # log 2 - E log(1 + exp(-(u^2/2 + u z))) over z ~ N(0, 1), by symmetry, by Gauss-Hermite.
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights /= weights.sum()
    for ratio in (0.3, 1.0, 2.0):
        logarithms = np.logaddexp(0, -(ratio**2 / 2 + ratio * nodes))
        expected = LOG_2 - np.sum(weights * logarithms)
        assert noise.noisy_divergence(ratio, 1.0) == pytest.approx(expected, abs=1e-6)


def test_both_ends(noise):
    # 1/8 of the Fisher information 1 / std^2 times the squared distance; log 2 far away.
    assert noise.noisy_divergence(0.01, 0.5) == pytest.approx(0.01**2 / (8 * 0.25), rel=2e-4)
    assert LOG_2 - noise.noisy_divergence(10.0, 1.0) < 1e-5
    assert LOG_2 - noise.noisy_divergence(4.0, 1.0) > 0.01


@pytest.mark.parametrize("std", [0.5, 1.0])
@pytest.mark.parametrize("distance", [0.2, 1.5, 4.0])
def test_the_generator_follows_the_slope(noise, distance, std):
    expected = noise.slope(distance, std)
    assert expected > 0
    assert noise.half_gradient(distance, std) == pytest.approx(expected, abs=1e-6)


def test_the_slope_is_continuous_and_starts_like_a_parabola(noise):
    slopes = np.array([noise.slope(x, 1.0) for x in np.linspace(0.001, 1, 20)])
    assert slopes[0] == pytest.approx(0.001 / 4, rel=1e-3)
    assert (np.diff(slopes) > 0).all() and np.diff(slopes).max() < 0.02


def test_one_step_of_d_needs_no_noise(noise):
    setting = noise.Setting("", steps_of_d=1)
    _, final = noise.run(setting, seeds=2, steps=300)
    assert final.max() < 0.3
