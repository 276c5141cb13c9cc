import math

import numpy as np
import pytest
from scipy import stats

from tfgan_losses.comparing.statistics import Summary, can_be_told_apart, ranked, summary


def test_the_mean_and_its_standard_error_are_those_of_numpy():
    values = [3.0, 5.0, 10.0, None, math.nan]
    found = summary(values)
    assert found.values == (3.0, 5.0, 10.0)
    assert found.mean == 6.0
    assert found.standard_error == pytest.approx(np.std([3, 5, 10], ddof=1) / np.sqrt(3))


def test_one_training_has_no_error_and_none_has_no_mean():
    assert summary([2.0]) == Summary((2.0,)) and summary([2.0]).standard_error is None
    assert math.isnan(summary([None]).mean)


def test_recipes_are_sorted_by_the_first_number_then_by_the_next():
    numbers = {"a": (1, 5), "b": (2, 9), "c": (2, 7), "d": (None, 1)}
    summaries = {name: [summary([x]) for x in own] for name, own in numbers.items()}
    assert ranked(summaries, ["max", "min"]) == ["c", "b", "a", "d"]
    assert ranked(summaries, ["min", "max"]) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0, 3.0, 5.0])
def test_what_can_be_told_apart_is_what_welch_says(shift):
    first, second = [1.0, 2.0, 4.0], [1.0 + shift, 1.5 + shift, 2.0 + shift, 3.5 + shift]
    p = stats.ttest_ind(first, second, equal_var=False).pvalue
    assert can_be_told_apart(summary(first), summary(second)) is bool(p < 0.05)


def test_the_cases_on_both_sides_of_the_level_are_there():
    # Of the test above: without both, it would not see a test that always says the same.
    low, high = summary([1.0, 2.0, 4.0]), summary([6.0, 6.5, 7.0, 8.5])
    assert can_be_told_apart(low, high) is True
    assert can_be_told_apart(low, summary([1.5, 2.0, 2.5, 4.0])) is False


def test_one_seed_tells_nothing_and_equal_seeds_tell_all():
    assert can_be_told_apart(summary([1.0]), summary([9.0, 9.1])) is None
    assert can_be_told_apart(summary([8.0, 8.0]), summary([8.0, 8.0])) is False
    assert can_be_told_apart(summary([8.0, 8.0]), summary([7.0, 7.0])) is True
