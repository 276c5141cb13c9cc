"""docs/theory/discriminator_steps.md."""

import numpy as np
import pytest

from tfgan_losses.divergences import Gaussian, jensen_shannon

_STEP = 1e-4


@pytest.fixture
def steps(experiment):
    return experiment("discriminator_steps")


def jsd(steps, theta):
    return jensen_shannon(Gaussian(0, 1).on(steps.GRID), Gaussian(theta, 1).on(steps.GRID))


@pytest.mark.parametrize("theta", [0.0, 1.5, 4.0])
def test_no_discriminator_estimates_more_than_the_jsd(steps, theta):
    training = steps.Training(seeds=6)
    # Untrained, and trained between other distributions than it is asked about.
    for count in (0, 20):
        training.run(np.float32(3.0), count)
        assert (training.estimates(theta) <= jsd(steps, theta)).all()


def test_the_estimate_rises_to_the_jsd(steps):
    training = steps.Training(seeds=4)
    means, done = [], 0
    for count in (0, 5, 20, 100):
        training.run(np.float32(steps.NEAR), count - done)
        done = count
        means.append(training.estimates(steps.NEAR).mean())
    assert (np.diff(means) > 0).all()
    assert means[0] < 0.05
    assert means[-1] == pytest.approx(jsd(steps, steps.NEAR), abs=0.02)


@pytest.mark.parametrize("theta", [0.5, 1.5, 3.0, -2.0])
def test_gradients_at_the_best_discriminator(steps, theta):
    slope = (jsd(steps, theta + _STEP) - jsd(steps, theta - _STEP)) / (2 * _STEP)
    # Minimax descends 2 JSD; non-saturating KL(q || p) - 2 JSD, and KL = theta^2 / 2 (Arjovsky &
    # Bottou, 2017, theorem 2.5).
    assert steps.best_gradient("minimax", theta) == pytest.approx(2 * slope, abs=1e-5)
    expected = theta - 2 * slope
    assert steps.best_gradient("non_saturating", theta) == pytest.approx(expected, abs=1e-5)


def test_the_saturating_gradient_vanishes_with_the_distance(steps):
    gradients = [steps.best_gradient("minimax", theta) for theta in (2.0, 4.0, 6.0, 8.0, 10.0)]
    assert (np.diff(gradients) < 0).all()
    assert gradients[-1] < 1e-5


def test_a_gradient_by_differences(steps):
    training = steps.Training(seeds=3)
    training.run(np.float32(2.0), 30)
    latents = Gaussian(0, 1).on(np.linspace(-8, 8, 801))

    def loss(theta):
        places = np.tile(np.float32(latents.grid + theta)[:, None], [3, 1, 1])
        outputs = training.discriminators(places).numpy()[..., 0].astype("float64")
        return np.logaddexp(0, -outputs) @ latents.probabilities

    measured = training.gradient("non_saturating", 2.0)
    np.testing.assert_allclose(measured, (loss(2.02) - loss(1.98)) / 0.04, rtol=5e-3)


@pytest.mark.slow
def test_the_saturating_gradient_falls_with_the_steps_of_d_and_the_other_grows(steps):
    training = steps.Training(seeds=4)

    def gradients():
        return [training.gradient(name, steps.FAR).mean() for name in steps.LOSSES]

    minimax, non_saturating = training.at(steps.FAR, gradients).T
    peak = np.argmax(minimax)
    assert 10 <= steps.COUNTS[peak] <= 200
    assert (np.diff(minimax[peak:]) < 0).all()
    assert minimax[-1] < minimax[peak] / 8
    assert (np.diff(non_saturating) > -0.01).all() and non_saturating[-1] > 0.3
