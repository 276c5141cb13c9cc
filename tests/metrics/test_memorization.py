import numpy as np
import pytest
from sample_sets import all_squares, covered, features

from tfgan_losses.metrics import FeatureSet, get, memorization

TRAINING = features(300, 3, 0)


def test_by_hand():
    training = [[0.0], [1.0], [5.0], [9.0]]  # Nearest others at 1, 1, 4, 4.
    generated = [[0.5], [1.0], [2.5], [1.0 + 1e-9], [8.0], [20.0]]
    found = memorization(training, generated)
    np.testing.assert_array_equal(found.indices, [0, 1, 1, 1, 3, 3])
    np.testing.assert_allclose(found.distances, [0.5, 0, 1.5, 1e-9, 1, 11], rtol=1e-6)
    np.testing.assert_array_equal(found.memorized, [1, 1, 0, 1, 1, 0])
    assert found.share.value == 4 / 6
    assert found.distance.value == pytest.approx((0.5 + 1.5 + 1 + 11) / 6 / 2.5)


def test_copies():
    found = memorization(TRAINING, TRAINING[40:90])
    assert found.share.value == 1 and found.distance.value == 0
    np.testing.assert_array_equal(found.indices, np.arange(40, 90))
    # Also those of an example that is in the training set twice.
    assert memorization(np.repeat(TRAINING, 2, axis=0), TRAINING).share.value == 1


def test_the_share_of_new_examples():
    # As many as are nearest neighbours of each other: 2/3 on a line, 0.6215 in the plane
    # (Pickard, 1982, Isolated nearest neighbors).
    for d, expected in ((1, 2 / 3), (2, 0.6215)):
        found = memorization(features(4000, d, 0), features(4000, d, 1))
        assert found.share.value == pytest.approx(expected, abs=0.03)
    # On the plane: it has more room for outliers than many dimensions, and less than a line.
    assert found.distance.value == pytest.approx(1, abs=0.1)


def test_samples_far_from_the_data():
    found = memorization(TRAINING, features(50, 3, 1, shift=20))
    assert found.share.value == 0 and found.distance.value > 10


def test_noise_on_copies_is_noticed():
    noise = features(300, 3, 1)
    shares = [memorization(TRAINING, TRAINING + s * noise).share.value for s in (0, 0.05, 0.3, 3)]
    assert (np.diff(shares) < 0).all() and shares[1] > 0.9


def test_equal_to_full_matrices():
    generated = features(120, 3, 5, scale=1.2)
    own = all_squares(TRAINING, TRAINING)
    np.fill_diagonal(own, np.inf)
    between = all_squares(generated, TRAINING)
    indices = between.argmin(axis=1)
    expected = between.min(axis=1) <= own.min(axis=1)[indices]
    found = memorization(TRAINING, generated)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_array_equal(found.memorized, expected)


def test_intervals_contain_what_they_should():
    def estimates(_, samples):
        found = memorization(TRAINING, samples)
        return found.share, found.distance

    shares = covered(estimates, lambda rng: (None, rng.normal(size=[100, 3])))
    assert ((shares >= 0.9) & (shares <= 0.99)).all()


def test_metric():
    found = get("memorization").measure(FeatureSet(TRAINING), FeatureSet(TRAINING[:9] + 0.1))
    expected = memorization(TRAINING, TRAINING[:9] + 0.1)
    assert found == {"memorization": expected.share, "nearest_distance": expected.distance}
    with pytest.raises(ValueError, match=r"at least 2 examples of each"):
        memorization(TRAINING[:1], TRAINING)
