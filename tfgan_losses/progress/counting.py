"""How far a loop is, on one line, where it takes long enough for anybody to ask."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tfgan_losses.progress import times
from tfgan_losses.progress.pace import Pace
from tfgan_losses.progress.status_line import SEPARATOR, Part, StatusLine, is_rewritable, write

T = TypeVar("T")

# Before the first word: what takes less needs none.
_SECONDS_BEFORE = 3.0
_SECONDS_BETWEEN_REFRESHES = 0.2
# Where there is no terminal.
_SECONDS_BETWEEN_LINES = 60.0
# From so much time left on it is also said when that will be.
_SECONDS_WORTH_A_CLOCK = 600.0


def counted(
    parts: Iterable[T], total: int | None, doing: str, size: Callable[[T], int] = lambda part: 1
) -> Iterator[T]:
    """Yields the parts, and says how far they are and how long the rest takes.

    Args:
        parts: What takes time, batches for instance.
        total: How many are done in the end; None if nobody knows.
        doing: What is done, such as "drawing samples".
        size: How many a part counts for.
    """
    with Counter(total, doing) as counter:
        for part in parts:
            yield part
            counter.add(size(part))


class Counter:
    """Counts what is done, for `with`; see `counted`.

    On a terminal and in a notebook there is one line, which goes away in the end; elsewhere a line
    each minute. In the first seconds there is nothing.

    Args:
        total: How many are done in the end; None if nobody knows.
        doing: What is done.
    """

    def __init__(self, total: int | None, doing: str):
        self._total, self._doing = total, doing
        self._done = 0

    def __enter__(self) -> Counter:
        now = time.monotonic()
        self._pace, self._line = Pace(0, now), None
        rewritable = is_rewritable(sys.stdout)
        self._interval = _SECONDS_BETWEEN_REFRESHES if rewritable else _SECONDS_BETWEEN_LINES
        self._next = now + (_SECONDS_BEFORE if rewritable else _SECONDS_BETWEEN_LINES)
        self._line = StatusLine(sys.stdout) if rewritable else None
        return self

    def __exit__(self, *error: object) -> None:
        if self._line is not None:
            self._line.clear()

    def add(self, count: int) -> None:
        """Counts so many more."""
        now = time.monotonic()
        self._done += count
        self._pace.reached(self._done, now)
        if now >= self._next:
            self._next = now + self._interval
            self._show()

    def _show(self) -> None:
        total = "" if self._total is None else f" of {self._total:,}"
        count = f"{self._done:,}{total}"
        parts = [Part(f"{self._doing}: {count}", f"{self._doing} {count}"), *self._left()]
        if self._line is not None:
            self._line.show(parts)
        else:
            write(sys.stdout, f"{SEPARATOR.join(part.long for part in parts)}\n")

    def _left(self) -> list[Part]:
        each = self._pace.seconds
        if self._total is None or each is None:
            return []
        seconds = each * max(self._total - self._done, 0)
        told = [f"{times.countdown(seconds)} left"]
        if seconds >= _SECONDS_WORTH_A_CLOCK:
            told.append(f"done at {times.done_at(seconds)}")
        return [Part(text, text) for text in told]
