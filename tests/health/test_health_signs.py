"""Each sign on numbers that are made up: shown where it should be, silent where it should be."""

import dataclasses
import math

import commands
import pytest

from tfgan_losses.health import Look, all_signs
from tfgan_losses.health.signs import (
    Blindness,
    Collapse,
    Memorization,
    Oscillation,
    Saturation,
    Scales,
    Slope,
    Weights,
)

# A healthy run: the recipe gan on digits after 1000 steps.
WELL = Look(
    step=1000,
    d_loss=1.05,
    d_best=0.0,
    d_chance=2 * math.log(2),
    d_real=0.6,
    d_fake=-0.5,
    told_apart=0.87,
    g_gradient=5.2,
    g_signal=1.2,
    real_diversity=6.1,
    fake_diversity=6.2,
    neighbours=0.69,
    real_mean=-0.386,
    real_spread=0.756,
    real_largest=1.0,
    fake_mean=-0.38,
    fake_spread=0.76,
    fake_largest=1.0,
    size=1797,
    passes=35.0,
)


def looks(count=8, **changes):
    """So many looks; a change is a value, or one for each look, the newest last."""
    series = [
        {key: value[i] if isinstance(value, list) else value for key, value in changes.items()}
        for i in range(count)
    ]
    return [dataclasses.replace(WELL, step=100 * (i + 1), **x) for i, x in enumerate(series)]


@pytest.mark.parametrize("sign", all_signs(), ids=lambda sign: sign.name)
def test_is_silent_where_all_is_well_and_where_nothing_is_known(sign):
    assert not sign.shows(looks())
    assert not sign.shows([Look(step=100)])


@pytest.mark.parametrize("sign", all_signs(), ids=lambda sign: sign.name)
def test_says_what_to_do(sign):
    assert sign.name and sign.section and len(sign.remedies) >= 2
    known = looks(missed=0.1, slope=1.0, slope_bound=1.0, bad_weight="generator/kernel")
    line = sign.line(known)
    assert "\n" not in line and line.startswith("At step 800 ")
    assert f'"{sign.section}" in docs/my-gan-fails.md' in line


@pytest.mark.parametrize("sign", all_signs(), ids=lambda sign: sign.name)
def test_has_a_section_in_the_documentation(sign):
    """By this very title, which is all that a person with a wheel can look for."""
    page = (commands.ROOT / "docs" / "my-gan-fails.md").read_text()
    assert f"\n## {sign.section}\n" in page
    anchor = sign.section.lower().replace(" ", "-")
    assert f"| `{sign.name}` | [{sign.section}](#{anchor}) |" in page


LOST = {"d_loss": 0.02, "d_real": 6.0, "d_fake": -6.0}


def test_saturation_is_a_loss_at_its_lowest_and_a_gradient_that_has_gone():
    sign = Saturation()
    assert sign.shows(looks(**LOST, g_signal=0.01))
    assert sign.shows(looks(**LOST, g_gradient=[5.0] * 7 + [0.3]))
    # A hinge that is won at the beginning, from which the generator learns all the same.
    assert not sign.shows(looks(**LOST))
    assert not sign.shows(looks(g_signal=0.01))
    # A critic has no lowest loss.
    assert sign.shows(looks(**LOST, d_best=None, d_chance=None, g_signal=0.01)) is None
    line = sign.evidence(looks(**LOST, g_signal=0.013, g_gradient=[5.0] * 7 + [0.3]))
    assert (
        "its loss is 0.02" in line
        and "has 1.39" in line
        and "estimate 0.683 of at most 0.693" in line
    )
    assert "1.30% is left" in line and "norm of 0.3 at its weights after up to 5" in line


def test_blindness_is_a_guess_where_nearest_neighbours_know():
    sign = Blindness()
    assert sign.shows(looks(told_apart=0.5, neighbours=0.99))
    assert sign.shows(looks(told_apart=0.01, neighbours=1.0))
    # As good as the data, so that there is nothing to see.
    assert not sign.shows(looks(told_apart=0.5, neighbours=0.55))
    assert not sign.shows(looks(told_apart=0.9, neighbours=1.0))
    assert sign.shows(looks(told_apart=None)) is None
    assert "in 50% of pairs" in sign.evidence(looks(told_apart=0.5))


def test_collapse_comes_after_better_ones_or_does_not_end():
    sign = Collapse()
    fallen = [1.0, 3.0, 5.0, 6.0, 4.0, 1.5, 1.0, 0.8]
    assert sign.shows(looks(fake_diversity=fallen))
    assert sign.shows(looks(fake_diversity=0.9))
    # All generators begin like this.
    assert not sign.shows(looks(7, fake_diversity=0.9))
    assert not sign.shows(looks(fake_diversity=[0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]))
    assert not sign.shows(looks(fake_diversity=1.7))
    assert "two are 0.8 apart on average, two real ones 6.1" in sign.evidence(
        looks(fake_diversity=fallen)
    )


def test_collapse_of_points_leaves_out_data():
    sign = Collapse()
    assert sign.shows(looks(missed=0.5))
    assert not sign.shows(looks(missed=0.1))
    assert not sign.shows(looks(7, missed=0.5))
    assert not sign.shows(looks(missed=[0.9, 0.8, 0.75, 0.7, 0.6, 0.5, 0.5, 0.4]))
    assert "56% of the data is where none is made" in sign.evidence(looks(missed=0.56))


def test_what_has_the_wrong_scale_is_not_called_a_collapse_too():
    wrong = {"real_spread": 75.0, "real_largest": 255.0, "fake_diversity": 0.1, "fake_spread": 0.8}
    assert Scales().shows(looks(**wrong))
    assert not Collapse().shows(looks(**wrong))


def test_memorization_is_seen_by_held_out_examples_if_there_are_any():
    sign = Memorization()
    assert sign.shows(looks(held_out=0.8))
    assert not sign.shows(looks(held_out=0.2))
    # They know better than the number of examples.
    assert not sign.shows(looks(held_out=0.0, size=20, passes=1000.0, told_apart=1.0))
    assert "are 80% of the way" in sign.evidence(looks(held_out=0.8))


def test_memorization_is_suspected_where_there_are_few():
    sign = Memorization()
    few = {"size": 20, "passes": 300.0, "told_apart": 0.99}
    assert sign.shows(looks(**few))
    assert not sign.shows(looks(**few | {"size": 1797}))
    assert not sign.shows(looks(**few | {"passes": 10.0}))
    assert not sign.shows(looks(**few | {"told_apart": 0.55}))
    assert sign.shows(looks(**few | {"size": None})) is None
    assert "its 20 examples by heart: each was seen 300 times" in sign.evidence(looks(**few))


def test_a_slope_is_far_from_what_a_penalty_asks_for():
    sign = Slope()
    assert not sign.shows(looks(slope=1.2, slope_bound=1.0))
    assert sign.shows(looks(slope=4.0, slope_bound=1.0))
    assert not sign.shows(looks(slope=4.0, slope_bound=2.0))
    assert sign.shows(looks(slope=0.05, slope_bound=1.0))
    # One-sided: flatter is as good.
    assert not sign.shows(looks(slope=0.05, slope_bound=1.0, slope_may_be_low=True))
    # Clipped weights: there is a bound, and nobody knows it.
    assert not sign.shows(looks(slope=0.004))
    assert sign.shows(looks(slope=1000.0))
    assert "is 4 on average, where 1 is asked for" in sign.evidence(
        looks(slope=4.0, slope_bound=1.0)
    )


def test_oscillation_goes_from_right_to_wrong_and_back():
    sign = Oscillation()
    # rsgan on digits with 100 times its learning rate.
    swings = [0.82, 0.28, 0.82, 0.48, 0.83, 0.2, 0.72, 0.12]
    assert sign.shows(looks(told_apart=swings))
    assert not sign.shows(looks(7, told_apart=swings[:7]))
    # Noise where the discriminator cannot tell.
    assert not sign.shows(looks(told_apart=[0.45, 0.55, 0.42, 0.58, 0.44, 0.59, 0.5, 0.41]))
    assert not sign.shows(looks(told_apart=[0.9, 0.9, 0.7, 0.5, 0.45, 0.3, 0.2, 0.1]))
    # One change, as at the beginning of a run.
    assert not sign.shows(looks(told_apart=[0.02, 0.1, 0.3, 0.7, 0.9, 1.0, 1.0, 1.0]))
    assert "82%, 28%, 82%" in sign.evidence(looks(told_apart=swings))


@pytest.mark.parametrize(
    "wrong",
    [
        {"real_mean": 78.0, "real_spread": 96.0, "real_largest": 255.0},
        {"fake_spread": 40.0, "fake_largest": 300.0},
        {"fake_mean": 1.0},
    ],
)
def test_scales_are_apart(wrong):
    assert Scales().shows(looks(**wrong))
    evidence = Scales().evidence(looks(**wrong))
    assert "mean and standard deviation are" in evidence and "generated" in evidence


def test_scales_of_a_young_generator_are_near_enough():
    """r3gan on digits has 1.9 times the spread of the data at step 200, others a sixth."""
    assert not Scales().shows(looks(fake_spread=1.9 * 0.756))
    assert not Scales().shows(looks(fake_spread=0.16 * 0.756, fake_mean=-0.02))
    # Data that is constant has no scale.
    assert Scales().shows(looks(real_spread=0.0)) is None


def test_a_weight_is_told_at_once():
    sign = Weights()
    assert (sign.in_a_row, sign.grace) == (1, 0)
    assert sign.shows(looks(bad_weight="discriminator/dense/kernel"))
    assert "discriminator/dense/kernel is not finite" in sign.evidence(
        looks(bad_weight="discriminator/dense/kernel")
    )
