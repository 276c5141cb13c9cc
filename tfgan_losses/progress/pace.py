"""How long the rest takes, by what was done so far."""

from __future__ import annotations


class Pace:
    """The mean time of a step, with all that happens between steps.

    The longest wait so far counts as the second longest: what is compiled, read or prepared once
    does not come again, and what comes again and again has been there twice.

    Args:
        done: Steps at the beginning; they count for nothing.
        now: When, in seconds of any clock.

    Attributes:
        waits: How often `reached` was called.
    """

    def __init__(self, done: int, now: float):
        self._first, self._done = done, done
        self._began, self._latest = now, now
        self._longest = self._second = 0.0
        self.waits = 0

    def reached(self, done: int, now: float) -> None:
        """Notes that so many steps are done by now."""
        took = now - self._latest
        self._second, self._longest = sorted((self._second, self._longest, took))[1:]
        self._done, self._latest = done, now
        self.waits += 1

    @property
    def steps(self) -> int:
        """Steps that it is measured by."""
        return self._done - self._first

    @property
    def gone(self) -> float:
        """Seconds since the beginning."""
        return self._latest - self._began

    @property
    def seconds(self) -> float | None:
        """Seconds of one step, or None before there was one."""
        if not self.steps:
            return None
        # Of a first wait nobody knows yet whether it comes again.
        once = self._longest - self._second if self._second else 0.0
        return (self.gone - once) / self.steps
