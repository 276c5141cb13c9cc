"""What TensorFlow says of its own start does not reach a person; everything else does."""

import os
import pty
import signal
import subprocess
import sys

import commands
import pytest

from tfgan_losses import notices

SCRIPT = """
READS_FLAGS_FIRST = True
import os, sys, time
from tfgan_losses import notices
notices.hide()
os.write(2, b"I0000 00:00:1795718863.464659   24217 port.cc:153] oneDNN is on.\\n")
os.write(2, b"F0000 00:00:1795718863.464659   24217 cpu.cc:3] no AVX here\\n")
print(sys.stderr.isatty(), file=sys.stderr)
os.write(2, b"last words without an end")
"""


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795718863.464659   24217 port.cc:153] oneDNN custom operations are on.",
        "I0000 00:00:1741714132.203  98 gpu_device.cc:2022] Created device /job:localhost/...",
        "W0000 00:00:1741714132.203993   98 computation_placer.cc:177] placer already registered",
        "E0000 00:00:1741714131.99   98 cuda_dnn.cc:8310] Unable to register cuDNN factory: ...",
        "E0000 00:00:1741714131.99   98 cuda_platform.cc:51] failed call to cuInit: INTERNAL",
        "To enable the following instructions: AVX2 AVX512F FMA, rebuild TensorFlow",
    ],
)
def test_notices(line):
    assert notices.is_notice(line.encode())
    assert not notices.is_notice(f"train.py: {line[:10]}".encode())


@pytest.mark.parametrize(
    "line",
    ["train.py: Unknown gan_type.", "Traceback (most recent call last):", "", "I am here",
     "E0000 00:00:1741714131.99   98 gpu.cc:8] out of memory",
     "F0000 00:00:1741714131.99   98 cpu.cc:3] no AVX here", "Killed"],
)  # fmt: skip
def test_everything_else_comes_through(line):
    assert not notices.is_notice(line.encode())


def run(script, directory, **variables):
    (directory / "script.py").write_text(script)
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=directory,
        env=commands.environment(PYTHONPATH=str(commands.ROOT), **variables),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("end", "code"),
    [("", 0), ("sys.exit('line')", 1), ("os.abort()", -signal.SIGABRT),
     ("os.kill(os.getpid(), 9)", -signal.SIGKILL), ("os._exit(3)", 3)],
)  # fmt: skip
def test_the_last_words_of_any_end_come_through(tmp_path, end, code):
    result = run(SCRIPT + end, tmp_path)
    assert result.returncode == code
    lines = sorted(result.stderr.replace("endline", "end\nline").splitlines())
    assert lines[0].endswith("cpu.cc:3] no AVX here") and "False" in lines
    assert "oneDNN" not in result.stderr and "last words without an end" in result.stderr


def test_who_asks_for_notices_sees_them(tmp_path):
    assert "oneDNN" in run(SCRIPT, tmp_path, TF_CPP_MIN_LOG_LEVEL="0").stderr


def test_python_knows_its_terminal(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=commands.environment(PYTHONPATH=str(commands.ROOT)),
        stderr=slave,
    )
    assert process.wait() == 0
    os.close(slave)
    assert b"True" in os.read(master, 4096)
    os.close(master)


def test_nothing_is_put_in_the_way_of_a_process_that_has_tensorflow():
    before = sys.stderr, os.fstat(2)
    notices.hide()
    assert (sys.stderr, os.fstat(2)) == before
