"""docs/theory/energies.md. The dual of BEGAN: tests/divergences/test_of_losses.py."""

import numpy as np
import pytest


@pytest.fixture
def page(experiment):
    return experiment("energies")


@pytest.mark.parametrize("mean", [0.0, 1.0, 4.0])
def test_energies_measure_total_variation(page, mean):
    p, q = page.Gaussian(0, 1).on(page.GRID), page.Gaussian(mean, 0.9).on(page.GRID)
    divergence = page.divergence_of("energy_based(margin=10)")
    expected = 10 * (1 - page.total_variation(p, q))
    assert divergence.optimal_loss(p, q) == pytest.approx(expected, abs=1e-9)
    outputs = divergence.optimal_outputs(p, q)
    some = p.probabilities + q.probabilities > 1e-6
    sign = np.sign(p.probabilities - q.probabilities)
    np.testing.assert_allclose(-outputs[some & (sign > 0)], 0, atol=1e-9)
    np.testing.assert_allclose(-outputs[some & (sign < 0)], 10, atol=1e-9)


@pytest.mark.parametrize("k", [0.1, 0.3])
def test_covering_the_part_k_is_free(page, k):
    # Cells are sixtieths, of which the middle has an even number.
    assert page.began(k, k) == pytest.approx(0, abs=1e-7)
    assert page.began(k, 1.0) == pytest.approx(0, abs=1e-7)
    # Uniform mass k spreads from the width k / 3 to k: by (k - k / 3) / 4 on average.
    assert page.began(k, k / 3) == pytest.approx(k * (k - k / 3) / 4, rel=0.02)


def test_for_k_of_one_it_is_wasserstein(page):
    expected = page.wasserstein_1d(*page.uniforms(0.2))
    # Of the uniform on [0, 1] and on [0.4, 0.6]: |x - 0.5| shrinks from 1/4 to 1/20 on average.
    assert expected == pytest.approx(0.2, abs=1e-3)
    assert page.began(1.0, 0.2) == pytest.approx(expected, abs=1e-6)
