"""What is said of batches of examples, beside NumPy and where the answer is known."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses
from tfgan_losses.health import statistics
from tfgan_losses.health.held_out import Mean, position
from tfgan_losses.health.loss_range import loss_range, slope_at_chance

RNG = np.random.default_rng(0)


def points(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def test_distances_are_those_of_numpy_far_from_0_too():
    a, b = points(5, 3) + 1000, points(7, 3) + 1000
    expected = np.linalg.norm(a[:, None].astype(float) - b[None].astype(float), axis=-1)
    np.testing.assert_allclose(statistics.distances(a, b), expected, rtol=1e-3)
    assert not np.isnan(statistics.distances(a, a)).any()


def test_diversity_is_that_of_two_examples_of_one_class():
    x = tf.constant([[0.0], [1.0], [10.0], [13.0]])
    within = statistics.distances(x, x)
    assert float(statistics.diversity(within, tf.ones([4, 4]))) == pytest.approx(48 / 6)
    classes = tf.constant([0, 0, 1, 1])
    alike = tf.cast(classes[:, None] == classes[None], tf.float32)
    assert float(statistics.diversity(within, alike)) == pytest.approx(2.0)
    # A class of one example, and no pair at all.
    assert float(statistics.diversity(within, tf.eye(4))) == 0.0


def compared(real, fake):
    within = [statistics.distances(x, x) for x in (real, fake)]
    return within[0], statistics.distances(real, fake), within[1]


def test_neighbours_tell_what_is_apart_and_nothing_else():
    real = points(200, 4)
    of_one_kind = float(statistics.neighbours_of_own_kind(*compared(real, points(200, 4))))
    assert of_one_kind == pytest.approx(0.5, abs=0.1)
    assert float(statistics.neighbours_of_own_kind(*compared(real, points(200, 4) + 9))) == 1.0
    # All generated examples are one: neighbours of each other at distance 0.
    same = np.repeat(points(1, 4), 200, axis=0)
    assert float(statistics.neighbours_of_own_kind(*compared(real, same))) > 0.9


def test_modes_without_samples_are_missed():
    centres = np.array([[x, y] for x in range(-4, 5, 2) for y in range(-4, 5, 2)], np.float32)

    def draw(modes, spread=0.05):
        return centres[RNG.integers(modes, size=256)] + spread * points(256, 2)

    def missed(fake):
        real, across, _ = compared(draw(25), fake)
        return float(statistics.missed(real, across))

    assert missed(draw(25)) < 0.05
    # Blurred, but everywhere.
    assert missed(draw(25, spread=0.5)) < 0.15
    assert missed(draw(11)) == pytest.approx(14 / 25, abs=0.1)
    assert missed(np.zeros([256, 2], np.float32)) > 0.9


def test_nearness_suits_data_of_more_numbers():
    """Of eight numbers no example is within a seventh of the mean distance."""
    real, across, _ = compared(points(256, 8), points(256, 8))
    assert float(statistics.missed(real, across)) < 0.1


def test_told_apart_is_the_area_under_the_curve():
    def told(real, fake):
        return float(statistics.told_apart(tf.constant(real), tf.constant(fake)))

    assert told([3.0, 2.0], [1.0, 0.0]) == 1.0
    assert told([0.0], [1.0, 2.0]) == 0.0
    assert told([1.0, 1.0], [1.0]) == 0.5
    assert told([0.0, 2.0], [1.0, 3.0]) == 0.25


# Best and chance by the formulas in docs/train.md.
RANGES = {
    "non_saturating": (0.0, 2 * math.log(2)),
    "minimax": (0.0, 2 * math.log(2)),
    "hinge": (0.0, 2.0),
    "hinge(margin=0.5)": (0.0, 1.0),
    "least_squares(scale=0.5)": (0.0, 0.25),
    "least_squares(a=-1, b=1, c=0)": (0.0, 2.0),
    "relativistic": (0.0, math.log(2)),
    "relativistic_average": (0.0, 2 * math.log(2)),
    "relativistic_average(base='least_squares')": (0.0, 2.0),
    "relativistic_average(base='hinge')": (0.0, 2.0),
}


@pytest.mark.parametrize("name", RANGES)
def test_the_range_of_a_loss(name):
    found = loss_range(losses.get(name))
    np.testing.assert_allclose(found, RANGES[name], atol=1e-6)


def test_smoothed_labels_have_another_lowest_loss():
    """With a target of 0.9 at sigmoid(r) = 0.9: the entropy of 0.9."""
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    found = loss_range(losses.get("non_saturating(label_smoothing=0.1)"))
    assert found.best == pytest.approx(entropy, abs=0.005)


@pytest.mark.parametrize("name", ["wasserstein", "energy_based", "boundary_equilibrium"])
def test_critics_and_errors_have_no_range(name):
    assert loss_range(losses.get(name)) is None


def test_every_loss_has_a_range_or_none():
    for name in losses.names():
        found = loss_range(losses.get(name))
        assert found is None or found.best < found.chance
        assert slope_at_chance(losses.get(name)) > 0.0


def test_only_the_minimax_generator_has_a_signal_that_vanishes():
    assert slope_at_chance(losses.get("minimax")) == pytest.approx(0.5)
    assert slope_at_chance(losses.get("hinge")) == pytest.approx(1.0)


def test_a_place_between_examples_trained_on_and_generated_ones():
    trained_on = Mean(2.0, 0.01)
    assert position(trained_on, Mean(2.0), -2.0) == 0.0
    assert position(trained_on, Mean(0.0), -2.0) == 0.5
    assert position(trained_on, Mean(-2.0), -2.0) == 1.0
    # Within the errors of means.
    assert position(Mean(2.0, 0.5), Mean(1.0, 0.5), -2.0) == 0.0
    # A discriminator that does not tell, or is wrong.
    assert position(trained_on, Mean(0.0), 2.0) is None
