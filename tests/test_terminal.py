"""The command in a terminal of its own, narrow as windows are."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import commands
import pytest
from callbacks.screen import Screen

pytestmark = pytest.mark.slow
STEPS = 60


def run(directory, columns, *flags):
    """Runs `python train.py` in a terminal; returns its exit code and the screen."""
    arguments = ["train.py", f"--data_dir={commands.data_dir()}", *flags]
    variables = commands.environment(TERM="xterm-256color")
    commands.workplace(directory)
    # Not pty.fork(): what the tests of a worker have taken of the memory may not be there twice.
    terminal, other_end = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=directory,
        env=variables,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
    )
    os.close(other_end)
    written = b""
    while True:
        try:
            written += os.read(terminal, 65536)
        except OSError:  # So Linux says that nobody writes any more.
            break
    os.close(terminal)
    screen = Screen(columns)
    screen.feed(written.decode().replace("\r\n", "\n"))
    return process.wait(), screen


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_training_takes_one_line(tmp_path, columns):
    flags = ("--dataset=ring8", "--gan_type=gan", "--width=8", f"--steps={STEPS}")
    code, screen = run(tmp_path, columns, *flags)
    assert code == 0
    assert len([line for line in screen.lines if f"/{STEPS}" in line]) == 1
    assert len([line for line in screen.lines if line.startswith("About ")]) == 1
    assert screen.codes == {"K"}
    assert not [line for line in screen.lines if "oneDNN" in line or "InitializeLog" in line]


def test_a_refusal_takes_the_place_of_an_open_line(tmp_path):
    rates = ("--g_learning_rate=1e30", "--d_learning_rate=1e30")
    code, screen = run(tmp_path, 80, "--dataset=ring8", "--gan_type=gan", "--width=8", *rates)
    assert code == 1
    assert [line for line in screen.lines if line.startswith("train.py: Training has diverged")]
