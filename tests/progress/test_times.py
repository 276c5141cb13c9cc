"""Seconds in words."""

import datetime

import pytest

from tfgan_losses.progress import countdown, done_at, duration, hours


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (61, "61 s"), (100, "2 min"), (3599, "60 min"), (6600, "1 h 50 min"),
     (86400, "24 h 0 min"), (86400 * 3 + 3600 * 4, "3 days 4 h")],
)  # fmt: skip
def test_durations_as_a_person_says_them(seconds, text):
    assert duration(seconds) == text


def test_a_countdown_has_seconds_and_hours_only_where_there_are_some():
    assert [countdown(x) for x in (0.4, 75, 3725)] == ["0:00", "1:15", "1:02:05"]


def test_hours_are_rounded_up_to_a_minute():
    assert [hours(x) for x in (0, 1, 60, 61, 6600, 360_000)] == [
        "0:00", "0:01", "0:01", "0:02", "1:50", "100:00"
    ]  # fmt: skip


def test_another_day_is_named():
    noon = datetime.datetime(2026, 12, 31, 12, 0)
    assert done_at(3600 * 2 + 60, noon) == "14:01"
    assert done_at(3600 * 13, noon) == "01:00 on 2027-01-01"
    assert done_at(1e18, noon).endswith(" on 2058-09-08")
