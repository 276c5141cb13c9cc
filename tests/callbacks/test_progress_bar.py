"""The progress of a run, on terminals of any width, on dumb ones, and where nobody reads it."""

import fcntl
import io
import itertools
import os
import pty
import select
import struct
import sys
import termios
import types

import pytest
from screen import Screen

from tfgan_losses.callbacks import ProgressBar, progress_bar
from tfgan_losses.progress import Part, status_line
from tfgan_losses.progress.status_line import columns, fitted

LONG = {
    "d_real": -0.07145, "d_fake": 0.05413, "gradient_penalty": 2.418, "d_loss": -1.126e-05,
    "g_loss": -0.03294, "w_distance": -0.1256,
}  # fmt: skip


class Terminal:
    """A pseudo-terminal with a program at its one end, and at the other a screen."""

    def __init__(self, columns):
        self.screen = Screen(columns)
        self._master, slave = pty.openpty()
        self.stream = os.fdopen(slave, "w")
        self.resize(columns)

    def resize(self, columns):
        self.read()
        size = struct.pack("HHHH", 24, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        self.screen.resize(columns)

    def read(self):
        """Brings what was written so far to the screen."""
        while select.select([self._master], [], [], 0.05)[0]:
            try:
                found = os.read(self._master, 4096)
            except OSError:  # So Linux says that the program has closed its end.
                return
            self.screen.feed(found.decode().replace("\r\n", "\n"))

    def close(self):
        """Returns the rows of the screen at the end."""
        self.read()
        self.stream.close()
        os.close(self._master)
        return self.screen.lines


@pytest.fixture
def at_once(monkeypatch):
    """Every step is shown, and each takes 35 ms by this clock."""
    clock = itertools.count()
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: 0.035 * next(clock))
    monkeypatch.setattr(progress_bar, "_SECONDS_BETWEEN_REFRESHES", 0.0)


def play(bar, steps, *, logs=LONG, first=0, waiting=0.0, between=lambda step: None):
    """What Keras does with a callback, without a model that computes anything."""

    now = first
    metrics = [types.SimpleNamespace(name=name) for name in logs]
    step = types.SimpleNamespace(numpy=lambda: now)
    bar.set_model(types.SimpleNamespace(waiting_for_data=waiting, step=step, metrics=metrics))
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    for batch in range(steps):
        now += 1
        bar.on_train_batch_end(batch, dict(logs))
        between(now)
    bar.on_train_end()


@pytest.mark.parametrize("width", [10, 40, 80, 120, 200])
def test_one_line_however_narrow_the_terminal_is(width, monkeypatch, at_once):
    terminal = Terminal(width)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(395), 49)
    (line,) = terminal.close()
    shown = [part for part in ("49/395", " left", "d_loss", "g_loss", "ms/step", "d_real",
                               "d_fake", "grad", "w_dist") if part in line]  # fmt: skip
    assert len(shown) == {10: 1, 40: 3, 80: 5, 120: 8, 200: 9}[width]
    assert len(line) < width
    assert line.startswith("step 49/395" if width == 200 else "49/395")
    assert ("gradient_penalty: 2.418" in line) == (width == 200)


def test_a_window_is_resized_on_the_way(monkeypatch, at_once):
    terminal = Terminal(120)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    # One that was exported before the first change.
    monkeypatch.setenv("COLUMNS", "120")
    widths, shown = {10: 60, 20: 100, 30: 30, 40: None}, []

    def resize(step):
        if step in widths:
            terminal.read()
            shown.append(terminal.screen.lines)
            if widths[step]:
                terminal.resize(widths[step])

    play(ProgressBar(395), 40, between=resize)
    terminal.close()
    assert [len(lines) for lines in shown] == [1, 1, 1, 1]
    # Each is as full as it can be, and not wider than that.
    for (line,), width in zip(shown, (120, 60, 100, 30), strict=True):
        assert width - 25 < len(line) < width


def test_wide_letters_take_two_columns(monkeypatch, at_once):
    terminal = Terminal(40)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(30), 30, logs={"損失": 1.0, "距離の平均": 2.0, "a\u0301\u0301": 3.0})
    assert len(terminal.close()) == 1
    assert columns("損失") == 4 and columns("a\u0301\u0301") == 1


def test_no_colours(monkeypatch, at_once):
    terminal = Terminal(80)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(30), 3)
    terminal.close()
    assert terminal.screen.codes == {"K"}  # Clear to the end; those of colours end in "m".


def test_a_dumb_terminal_gets_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal(200)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(30), 30)
    lines = terminal.close()
    assert [line.split(" - ")[0] for line in lines] == ["step 1/30", "step 30/30"]
    assert not terminal.screen.codes


def test_a_notebook_gets_no_codes(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    out, screen = io.StringIO(), Screen(80)
    assert status_line.is_rewritable(out)
    line = status_line.StatusLine(out)
    # Spaces cover what was longer.
    for text in ("a long line", "a longer line", "short"):
        line.show([Part(text, text)])
    line.write_above("said")
    line.show([Part("end", "end")])
    line.end()
    screen.feed(out.getvalue())
    assert screen.lines == ["said", "end"] and not screen.codes


@pytest.mark.parametrize("kind", ["closed", "broken pipe", "letters"])
def test_what_nobody_can_read_raises_nothing(kind, monkeypatch, at_once):
    if kind == "closed":
        stream = io.StringIO()
        stream.close()
    elif kind == "broken pipe":
        reading, writing = os.pipe()
        os.close(reading)
        stream = os.fdopen(writing, "w", buffering=1)
    else:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    play(ProgressBar(100, interval=0.0), 60, logs={"損失": 1.0})
    with pytest.raises((ValueError, OSError)):
        print("損失", flush=True, file=stream)
    if kind == "broken pipe":
        # Closing it flushes what is left.
        with pytest.raises(BrokenPipeError):
            stream.close()


def test_the_time_left_is_by_the_steps_of_this_process(monkeypatch, at_once):
    """A resumed run has done 1000 steps before; each takes two seconds by this clock."""
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: next(clock))
    terminal = Terminal(80)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(1020), 10, first=1000)
    (line,) = terminal.close()
    assert "1010/1020 - 0:20 left" in line and "2e+03 ms/step" in line


@pytest.fixture
def each(monkeypatch):
    """Sets what a step takes by the clock, and names the time of the day at which all is done."""
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress_bar, "done_at", lambda seconds: f"<{seconds:.0f} s from now>")

    def of(seconds):
        def pass_time(step):
            now[0] += seconds(step) if callable(seconds) else seconds

        return pass_time

    return of


def forecasts(capsys, bar, steps, between, **arguments):
    play(bar, steps, between=between, **arguments)
    return [line for line in capsys.readouterr().out.splitlines() if "About" in line]


def test_after_some_steps_a_line_says_how_long_the_rest_takes(each, capsys):
    every = {"picture": 1000, "checkpoint": 5000}
    # 20 s: 40 steps after the first.
    bar = ProgressBar(10_000, every=every, minutes=10)
    assert forecasts(capsys, bar, 60, each(0.5)) == [
        "About 83 min left, until <4980 s from now>: 2 steps/s, 1:24 h for all 10,000 steps; "
        "next picture at step 1000 (in 8 min); next checkpoint within 10 min."
    ]
    # No more than it takes: nothing comes before the end of a short run.
    assert forecasts(capsys, ProgressBar(100, every=every), 60, each(0.5)) == [
        "About 30 s left, until <30 s from now>: 2 steps/s, 0:01 h for all 100 steps."
    ]
    # A resumed run: the hours are those of all of it.
    assert forecasts(capsys, ProgressBar(2001, every=every), 60, each(0.5), first=1010) == [
        "About 8 min left, until <475 s from now>: 2 steps/s, 0:17 h for all 2,001 steps; "
        "next picture at step 2000 (in 8 min)."
    ]
    assert forecasts(capsys, ProgressBar(30), 30, each(0.5)) == []


def test_fifty_steps_are_enough_for_a_forecast(each, capsys):
    assert forecasts(capsys, ProgressBar(90_051), 50, each(0.001)) == []
    assert forecasts(capsys, ProgressBar(90_051), 60, each(0.001)) == [
        "About 90 s left, until <90 s from now>: 1,000 steps/s, 0:02 h for all 90,051 steps."
    ]


def test_what_was_foretold_is_told_again_if_it_was_wrong(each, capsys):
    # From step 100 on each hundredth is measured, which takes as long as 100 steps.
    measured = each(lambda step: 0.5 + 50 * (step % 100 == 0))
    told = forecasts(capsys, ProgressBar(3000), 1000, measured)
    assert [line.split(",")[0] for line in told] == ["About 25 min left", "About 47 min left"]
    # What comes but once, such as real examples that are read, changes nothing.
    once = each(lambda step: 0.5 + 200 * (step == 100))
    assert len(forecasts(capsys, ProgressBar(3000), 1000, once)) == 1


def test_what_was_foretold_stands_until_twice_as_many_steps_are_measured(each, capsys):
    def slower(step):
        return 0.5 if step < 50 else 5.0

    assert len(forecasts(capsys, ProgressBar(3000), 75, each(slower))) == 1
    assert len(forecasts(capsys, ProgressBar(3000), 90, each(slower))) == 2


def test_the_compilation_of_the_second_execution_is_not_taken_for_steps(each, monkeypatch):
    terminal = Terminal(80)
    monkeypatch.setattr("sys.stdout", terminal.stream)
    play(ProgressBar(110), 10, between=each(lambda step: 30.0 if step == 1 else 1.0))
    assert "10/110 - 1:40 left" in terminal.close()[-1]


def test_executions_of_many_steps_are_measured_by_their_steps(each, capsys):
    bar = ProgressBar(10_000, interval=0)
    pass_time = each(10.0)
    step = types.SimpleNamespace(numpy=lambda: 0)
    bar.set_model(types.SimpleNamespace(waiting_for_data=0.0, step=step, metrics=[]))
    bar.on_train_begin()
    for execution in range(1, 5):
        bar.on_train_batch_end(100 * execution - 1, {})
        pass_time(execution)
    out = capsys.readouterr().out.splitlines()
    # No forecast by one wait, in which another execution may have been compiled.
    assert out[0].startswith("step 100/10000") and out[1].startswith("step 200/10000 - 16:20 left")
    assert out[2].startswith("About 16 min left, until <970 s from now>: 10 steps/s, 0:17 h for")


def test_a_file_gets_a_hundred_lines_however_long_a_run_is(each, capsys):
    def count():
        return len([x for x in capsys.readouterr().out.splitlines() if x.startswith("step ")])

    play(ProgressBar(1000, interval=60), 1000, between=each(100.0))
    assert 95 < count() < 105
    play(ProgressBar(1000, interval=60), 1000, between=each(1.0))
    assert 15 < count() < 20


def test_the_time_of_all_parts_is_told_where_it_is_known(each, capsys):
    bar = ProgressBar(100, part="scale 2/8", after=lambda seconds: 1000 * seconds, interval=0)
    play(bar, 60, between=each(1.0))
    out = capsys.readouterr().out
    assert "scale 2/8 step 10/100 - 1:30 left - 18:10 left in all" in out
    assert "left of scale 2/8, until <79 s from now>: 1 steps/s" in out
    assert "; 18 min left in all, until <1079 s from now>." in out
    play(ProgressBar(100, after=lambda seconds: None, interval=0), 60, between=each(1.0))
    assert "in all" not in capsys.readouterr().out


@pytest.mark.parametrize(("share", "told"), [(None, False), (0.01, False), (0.4, True)])
def test_waiting_for_data_is_told_where_it_is_much(each, capsys, share, told):
    (line,) = forecasts(capsys, ProgressBar(100), 60, each(1.0), waiting=share)
    assert ("100 steps (40% of the time waiting for data)." in line) == told


def test_the_first_part_is_cut_if_even_that_is_too_long():
    parts = [Part("step 123/4567", "123/4567"), Part("left", "left")]
    assert [fitted(parts, width) for width in (-1, 0, 5, 8, 14, 15, 20)] == [
        "", "", "123/4", "123/4567", "123/4567", "123/4567 - left", "step 123/4567 - left"
    ]  # fmt: skip
