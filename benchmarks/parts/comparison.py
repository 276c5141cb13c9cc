"""One recipe in one setting, every column timed in blocks that alternate in one process."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import keras
import numpy as np

from parts import device
from parts.arithmetic import operations
from parts.both_sides import Setting
from parts.columns import EAGER, NEEDED, TITLES, Side, Sides

FEWEST_ROUNDS = 3
_MOST_STEPS = 500
_now = time.perf_counter


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timed:
    """One column.

    Attributes:
        blocks: Seconds per step of each block.
        first: Seconds of the first call: traces, compiles, and makes a few steps.
        utilisation: Of the rate at which the device multiplies matrices; None if not known.
        peak: MiB; None where it is not measured.
    """

    blocks: Sequence[float]
    first: float
    utilisation: float | None
    peak: float | None = None

    @property
    def seconds(self) -> float:
        """Returns the median seconds per step."""
        return float(np.median(self.blocks))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The columns of one recipe in one setting.

    Attributes:
        name: Of the recipe.
        setting: What was trained.
        images: Real images of a step.
        operations: Floating point operations of a step; None if not known.
        columns: What was timed.
        reasons: Why a column was not.
    """

    name: str
    setting: Setting
    images: int
    operations: int | None
    columns: dict[str, Timed]
    reasons: dict[str, str]

    @property
    def title(self) -> str:
        """Returns what it is a comparison of."""
        s = self.setting
        return f"{self.name} {s.image_size} px, width {s.width}, batch {s.batch_size}"

    @property
    def eager(self) -> str:
        """Returns the faster of PyTorch's formats."""
        return min(EAGER, key=lambda column: self.columns[column].seconds)

    def speed(self, column: str) -> float:
        """Returns how many times as fast as eager PyTorch a column is, by the medians."""
        return self.columns[self.eager].seconds / self.columns[column].seconds

    def range_of_speed(self, column: str) -> tuple[float, float]:
        """Returns the least and most of it in neighbouring blocks."""
        eager = np.min([self.columns[name].blocks for name in EAGER], axis=0)
        ratios = eager / self.columns[column].blocks
        return float(ratios.min()), float(ratios.max())


class Budget:
    """The time that is left for some rows, and what may be expected of a column.

    Args:
        seconds: From now on; None for as long as it takes.
    """

    def __init__(self, seconds: float | None = None):
        self.end = None if seconds is None else _now() + seconds
        guess = 60.0 if device.has_gpu() else 10.0
        self._first_calls = dict.fromkeys(TITLES, guess) | dict.fromkeys(EAGER, 5.0)

    def learn(self, column: str, seconds: float) -> None:
        """Remembers how long the first call of a column took."""
        self._first_calls[column] = 1.2 * seconds

    def left(self) -> float:
        """Returns the seconds left."""
        return np.inf if self.end is None else self.end - _now()

    def share(self, rows: int) -> Budget:
        """Returns the budget of the next of so many rows."""
        own = Budget(None if self.end is None else self.left() / rows)
        own._first_calls = self._first_calls
        return own

    def allows(self, columns: Sequence[str], blocks: float) -> bool:
        """Returns whether there is time for the first calls of columns, and for blocks."""
        return sum(self._first_calls[name] for name in columns) + blocks <= self.left()


def compare(
    name: str,
    setting: Setting,
    columns: Sequence[str],
    *,
    rounds: int,
    seconds: float,
    steps: int | None = None,
    budget: Budget | None = None,
) -> Comparison:
    """Times columns beside each other.

    Args:
        name: Of the recipe.
        setting: What is trained.
        columns: Of `TITLES`; those of `NEEDED` always are there.
        rounds: Blocks of each side, if the budget allows as many.
        seconds: What a block takes, about.
        steps: Of a block, instead.
        budget: Columns that it does not allow are left out, the least important first.

    Raises:
        Exception: What a side of `NEEDED` raises.
    """
    keras.backend.clear_session()
    sides = Sides(name, setting)
    race = _Race(sides, seconds, steps, budget or Budget())
    for column in TITLES:
        if column in columns or column in NEEDED:
            race.enter(column)
    work = race.operations()
    blocks = race.run(rounds)
    timed = {
        column: Timed(
            blocks=times,
            first=race.first[column],
            utilisation=work and work / float(np.median(times)) / race.rate(column),
            peak=race.peaks.get(column),
        )
        for column, times in blocks.items()
    }
    images = sides.gan.d_steps * setting.batch_size
    return Comparison(name, setting, images, work, timed, race.reasons)


class _Race:
    """The sides that run, and what was found out before they do."""

    def __init__(self, sides: Sides, seconds: float, steps: int | None, budget: Budget):
        self._sides, self._seconds, self._steps, self._budget = sides, seconds, steps, budget
        self._running: dict[str, tuple[Side, int]] = {}
        self.first: dict[str, float] = {}
        self.peaks: dict[str, float] = {}
        self.reasons: dict[str, str] = {}

    def operations(self) -> int | None:
        """Returns those of a step, or None and notes why the graph does not tell."""
        try:
            return operations(self._sides.products)
        except ValueError as error:
            self.reasons["utilisation"] = str(error)
            return None

    def enter(self, column: str) -> None:
        """Makes a side and its first steps, or notes why not."""
        needed = column in NEEDED
        # A block of `fit` makes twice its steps.
        blocks = FEWEST_ROUNDS * 2 * self._seconds * (len(self._running) + 1)
        if twin := self._sides.twin(column):
            self.reasons[column] = f"the same as {TITLES[twin]}"
        elif needed or self._budget.allows([column], blocks):
            try:
                self._warm(column)
            except Exception as error:
                if needed:
                    raise
                self.reasons[column] = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            self.reasons[column] = "no time left"

    def _warm(self, column: str) -> None:
        start = _now()
        side = self._sides.make(column)
        side.block(1)
        self.first[column] = _now() - start
        self._budget.learn(column, self.first[column])
        if side.memory is not None:
            side.memory.reset()
        per_step = side.block(3)
        if side.memory is not None:
            self.peaks[column] = side.memory.peak()
        self._running[column] = side, self._steps or _even(self._seconds / per_step)

    def run(self, rounds: int) -> dict[str, list[float]]:
        """Returns the seconds per step of the blocks of each side."""
        blocks: dict[str, list[float]] = {column: [] for column in self._running}
        longest = 0.0
        for number in range(rounds):
            if number >= FEWEST_ROUNDS and self._budget.left() < longest:
                break
            start = _now()
            # Every other time backwards, so that a drift of the machine favours none.
            for column in blocks if number % 2 == 0 else reversed(blocks):
                side, count = self._running[column]
                blocks[column].append(side.block(count))
            longest = max(longest, _now() - start)
        return blocks

    def rate(self, column: str) -> float:
        """Returns operations per second of matrix products in the precision of a side."""
        return device.matrix_rate(self._running[column][0].precision)


def _even(count: float) -> int:
    """Returns about as many, a number that has divisors."""
    digits = 10 ** int(np.log10(max(count, 1)))
    return max(3, min(_MOST_STEPS, round(count / digits) * digits))
