"""What a command answers to signals and to a closed output, in processes without TensorFlow."""

import os
import signal
import subprocess
import sys
import time

import pytest

BEGIN = """
import hashlib, signal, sys, time
READS_FLAGS_FIRST = True
from tfgan_losses import interrupts

class Training:
    received = None
    def answer(self, number):
        print("answered", signal.Signals(number).name, file=sys.stderr, flush=True)
    def note(self, number, frame):
        self.received = self.received or number
    def install(self):
        for number in interrupts.not_ignored(interrupts.SIGNALS):
            signal.signal(number, self.note)

def compute():
    # As TensorFlow does: no Python runs in the main thread, and others may.
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)

training = Training()
with interrupts.Interrupts("train.py"), interrupts.leaving(lambda: print("left", flush=True)):
    print("ready", flush=True)
"""


@pytest.fixture
def start():
    started = []

    def run(body, **options):
        code = BEGIN + "".join(f"    {line}\n" for line in body.splitlines())
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        started.append(subprocess.Popen([sys.executable, "-c", code], **options))
        return started[-1]

    yield run
    for process in started:
        with process:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_where_nothing_is_to_save(start, number):
    process = start("compute()")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "left\n")
    assert err == f"\ntrain.py: Ended by {number.name}. Nothing was to save.\n"


def test_a_training_is_told_at_once_and_a_second_interrupt_ends_it(start):
    process = start("training.install()\nprint('trains', flush=True)\ncompute()")
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "trains\n"]
    for number in (signal.SIGTERM, signal.SIGHUP):  # Both come where a connection drops.
        process.send_signal(number)
        assert process.stderr.readline() == f"answered {number.name}\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "left\n")
    assert err == "\ntrain.py: Ended by SIGINT. What was written before is whole.\n"


def test_what_was_ignored_stays_ignored(start):
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    process = start("training.install()\nsys.stdin.readline()", preexec_fn=ignore, stdin=-1)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate("go\n", timeout=60)
    assert (process.returncode, out, err) == (0, "left\n", "")


PRINTS = """
while not training.received:
    print("a line")
    time.sleep(0.01)
print("saved", signal.Signals(training.received).name)
"""


@pytest.mark.parametrize("trains", [True, False])
def test_nobody_reads_the_output(start, trains):
    process = start(("training.install()" if trains else "") + PRINTS)
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "a line\n"]
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    if trains:
        # What is printed from now on goes to the other output, from the lost line on.
        assert (process.returncode, err) == (0, "a line\nsaved SIGPIPE\nleft\n")
    else:
        assert process.returncode == 3
        assert "Ended by SIGPIPE, as nobody reads the output. Nothing was to save." in err
    assert "Traceback" not in err and "Exception" not in err


def test_neither_output_is_read(start, tmp_path):
    body = "training.install()" + PRINTS + f"open({str(tmp_path / 'saved')!r}, 'w').close()"
    process = start(body, stderr=subprocess.STDOUT)
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert (tmp_path / "saved").exists()


def test_lines_of_a_file_are_there_at_once(start, tmp_path):
    with open(tmp_path / "log", "w") as log:
        start("print('a line')\ncompute()", stdout=log)
    end = time.monotonic() + 60
    while "a line\n" not in (tmp_path / "log").read_text():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_everything_is_as_before_afterwards(capfd):
    from tfgan_losses import interrupts

    def state():
        return sys.stdout, sys.stderr, [signal.getsignal(n) for n in interrupts.SIGNALS]

    before = state()
    with interrupts.Interrupts("train.py"):
        assert state() != before
        print("a line")
    assert state() == before
    assert signal.set_wakeup_fd(-1) == -1
    os.write(1, b"another\n")
    assert capfd.readouterr().out == "a line\nanother\n"
