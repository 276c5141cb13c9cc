import numpy as np
import pytest

from tfgan_losses.datasets.mixtures import MIXTURES
from tfgan_losses.metrics import mixture_coverage

CENTERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])


def test_by_hand():
    samples = [
        [0.0, 0.29],  # of mode 0, within 3 sigma = 0.3
        [0.31, 0.0],  # nearest to mode 0, outside
        [1.0, -0.1],
        [1.2, 0.2],  # 0.283 from mode 1
        [0.0, 1.5],  # nearest to mode 2, outside: counted in the histogram, not as a mode
    ]
    found = mixture_coverage(samples, CENTERS, sigma=0.1)
    assert found.modes == 2
    assert found.high_quality == 3 / 5
    np.testing.assert_array_equal(found.counts, [2, 2, 1, 0])
    # sum p log(4 p) over the shares 2/5, 2/5, 1/5.
    expected = 0.8 * np.log(1.6) + 0.2 * np.log(0.8)
    np.testing.assert_allclose(found.reverse_kl, expected, rtol=1e-12)


def test_the_border_of_high_quality_is_three_sigma():
    inside, outside = [[0.75 - 1e-9, 0.0]], [[0.75 + 1e-9, 0.0]]
    centers = [[0.0, 0.0], [9.0, 0.0]]
    assert mixture_coverage(inside, centers, 0.25).high_quality == 1
    assert mixture_coverage(outside, centers, 0.25).high_quality == 0


@pytest.mark.parametrize("name", MIXTURES)
def test_real_samples_reach_the_ceiling(name):
    mixture = MIXTURES[name]
    found = mixture_coverage(mixture.sample(20_000, seed=0), mixture.centers, mixture.sigma)
    modes = len(mixture.centers)
    assert found.modes == modes and found.counts.sum() == 20_000
    # 1 - exp(-9/2), the mass of a Gaussian in the plane within 3 sigma; 5 standard errors.
    assert abs(found.high_quality - (1 - np.exp(-4.5))) < 5 * np.sqrt(0.0111 / 20_000)
    # 2 n KL is about chi-squared with modes - 1 degrees of freedom.
    assert 0 < found.reverse_kl < (modes + 5 * np.sqrt(2 * modes)) / 40_000


def test_collapse_and_balance():
    collapsed = mixture_coverage(np.zeros([10, 2]), CENTERS, 0.1)
    assert (collapsed.modes, collapsed.high_quality) == (1, 1.0)
    np.testing.assert_allclose(collapsed.reverse_kl, np.log(4), rtol=1e-12)
    balanced = mixture_coverage(np.repeat(CENTERS, 3, axis=0), CENTERS, 0.1)
    assert (balanced.modes, balanced.high_quality, balanced.reverse_kl) == (4, 1.0, 0.0)


def test_samples_that_are_not_finite_are_of_low_quality_and_of_no_mode():
    samples = [[0.0, 0.0], [np.nan, 0.0], [np.inf, 1.0], [1.0, 0.0]]
    found = mixture_coverage(samples, CENTERS, 0.1)
    assert (found.modes, found.high_quality) == (2, 0.5)
    np.testing.assert_array_equal(found.counts, [1, 1, 0, 0])
    nothing = mixture_coverage(np.full([3, 2], np.nan), CENTERS, 0.1)
    assert (nothing.modes, nothing.high_quality) == (0, 0.0)
    assert np.isnan(nothing.reverse_kl) and nothing.counts.sum() == 0


@pytest.mark.parametrize(
    ("samples", "centers"),
    [
        (np.zeros([3]), CENTERS),
        (np.zeros([3, 3]), CENTERS),
        (np.zeros([0, 2]), CENTERS),
        (np.zeros([3, 2]), np.zeros([0, 2])),
        (np.zeros([3, 2]), CENTERS[0]),
    ],
)
def test_wrong_shapes(samples, centers):
    with pytest.raises(ValueError, match=r"Expected samples \[n, dimension\].*Received: samples"):
        mixture_coverage(samples, centers, 0.1)


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan, np.inf])
def test_wrong_sigma(sigma):
    with pytest.raises(ValueError, match=r"Expected sigma > 0. Received: sigma="):
        mixture_coverage(CENTERS, CENTERS, sigma)


def test_centers_that_are_not_finite():
    with pytest.raises(ValueError, match="Expected finite centers"):
        mixture_coverage(CENTERS, [[0.0, np.nan]], 0.1)
