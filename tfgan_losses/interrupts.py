"""How a command ends when it is told to, or when nobody reads it any more. Without TensorFlow."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, TextIO, TypeAlias

EXIT_CODE = 3

# What `signal.signal` gives back.
Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None

# A key, a scheduler, a dropped connection, Slurm's --signal, a limit of time.
SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU")
    if hasattr(signal, name)
)

_SECONDS_OF_THE_MAIN_THREAD = 0.2

_leaving: list[Callable[[], None]] = []


def not_ignored(numbers: Iterable[int]) -> list[int]:
    """Returns the signals that are not ignored: `nohup` wants SIGHUP to be ignored all along."""
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


@contextlib.contextmanager
def unanswered() -> Iterator[None]:
    """Lets signals end the process without a word, where a library holds Python's lock."""
    handlers: dict[int, Handler] = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {n: signal.signal(n, signal.SIG_DFL) for n in not_ignored(SIGNALS)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextlib.contextmanager
def leaving(action: Callable[[], None]) -> Iterator[None]:
    """Does something at the end of the block, also where a signal ends the process in it."""
    _leaving.append(action)
    try:
        yield
    finally:
        _leave()


def _leave() -> None:
    with contextlib.suppress(IndexError):
        _leaving.pop()()


class Interrupts:
    """Answers signals at once while a command runs, with one line and never a traceback.

    Where there is nothing to save, as during imports, the process ends with code 3. Where somebody
    else handles a signal (the `StopOnSignal` of a training), that one's `answer` is called, even
    while TensorFlow compiles or computes and Python's handlers wait; a second Ctrl-C ends the
    process there, too.

    An output that nobody reads any more, as after `| head`, ends the process in the same way, as
    the signal SIGPIPE, and what is printed from then on goes to the other output.

    Args:
        program: What the lines begin with.
    """

    def __init__(self, program: str):
        self._program = program
        self._previous: dict[int, Handler] = {}
        self._answered = False
        self._ends = threading.Lock()

    def __enter__(self) -> Interrupts:
        self._streams = sys.stdout, sys.stderr
        sys.stderr = _Output(sys.stderr)
        sys.stdout = _Output(sys.stdout, instead=sys.stderr, when_lost=self._handle_lost_output)
        if threading.current_thread() is threading.main_thread():
            self._receiver, self._sender = socket.socketpair()
            self._sender.setblocking(False)
            self._wakeup = signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
            self._previous = {n: signal.signal(n, self._handle) for n in not_ignored(SIGNALS)}
            threading.Thread(target=self._listen, args=(self._receiver,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is KeyboardInterrupt:
            self._end(signal.SIGINT)
        sys.stdout, sys.stderr = self._streams
        if not self._previous:
            return
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        signal.set_wakeup_fd(self._wakeup)
        self._sender.close()

    def _listen(self, receiver: socket.socket) -> None:
        """Sees every signal at once: Python's handlers wait for the end of a call of TensorFlow."""
        with receiver:
            while numbers := receiver.recv(1):
                number = numbers[0]
                owner = getattr(signal.getsignal(number), "__self__", None)
                if self._answered and number == signal.SIGINT:
                    self._end(number)
                elif owner is None or owner is self:
                    # If the main thread runs, it does this itself, between two of its own acts.
                    time.sleep(_SECONDS_OF_THE_MAIN_THREAD)
                    self._end(number)
                else:
                    self._answered = True
                    owner.answer(number)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._end(number)

    def _handle_lost_output(self) -> None:
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler):
            handler(signal.SIGPIPE, None)

    def _end(self, number: int) -> None:
        self._ends.acquire()  # Whoever comes second waits until the process is gone.
        name = signal.Signals(number).name
        if number == signal.SIGPIPE:
            name += ", as nobody reads the output"
        saved = "What was written before is whole." if self._answered else "Nothing was to save."
        with contextlib.suppress(OSError):
            os.write(2, f"\n{self._program}: Ended by {name}. {saved}\n".encode())
        while _leaving:
            with contextlib.suppress(OSError):
                _leave()
        os._exit(EXIT_CODE)


class _Output:
    """A stream that does not fail where nobody reads it, or its disk is full."""

    def __init__(
        self,
        stream: TextIO,
        *,
        instead: _Output | None = None,
        when_lost: Callable[[], None] = lambda: None,
    ):
        self._stream: TextIO | _Output = stream
        self._instead, self._when_lost = instead, when_lost
        self._is_lost = False

    def write(self, text: str) -> int:
        """Writes, and shows a line as soon as it is whole, also in a file."""
        try:
            self._stream.write(text)
            if "\n" in text:
                self._stream.flush()
        except OSError:
            self._lose(text)
        return len(text)

    def flush(self) -> None:
        """Shows what was written."""
        try:
            self._stream.flush()
        except OSError:
            self._lose("")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _lose(self, text: str) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        nowhere = open(os.devnull, "w")  # noqa: SIM115
        with contextlib.suppress(OSError, ValueError):
            # What the stream still holds would fail once more at the end of Python.
            os.dup2(nowhere.fileno(), self._stream.fileno())
        self._stream = self._instead or nowhere
        self._stream.write(text)
        self._when_lost()
