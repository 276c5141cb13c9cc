"""Which process it is that has locked something, and whether it is alive."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
from pathlib import Path
from typing import TypedDict


class Holder(TypedDict):
    """What a lock says of the process that has made it."""

    host: str
    pid: int
    since: str
    machine: list[str]
    started: str | None
    token: str


def this_process() -> Holder:
    """Returns what tells the process that asks from all others."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.datetime.now().astimezone().isoformat(" ", "seconds"),
        "machine": machine(),
        "started": start_of(os.getpid()),
        # One process may have several locks.
        "token": os.urandom(8).hex(),
    }


def machine() -> list[str]:
    """What tells machines and containers apart, and a machine from what it was before a reboot."""
    known = [socket.gethostname()]
    with contextlib.suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        known.append(os.readlink("/proc/self/ns/pid"))
    return known


def start_of(pid: int) -> str | None:
    """Returns when a process was started, in ticks since the boot; None if it cannot be told."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie is dead, even if nobody has asked for its exit code.
    return None if state in "ZX" else fields[18]


def is_alive(holder: Holder) -> bool:
    """Returns whether a process of this machine is still there."""
    if holder["started"] is not None:
        return start_of(holder["pid"]) == holder["started"]
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
