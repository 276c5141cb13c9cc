"""Loops that say how far they are, on a terminal, in a file, and where they are left early."""

import io

import pytest
from callbacks.screen import Screen

from tfgan_losses.progress import Pace, counted, counting


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test moves on."""
    now = [100.0]
    monkeypatch.setattr(counting.time, "monotonic", lambda: now[0])
    return now


def play(monkeypatch, clock, stream, seconds, total=5000, batches=50, stop=None):
    """Counts batches of 100, each of which takes so long; returns what was yielded."""
    monkeypatch.setattr("sys.stdout", stream)
    found = []
    for number in counted(range(batches), total, "drawing samples", lambda part: 100):
        found.append(number)
        if number == stop:
            break
        clock[0] += seconds
    return found


def test_a_file_gets_a_line_each_minute(monkeypatch, clock):
    out = io.StringIO()
    assert play(monkeypatch, clock, out, 10.0) == list(range(50))
    lines = out.getvalue().splitlines()
    assert lines[0] == "drawing samples: 600 of 5,000 - 7:20 left"
    assert lines[1] == "drawing samples: 1,200 of 5,000 - 6:20 left"
    assert len(lines) == 8


def test_what_takes_long_says_when_it_is_done(monkeypatch, clock):
    monkeypatch.setattr(counting.times, "done_at", lambda seconds: f"<{seconds:.0f}>")
    out = io.StringIO()
    play(monkeypatch, clock, out, 70.0, batches=2)
    assert out.getvalue().splitlines()[0] == (
        "drawing samples: 100 of 5,000 - 57:10 left - done at <3430>"
    )


@pytest.mark.parametrize("stop", [None, 40])
def test_a_terminal_has_one_line_which_goes_away(monkeypatch, clock, stop):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    out, screen = Terminal(), Screen(80)
    play(monkeypatch, clock, out, 0.5, stop=stop)
    shown = out.getvalue()
    # Nothing in the first three seconds.
    assert shown.startswith("\rdrawing samples: 600 of 5,000 - 0:22 left")
    screen.feed(shown[: shown.rindex("\r", 0, -1)])
    assert len(screen.lines) == 1 and screen.lines[0].startswith("drawing samples: ")
    screen.feed(shown[shown.rindex("\r", 0, -1) :] + "next")
    assert screen.lines == ["next"]


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_what_is_short_says_nothing(monkeypatch, clock, stream):
    out = stream()
    play(monkeypatch, clock, out, 0.01)
    assert out.getvalue() == ""


def test_without_a_total_no_time_is_left(monkeypatch, clock):
    out = io.StringIO()
    play(monkeypatch, clock, out, 61.0, total=None, batches=1)
    assert out.getvalue() == "drawing samples: 100\n"


def test_errors_come_through(monkeypatch, clock):
    out = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)

    def failing():
        for number in range(9):
            clock[0] += 1.0
            yield number
        raise ValueError("bad file")

    with pytest.raises(ValueError, match="bad file"):
        list(counted(failing(), 20, "reading"))
    assert out.getvalue().endswith("\r\x1b[K\r")


def test_the_longest_wait_counts_as_the_second_longest():
    pace = Pace(1000, 0.0)
    assert pace.seconds is None
    pace.reached(1001, 30.0)
    assert pace.seconds == 30.0  # It may come again.
    pace.reached(1002, 31.0)
    pace.reached(1003, 32.0)
    assert (pace.seconds, pace.steps, pace.gone, pace.waits) == (1.0, 3, 32.0, 3)
    pace.reached(1004, 62.0)
    assert pace.seconds == 62.0 / 4  # It has come again.
