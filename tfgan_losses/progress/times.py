"""Seconds as a person reads them."""

from __future__ import annotations

import datetime


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `1 h 50 min`, `3 days 4 h`: no more digits than a person can use.

    Args:
        seconds: At least 0.

    Examples:
        >>> from tfgan_losses import progress
        >>> progress.duration(6600)
        '1 h 50 min'
    """
    if seconds < 99.5:
        return f"{max(round(seconds), 1)} s"
    if seconds < 99.5 * 60:
        return f"{round(seconds / 60)} min"
    whole, minutes = divmod(round(seconds / 60), 60)
    if whole < 48:
        return f"{whole} h {minutes} min"
    days, whole = divmod(round(seconds / 3600), 24)
    return f"{days} days {whole} h"


def countdown(seconds: float) -> str:
    """`1:02:05`, which keeps its width while it counts down.

    Args:
        seconds: At least 0.

    Examples:
        >>> from tfgan_losses import progress
        >>> progress.countdown(3725)
        '1:02:05'
    """
    minutes, seconds = divmod(round(seconds), 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole}:{minutes:02d}:{seconds:02d}" if whole else f"{minutes}:{seconds:02d}"


def hours(seconds: float) -> str:
    """`1:50`, hours and minutes; a part of a minute is a minute.

    Args:
        seconds: At least 0.

    Examples:
        >>> from tfgan_losses import progress
        >>> progress.hours(6541)
        '1:50'
    """
    whole, minutes = divmod(-(-round(seconds) // 60), 60)
    return f"{whole}:{minutes:02d}"


def done_at(seconds: float, now: datetime.datetime | None = None) -> str:
    """The time by the clock of this machine in so many seconds, `17:05`; another day is named.

    Args:
        seconds: From now on.
        now: None for the present.
    """
    now = now or datetime.datetime.now()
    # No month is as long as what would overflow.
    then = now + datetime.timedelta(seconds=min(seconds, 1e9))
    day = "" if then.date() == now.date() else f" on {then:%Y-%m-%d}"
    return f"{then:%H:%M}{day}"
