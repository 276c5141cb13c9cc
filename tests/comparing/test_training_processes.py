import os
import signal
import subprocess
import sys
import threading
import time

import commands
import pytest

from tfgan_losses.comparing import cost, processes

LARGE = """
x = bytearray(60_000_000)
import time
end = time.process_time() + 0.3
while time.process_time() < end:
    pass
print("done")
"""
# What it is started by is small, as the command is: a process begins with the largest size of it.
SCRIPT = """
import sys
from pathlib import Path
from tfgan_losses.comparing import processes

log, ticks = Path(sys.argv[1], "logs", "a.log"), []

def run(code):
    command = [sys.executable, "-S", "-c", code]
    return processes.run(command, log, processes.Stop(), lambda: ticks.append(0))

print(repr((run(LARGE), run("print('small')"), len(ticks))))
assert "tensorflow" not in sys.modules
"""
WAITING = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
print("ready", flush=True)
time.sleep(60)
"""


def run(code, log, stop=None, **more):
    command = [sys.executable, "-S", "-c", code]
    return processes.run(command, log, stop or processes.Stop(), **more)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell")
def test_what_a_process_takes_is_its_own(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"READS_FLAGS_FIRST = True\nLARGE = {LARGE!r}\n{SCRIPT}")
    ended = commands.finish(commands.start_script(script, tmp_path, directory=tmp_path))
    assert ended.code == 0, ended.err
    large, small, ticks = eval(ended.out, {"Attempt": cost.Attempt})
    assert (large.code, large.error, small.code) == (0, "", 0)
    assert 0.3 <= large.cpu_seconds < 3 and small.cpu_seconds < large.cpu_seconds
    assert large.wall_seconds >= 0.3 and ticks
    # That of all children so far would be the same for both.
    assert large.peak_bytes - small.peak_bytes > 40_000_000
    lines = (tmp_path / "logs" / "a.log").read_text().splitlines()
    assert [line for line in lines if line in ("done", "small")] == ["done", "small"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sys; print('train: warning: x'); sys.exit('train: Too large.\\n(hint)')",
         "Too large."),
        ("raise KeyError('unforeseen')", "KeyError: 'unforeseen'"),
        ("import os; os._exit(7)", "exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
         "ended by SIGKILL, as by a system that is short of memory"),
        ("import sys; sys.exit('train: ' + 1000 * 'x')", 497 * "x" + "..."),
    ],
)  # fmt: skip
def test_a_process_that_fails_says_why_in_one_line(code, expected, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("train: an error of an earlier process\n")
    attempt = run(code, log)
    assert attempt.code != 0 and attempt.error == expected


def test_a_signal_reaches_the_process_and_is_no_error(tmp_path, capsys):
    log, stop = tmp_path / "a.log", processes.Stop()

    def end_it():
        while not log.exists() or "\nready" not in log.read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=end_it)
    with stop:
        thread.start()
        attempt = run(WAITING, log, stop)
    thread.join()
    assert (attempt.code, attempt.error, stop.received) == (3, "", signal.SIGTERM)
    assert attempt.wall_seconds < 30
    assert "SIGTERM: the running training saves and ends" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_process_that_begins_after_the_signal_ends_at_once(tmp_path):
    stop = processes.Stop()
    stop.received = signal.SIGTERM
    assert run("import time; time.sleep(60)", tmp_path / "a.log", stop).wall_seconds < 30


def test_what_is_left_does_not_outlive_the_command(tmp_path):
    def fail():
        raise RuntimeError("while it runs")

    stop, seen = processes.Stop(), []
    begin = subprocess.Popen.__init__

    def note(self, *arguments, **options):
        begin(self, *arguments, **options)
        seen.append(self)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(subprocess.Popen, "__init__", note)
        run("import time; time.sleep(60)", tmp_path / "a.log", stop, tick=fail)
    assert seen[0].wait(30) == -signal.SIGKILL
