"""What TensorFlow and its libraries write about their own start, which tells a person nothing.

`TF_CPP_MIN_LOG_LEVEL` silences a part of it. The rest is written before anything can be set, so
that only a reader between the process and its terminal can hold it back.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
import time
from typing import NoReturn, TextIO

_STDERR = 2
# Lines as absl's library for C++ writes them, at the levels of information and warning; what
# announces them; what several plugins say of each other and of a GPU that is not there.
_NOTICE = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:[\d.]+ +\d+ [\w.]+:\d+\] "
    rb"|WARNING: All log messages before absl::InitializeLog\(\) "
    rb"|To enable the following instructions: "
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
    rb"|.*Unable to register cu\w+ factory"
    rb"|.*[Ff]ailed call to cuInit"
)
_SECONDS_TO_WAIT = 1.0


def hide() -> None:
    """Lets the rest of this process write no notices to stderr; everything else comes through.

    Who has set `TF_CPP_MIN_LOG_LEVEL` to less than 3 sees them. Call it before there are threads
    and before TensorFlow is imported; afterwards, where there is no fork, and where stderr is not
    that of the process it does nothing.
    """
    # TensorFlow reports a missing GPU as an error, and tells of every file of an export.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        return
    if "tensorflow" in sys.modules or not hasattr(os, "fork") or not _is_own(sys.stderr):
        return
    reading, writing = os.pipe()
    sys.stderr.flush()
    # A process, not a thread: what a crash writes last comes through, too, and code that waits
    # with Python's lock in its hand cannot fill the pipe.
    try:
        child = os.fork()
    except OSError:  # Of a full table of processes: notices do less harm.
        os.close(reading)
        os.close(writing)
        return
    if child == 0:
        os.close(writing)
        _pass_on(reading)
    os.close(reading)
    terminal = os.dup(_STDERR)
    os.dup2(writing, _STDERR)
    os.close(writing)
    # Python itself writes no notices, and shall know the terminal.
    sys.stderr = open(terminal, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    atexit.register(_end, child, terminal, os.getpid())


def is_notice(line: bytes) -> bool:
    """Whether a line tells a person nothing."""
    return _NOTICE.match(line) is not None


def _is_own(stream: TextIO | None) -> bool:
    if stream is None or sys.__stderr__ is None or stream is not sys.__stderr__:
        return False
    try:
        return stream.fileno() == _STDERR
    except (OSError, ValueError):
        return False


def _pass_on(reading: int) -> NoReturn:
    """What the other process does until this one has ended."""
    try:
        # Away from Ctrl-C, which is meant for the training.
        os.setsid()
        os.close(0)
        os.close(1)
        with open(reading, "rb") as lines:
            for line in lines:
                if not is_notice(line):
                    os.write(_STDERR, line)
    finally:
        os._exit(0)


def _end(child: int, terminal: int, process: int) -> None:
    """Waits until everything has come through."""
    if os.getpid() != process:  # A copy of this process.
        return
    os.dup2(terminal, _STDERR)
    deadline = time.monotonic() + _SECONDS_TO_WAIT
    # Not for ever: others may have been given the pipe.
    while os.waitpid(child, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.001)
