"""One training as a process: how it is watched, told to end, and what it has cost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from tfgan_losses import interrupts
from tfgan_losses.comparing.cost import Attempt

_LOOK_EVERY = 0.1
# What `train` writes before its one line of error, and before what is none.
_PROGRAM, _WARNING = "train: ", "train: warning: "
_LONGEST = 500


class Stop:
    """Hands the signals that end a command on to the process that is running.

    As a context manager it has the handlers of the signals. The process saves what it has and
    ends; a second Ctrl-C ends it at once, and this one with it (`Interrupts`).

    Attributes:
        received: The first signal, or None.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._process: subprocess.Popen | None = None
        self._previous: dict[int, interrupts.Handler] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            numbers = interrupts.not_ignored(interrupts.SIGNALS)
            self._previous = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def answer(self, number: int) -> None:
        """Does nothing: the handler follows at once. `Interrupts` asks for this."""

    def _note(self, number: int, frame: FrameType | None) -> None:
        first = self.received is None
        self.received = self.received or signal.Signals(number)
        if first:
            name = signal.Signals(number).name
            text = f"\n{name}: the running training saves and ends (Ctrl-C ends it at once)."
            with contextlib.suppress(OSError):
                print(text, file=sys.stderr, flush=True)
        again = not first and number == signal.SIGINT
        self._send(signal.SIGKILL if again else number)

    def _send(self, number: int) -> None:
        # Not by Popen, which would look whether the process has ended, and lose what it has cost.
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    @contextlib.contextmanager
    def watching(self, process: subprocess.Popen) -> Iterator[None]:
        """Hands signals on to a process in the block, which never outlives it."""
        self._process = process
        try:
            with interrupts.leaving(process.kill):
                if self.received is not None:  # Between two processes.
                    self._send(self.received)
                yield
        finally:
            self._process = None


def run(
    command: Sequence[str], log: Path, stop: Stop, tick: Callable[[], None] = lambda: None
) -> Attempt:
    """Runs a training to its end.

    Args:
        command: Its words.
        log: What it prints is added to this file.
        stop: Hands signals on to it.
        tick: Called several times a second.

    Returns:
        How it ended, and what it took.

    Raises:
        OSError: If it cannot be started, or the log cannot be written.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with open(log, "ab") as output:
        output.write(f"$ {subprocess.list2cmdline(command)}\n".encode())
        output.flush()
        start = output.tell()
        # A session of its own: the Ctrl-C of a terminal reaches this process alone.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with stop.watching(process):
        cpu_seconds, peak_bytes = _wait(process, tick)
    code = process.returncode
    return Attempt(
        code=code,
        error="" if code in (0, interrupts.EXIT_CODE) else error_line(log, start, code),
        wall_seconds=time.monotonic() - begin,
        cpu_seconds=cpu_seconds,
        peak_bytes=peak_bytes,
    )


def _wait(process: subprocess.Popen, tick: Callable[[], None]) -> tuple[float | None, int | None]:
    """Returns CPU seconds and peak memory of this process alone, unlike RUSAGE_CHILDREN."""
    while True:
        if not hasattr(os, "wait4"):  # Windows
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_EVERY)
                return None, None
        else:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                # Kilobytes, but on macOS.
                unit = 1 if sys.platform == "darwin" else 1024
                return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit
            time.sleep(_LOOK_EVERY)
        tick()


def error_line(log: Path, start: int, code: int) -> str:
    """Returns the line in which a training said why it ended.

    Args:
        log: What it printed.
        start: From which byte on.
        code: How it ended.
    """
    if code < 0:
        number = -code
        name = signal.Signals(number).name if number in list(signal.Signals) else str(number)
        short = ", as by a system that is short of memory" if name == "SIGKILL" else ""
        return f"ended by {name}{short}"
    with open(log, "rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").replace("\r", "\n").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    own = [x for x in lines if x.startswith(_PROGRAM) and not x.startswith(_WARNING)]
    found = own[-1].removeprefix(_PROGRAM) if own else (lines or [f"exit code {code}"])[-1]
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 3]}..."
