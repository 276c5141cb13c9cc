"""How long the scales take that are still to come."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tfgan_losses.pyramid.plan import Plan


class TimeLeft:
    """Foretells the finer scales by the ones that have been measured.

    A step takes a time of its own and one for each pixel and product of channels; two scales are
    measured before that is known. Between two scales networks are built, compiled and written.

    Args:
        plan: Of the pyramid.
    """

    def __init__(self, plan: Plan):
        sizes = zip(plan.scales.sizes, plan.widths, strict=True)
        self._work = [float(height * width * channels**2) for (height, width), channels in sizes]
        self._steps = plan.steps
        self._seconds: dict[int, float] = {}
        self._between: list[float] = []
        self._latest = 0.0

    def after(self, scale: int) -> Callable[[float], float | None]:
        """Returns what maps the seconds of one step of a scale to those of all later scales."""

        def foretell(seconds: float) -> float | None:
            now = time.monotonic()
            if self._seconds and scale not in self._seconds:
                self._between.append(now - self._latest)
            self._latest = now
            self._seconds[scale] = seconds
            to_come = self._work[scale + 1 :]
            if len(self._seconds) < 2 or not to_come:
                return None
            of_steps = self._steps * sum(max(self._of(work), seconds) for work in to_come)
            return of_steps + len(to_come) * float(np.mean(self._between))

        return foretell

    def _of(self, work: float) -> float:
        """The seconds of a step with so much work, on the line through those measured."""
        known = [self._work[scale] for scale in self._seconds]
        slope, start = np.polyfit(known, list(self._seconds.values()), 1)
        return float(start + slope * work)
