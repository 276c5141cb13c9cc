"""What a training has cost, over all processes that it took."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from tfgan_losses.run_files.atomic import atomic_path


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attempt:
    """One process of a training.

    Attributes:
        code: How it ended: 0 at the last step, 3 interrupted and saved, negative by a signal.
        error: Its one line of error, or an empty string.
        wall_seconds: From its start to its end, imports and the tracing of graphs included.
        cpu_seconds: Of all its threads; None where the system does not tell.
        peak_bytes: The most memory that it had at once; None where the system does not tell.
    """

    code: int
    error: str = ""
    wall_seconds: float
    cpu_seconds: float | None = None
    peak_bytes: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it came to the end."""
        return self.code == 0


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of a whole training; see `Attempt`. Seconds are sums, `peak_bytes` is the largest."""

    wall_seconds: float | None
    cpu_seconds: float | None
    peak_bytes: int | None
    attempts: int


def of_attempts(attempts: Sequence[Attempt]) -> Cost:
    """Returns what all processes of a training took; None of what one of them did not tell."""
    return Cost(
        _total([each.wall_seconds for each in attempts]),
        _total([each.cpu_seconds for each in attempts]),
        max((each.peak_bytes for each in attempts if each.peak_bytes is not None), default=None),
        len(attempts),
    )


def _total(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def read(path: Path) -> list[Attempt]:
    """Returns the processes of a training so far, the first one first; none without a file."""
    try:
        return [Attempt(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def append(path: Path, attempt: Attempt) -> None:
    """Writes down one more.

    Raises:
        OSError: If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    attempts = [dataclasses.asdict(each) for each in (*read(path), attempt)]
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(attempts, indent=1) + "\n", encoding="utf-8")
