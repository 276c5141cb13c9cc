"""docs/theory/original_game.md."""

import numpy as np
import pytest
from scipy.special import expit

LOG_2 = np.log(2)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_the_search_finds_the_ratio(experiment, loss):
    game = experiment("original_game")
    p, q = game.REAL.on(game.GRID), game.GENERATED.on(game.GRID)
    searched = expit(game.divergence_of(loss).optimal_outputs(p, q))
    np.testing.assert_allclose(searched, game.optimal_discriminator(p, q), atol=1e-9)


@pytest.mark.slow
def test_a_trained_network_finds_the_ratio(experiment):
    game = experiment("original_game")
    p, q = game.REAL.on(game.GRID), game.GENERATED.on(game.GRID)
    density = (p.probabilities + q.probabilities) / 2 / (game.GRID[1] - game.GRID[0])
    some = density > 0.02
    trained = expit(game.trained_outputs(game.GRID))
    formula = game.optimal_discriminator(p, q)
    # What is compared is most of both, and D* is no constant there.
    assert p.expectation(some) > 0.98 and q.expectation(some) > 0.95
    assert np.ptp(formula[some]) > 0.5
    np.testing.assert_allclose(trained[some], formula[some], atol=0.03)


@pytest.mark.parametrize("mean", [0.1, 1.0, 5.0])
def test_value_is_the_jensen_shannon_divergence(experiment, mean):
    game = experiment("original_game")
    p, q = game.REAL.on(game.GRID), game.Gaussian(mean, 0.7).on(game.GRID)
    found = game.value(p, q, game.optimal_discriminator(p, q))
    assert found == pytest.approx(game.value_by_divergence(p, q), abs=1e-9)
    assert found > -2 * LOG_2 + 1e-3
    # The library's loss is -V.
    assert game.divergence_of("minimax").optimal_loss(p, q) == pytest.approx(-found, abs=1e-9)


def test_least_if_equal(experiment):
    game = experiment("original_game")
    p = game.REAL.on(game.GRID)
    assert game.value(p, p, game.optimal_discriminator(p, p)) == pytest.approx(-2 * LOG_2, abs=1e-9)
