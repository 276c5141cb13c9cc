"""One process at a time in the directory of a run."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tfgan_losses.run_files.holder import Holder, is_alive, machine, this_process

# Seconds between two signs of life; without one until a process of another machine counts as dead;
# and between two looks for one.
HEARTBEAT = 30.0
DEAD_AFTER = 180.0
LOOK_EVERY = 2.0

_NAME = "lock"


class RunLock:
    """Keeps every other process out of a directory, as long as this one holds it.

    A file `lock` in it says who holds it, on which host and since when. A process that is dead
    holds nothing. On its own machine that is seen at once, by its number and the time of its
    start; from another one, as on a shared file system, by the file's time of change, which a
    thread renews every 30 seconds: it counts as dead after 3 minutes without, and whoever wants
    the lock waits that long, or until the next sign of life.

    It can be taken again by its own holder, as a nested `with`, and then is given back as often.

    Args:
        directory: The directory; made when the lock is taken, and removed with it if it is empty
            again by then.

    Attributes:
        path: The file.
    """

    def __init__(self, directory: str | os.PathLike):
        self.path = Path(directory) / _NAME
        self._holds, self._own_text = 0, ""
        self._made: list[Path] = []
        self._given_back = threading.Event()

    def __enter__(self) -> RunLock:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()

    def acquire(self, *, new: bool = False) -> None:
        """Takes the lock.

        Args:
            new: Whether the directory has to be one that is not there yet.

        Raises:
            FileExistsError: If it shall be new and is there.
            ValueError: If another process holds it, or the directory cannot be made or written to.
        """
        if not self._holds:
            try:
                self._make_directory(new)
                self._take()
            except OSError as error:
                self._remove_what_was_made()
                if new and isinstance(error, FileExistsError):
                    raise
                raise ValueError(
                    "Expected a directory that can be made and written to. "
                    f"Received: directory={str(self.path.parent)!r}: {error}"
                ) from error
            self._given_back = threading.Event()
            beat = threading.Thread(target=self._beat, args=(self._given_back,), daemon=True)
            beat.start()
        elif not self.is_own():
            raise ValueError(
                "Expected a process that gives signs of life. Received: none for "
                f"{DEAD_AFTER:.0f} s, so that another one took {str(self.path.parent)!r} over"
            )
        self._holds += 1

    def release(self) -> None:
        """Gives it back once; when nobody of this process holds it any more, others may."""
        self._holds -= 1
        if not self._holds:
            self.give_up()

    def give_up(self) -> None:
        """Gives it back, however often it was taken, and even if it is just being taken."""
        self._holds = 0
        self._given_back.set()
        if self.is_own():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self._remove_what_was_made()

    def is_own(self) -> bool:
        """Returns whether this object holds the lock; not after others took it for dead."""
        try:
            return self.path.read_text(encoding="utf-8") == self._own_text
        except OSError:
            return False

    def _make_directory(self, new: bool) -> None:
        directory = self.path.parent
        missing = [path for path in (directory, *directory.parents) if not path.exists()]
        directory.parent.mkdir(parents=True, exist_ok=True)
        try:
            directory.mkdir(exist_ok=not new)
        except FileNotFoundError:  # Another process has just given up the parent that it made.
            directory.parent.mkdir(parents=True, exist_ok=True)
            directory.mkdir(exist_ok=not new)
        self._made = missing

    def _remove_what_was_made(self) -> None:
        with contextlib.suppress(OSError):
            for path in self._made:
                path.rmdir()
        self._made = []

    def _take(self) -> None:
        first_sign = None
        while (sign := self._try()) is not None:
            if first_sign is None:
                first_sign = sign
                print(
                    f"Waiting for a sign of life of who has locked {self.path.parent}, on another "
                    f"machine, at most {DEAD_AFTER:.0f} s.",
                    file=sys.stderr,
                    flush=True,
                )
            elif sign != first_sign:
                raise ValueError(self._message(self._holder()))
            time.sleep(LOOK_EVERY)

    def _try(self) -> float | None:
        """Takes the lock, or returns when a process of another machine last gave a sign of life."""
        own = self.path.with_name(f"unfinished_{_NAME}_{os.getpid()}_{threading.get_ident()}")
        try:
            self._own_text = json.dumps(this_process(), indent=1) + "\n"
            own.write_text(self._own_text, encoding="utf-8")
            with _alone_in(self.path.parent):
                # The clock of the file system, which may be that of another machine.
                sign = self._sign_of_another(own.stat().st_mtime)
                if sign is None:
                    os.replace(own, self.path)
                return sign
        finally:
            own.unlink(missing_ok=True)

    def _sign_of_another(self, now: float) -> float | None:
        try:
            sign, holder = self.path.stat().st_mtime, self._holder()
        except FileNotFoundError:
            return None
        if holder is None or holder["machine"] != machine():
            return sign if now - sign < DEAD_AFTER else None
        if is_alive(holder):
            raise ValueError(self._message(holder))
        return None

    def _holder(self) -> Holder | None:
        """Returns who has made the lock; None if a kill has cut its file short."""
        try:
            holder: Holder = json.loads(self.path.read_text(encoding="utf-8"))
            return holder if holder.keys() >= Holder.__annotations__.keys() else None
        except (ValueError, AttributeError):
            return None

    def _message(self, holder: Holder | None) -> str:
        who = "somebody"
        if holder is not None:
            who = f"process {holder['pid']} on {holder['host']}"
            if holder["machine"] == machine() and holder["pid"] == os.getpid():
                who = "this process"
        return (
            "Expected a directory that no other process works in. Received: directory="
            f"{str(self.path.parent)!r}, which {who} has held"
            + (f" since {holder['since']}" if holder else "")
        )

    def _beat(self, given_back: threading.Event) -> None:
        while not given_back.wait(HEARTBEAT):
            with contextlib.suppress(OSError):
                if self.is_own():
                    os.utime(self.path)


@contextlib.contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Lets the processes of a machine look at a lock and take it one after the other."""
    try:
        import fcntl

        descriptor = os.open(directory, os.O_RDONLY)
    except (ImportError, OSError):  # Windows
        yield
        return
    try:
        # Not every network file system can.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
