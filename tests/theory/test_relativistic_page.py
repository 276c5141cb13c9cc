"""docs/theory/relativistic.md. The formulas themselves: tests/divergences/test_of_losses.py."""

import numpy as np
import pytest


@pytest.fixture
def page(experiment):
    return experiment("relativistic")


@pytest.mark.parametrize("count", [1, 5])
def test_one_sample_of_twenty_is_all_that_rahinge_needs(page, count):
    p, q = page.differing_in(count)
    assert page.total_variation(p, q) == pytest.approx(count / 20)
    assert page.divergence_of("rahinge").measured(p, q) == pytest.approx(2, abs=1e-9)
    assert page.divergence_of("hinge").measured(p, q) == pytest.approx(count / 10, abs=1e-9)


def test_rasgan_tends_to_its_highest_value_with_the_outputs(page):
    """By a discriminator written down: D there, minus D there, and 0 at what both have."""
    p, q = (x.probabilities for x in page.differing_in(1))
    losses = []
    for size in (10, 100, 1000):
        outputs = np.array([size, 0, -size])
        high, low = outputs - q @ outputs, outputs - p @ outputs
        losses.append(p @ np.logaddexp(0, -high) + q @ np.logaddexp(0, low))
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 1e-9


@pytest.mark.parametrize("count", [1, 4, 10])
def test_the_formula_of_ralsgan(page, count):
    form = page.closed_form_of(page.divergence_of("ralsgan").loss).measured
    # T is 2 count / 20 here.
    expected = 8 * (count / 10) / (2 + 3 * (count / 10))
    assert form(*page.differing_in(count)) == pytest.approx(expected, abs=1e-12)
