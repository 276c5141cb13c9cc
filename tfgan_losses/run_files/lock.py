"""One process at a time in the directory of a run."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

# Seconds between two signs of life, and without one until a process of another machine counts as
# dead. The library itself may hold Python back for the ten minutes of --worker_timeout.
HEARTBEAT = 30.0
DEAD_AFTER = 600.0

_NAME = "lock"


class Holder(TypedDict):
    """What a lock says of the process that has made it."""

    host: str
    pid: int
    since: str
    machine: list[str]
    started: str | None
    token: str


class RunLock:
    """Keeps every other process out of a directory, as long as this one holds it.

    A file `lock` in it says who holds it, on which host and since when. A process that is dead
    holds nothing. On its own machine that is seen at once, by its number and the time of its
    start; from another one, as on a shared file system, by the file's time of change, which a
    thread renews every 30 seconds: it counts as dead after 10 minutes without.

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
        for _ in range(3):  # An unused parent may just be removed by another process.
            with contextlib.suppress(FileNotFoundError):
                directory.parent.mkdir(parents=True, exist_ok=True)
                directory.mkdir(exist_ok=not new)
                break
        self._made = missing

    def _remove_what_was_made(self) -> None:
        with contextlib.suppress(OSError):
            for path in self._made:
                path.rmdir()
        self._made = []

    def _take(self) -> None:
        own = self.path.with_name(f"unfinished_{_NAME}_{os.getpid()}_{threading.get_ident()}")
        try:
            self._own_text = json.dumps(_this_process(), indent=1) + "\n"
            own.write_text(self._own_text, encoding="utf-8")
            # The clock of the file system, which may be that of another machine.
            now = own.stat().st_mtime
            with _alone_in(self.path.parent):
                self._check_free(now)
                os.replace(own, self.path)
        finally:
            own.unlink(missing_ok=True)

    def _check_free(self, now: float) -> None:
        try:
            silent = max(now - self.path.stat().st_mtime, 0.0)
            found: Holder = json.loads(self.path.read_text(encoding="utf-8"))
            here = found["machine"] == _machine()
            alive = _is_alive(found) if here else silent < DEAD_AFTER
            holder: Holder | None = found
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):
            # Torn by a kill, or just being written.
            holder, here, alive = None, False, silent < DEAD_AFTER
        if alive:
            who = _text(holder, here) if holder else "somebody has locked"
            signs = (
                ""
                if here
                else (
                    f". Its last sign of life came {silent:.0f} s ago; without another one within "
                    f"{DEAD_AFTER - silent:.0f} s it counts as dead"
                )
            )
            raise ValueError(
                "Expected a directory that no other process works in. "
                f"Received: directory={str(self.path.parent)!r}, which {who}{signs}"
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


def _this_process() -> Holder:
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.datetime.now().astimezone().isoformat(" ", "seconds"),
        "machine": _machine(),
        "started": _start_of(os.getpid()),
        # One process may have several locks.
        "token": os.urandom(8).hex(),
    }


def _machine() -> list[str]:
    """What tells machines and containers apart, and a machine from what it was before a reboot."""
    known = [socket.gethostname()]
    with contextlib.suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        known.append(os.readlink("/proc/self/ns/pid"))
    return known


def _start_of(pid: int) -> str | None:
    """Returns when a process was started, in ticks since the boot; None if it cannot be told."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie is dead, even if nobody has asked for its exit code.
    return None if state in "ZX" else fields[18]


def _is_alive(holder: Holder) -> bool:
    if holder["started"] is not None:
        return _start_of(holder["pid"]) == holder["started"]
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _text(holder: Holder, here: bool) -> str:
    if here and holder["pid"] == os.getpid():
        return f"this process has held since {holder['since']}"
    return f"process {holder['pid']} on {holder['host']} has held since {holder['since']}"
