"""When a sign is told: after its grace, when it stays, once, and again if it comes back."""

import math

import pytest

from tfgan_losses.health import Finding, Look, Sign, Watch, read_findings
from tfgan_losses.health.record import write_findings


class High(Sign):
    name = "high"
    section = "Too high"
    remedies = ("lower it", "more of it")

    def shows(self, looks):
        return None if looks[-1].d_real is None else looks[-1].d_real > 1.0

    def evidence(self, looks):
        return f"it is {looks[-1].d_real:g}"


def told(values, **arguments):
    """The steps at which a series of values, one every 10 steps, is told."""
    watch = Watch([High()], every=10, **arguments)
    found = [watch.findings(Look(step=10 * (i + 1), d_real=x)) for i, x in enumerate(values)]
    return [finding.step for findings in found for finding in findings]


def test_is_told_once_when_it_has_stayed_after_the_grace():
    assert told([2.0] * 20) == [60]
    assert told([0.0] * 10 + [2.0] * 10) == [130]


def test_what_goes_away_at_once_is_no_news():
    assert told([0.0] * 5 + [2.0, 2.0, 0.0] * 5) == []


def test_comes_back():
    high, low = [2.0] * 5, [0.0] * 5
    assert told([*low, *high, *low, *high]) == [80, 180]
    # It has not been away.
    assert told([*low, *high, 0.0, 0.0, *high]) == [80]
    # A fourth time is no news.
    assert len(told([*low, *high] * 6)) == 3


def test_what_cannot_be_told_counts_neither_way():
    assert told([0.0] * 5 + [2.0, None, 2.0, None, None, 2.0]) == [110]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_that_are_none_tell_nothing(value):
    assert told([value] * 20) == []


def test_a_run_that_goes_on_does_not_say_it_again():
    before = [Finding(60, "high", "At step 60 ..."), Finding(70, "unknown", "")]
    assert told([2.0] * 20, told=before) == []
    assert told([0.0] * 6 + [2.0] * 5, told=before) == [90]


def test_the_line_names_evidence_remedies_and_section():
    watch = Watch([High()], every=10)
    for step in range(10, 60, 10):
        assert not watch.findings(Look(step=step, d_real=2.0))
    (finding,) = watch.findings(Look(step=60, d_real=3.0))
    assert finding == Finding(
        60,
        "high",
        "At step 60 it is 3. In this order: lower it; more of it. "
        '("Too high" in docs/my-gan-fails.md)',
    )


def test_the_file_gives_back_what_was_told(tmp_path):
    path = tmp_path / "run" / "health.csv"
    assert read_findings(path) == []
    findings = [Finding(60, "high", 'a "quoted", text; ä'), Finding(70, "low", "another")]
    write_findings(path, findings)
    assert read_findings(path) == findings
    # A kill while it is written leaves whole lines or none; a line of another kind is no finding.
    path.write_text(path.read_text() + "not a number,high,text\n80,hi")
    assert read_findings(path) == findings
