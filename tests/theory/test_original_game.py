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


def test_most_of_both_is_compared_with_a_network_where_the_best_is_no_constant(experiment):
    game = experiment("original_game")
    p, q = game.REAL.on(game.GRID), game.GENERATED.on(game.GRID)
    some = game.is_compared(p, q)
    assert p.expectation(some) > 0.98 and q.expectation(some) > 0.95
    assert np.ptp(game.optimal_discriminator(p, q)[some]) > 0.5


@pytest.mark.parametrize("mean", [0.1, 1.0, 5.0])
def test_value_is_the_jensen_shannon_divergence(experiment, mean):
    game = experiment("original_game")
    p, q = game.REAL.on(game.GRID), game.Gaussian(mean, 0.7).on(game.GRID)
    found = game.value(p, q, game.optimal_discriminator(p, q))
    assert found == pytest.approx(game.value_by_divergence(p, q), abs=1e-9)
    assert found > -2 * LOG_2 + 1e-3
    # The library's loss is -V.
    assert game.divergence_of("minimax").optimal_loss(p, q) == pytest.approx(-found, abs=1e-9)
