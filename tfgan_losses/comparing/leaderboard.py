"""The table that sorts recipes, and what may be concluded from it."""

from __future__ import annotations

import math

from tfgan_losses.comparing.markup import escaped, number, row, swatch, table, with_error
from tfgan_losses.comparing.results import Results
from tfgan_losses.comparing.statistics import can_be_told_apart, ranked

_ARROWS = {"min": "lower is better", "max": "higher is better"}


def html(results: Results) -> str:
    """Returns the conclusion and the table."""
    return f'<div class="conclusion">{conclusion(results)}</div>\n{_table(results)}'


def order(results: Results) -> list[str]:
    """Returns the recipes from the best to the worst by the first column."""
    summaries = {
        name: [results.summary(name, column) for column in results.columns]
        for name in results.trained()
    }
    return ranked(summaries, list(results.columns.values()))


def ties(results: Results) -> list[str]:
    """Returns the recipes that the first column cannot tell from the best one."""
    column, (best, *others) = next(iter(results.columns)), order(results)
    first = results.summary(best, column)
    return [
        name for name in others if can_be_told_apart(first, results.summary(name, column)) is False
    ]


def conclusion(results: Results) -> str:
    """Returns what may be said, and what not, in sentences."""
    column = next(iter(results.columns))
    names = [x for x in order(results) if not math.isnan(results.summary(x, column).mean)]
    if not names:
        return "<p>No training has come to its end yet: nothing can be said.</p>"
    best, *others = names
    summary = results.summary(best, column)
    value = with_error(summary.mean, summary.standard_error)
    text = [f"By <b>{escaped(column)}</b>, <b>{escaped(best)}</b> comes first with {value}."]
    if others:
        text.append(_of_ties(results, others))
    text.append(_of_floor(results, column, summary.mean))
    text.append(
        f"All had {results.steps:,} steps, not equal time: see the cost. "
        "This is said of these data, networks, steps and seeds, and of nothing else."
    )
    return f"<p>{' '.join(filter(None, text))}</p>"


def _of_ties(results: Results, others: list[str]) -> str:
    if results.seeds == 1:
        return (
            "With one seed nobody knows whether the order is one of recipes or of luck; "
            "<code>--seeds=3</code> says more."
        )
    tied = [name for name in ties(results) if name in others]
    told = f"{results.seeds} seeds each (Welch's test, 5 %)"
    if len(tied) == len(others):
        return f"No other recipe can be told from it by {told}."
    if tied:
        return f"{_listed(tied)} cannot be told from it by {told}; the others are behind it."
    alone = "the other recipe is" if len(others) == 1 else "all others are"
    return f"By {told}, {alone} behind it by more than seeds explain."


def _of_floor(results: Results, column: str, mean: float) -> str:
    floor = results.floor.get(column)
    if floor is None or results.columns[column] != "min" or floor <= 0:
        return ""
    text = f"One half of the real data is {number(floor)} from the other"
    if mean > floor:
        return f"{text}, so that the best is {number(mean / floor, 2)} times that floor."
    return f"{text}: below that this measure tells nothing."


def _table(results: Results) -> str:
    columns, tied = list(results.columns), ties(results)
    features = sorted({x.partition("[")[2].rstrip("]") for x in columns if "[" in x})
    head = ["recipe", *(_title(x, results) for x in columns), "seeds", "s / run", "ms / step"]
    rows = [_row(results, name, tied) for name in order(results)]
    rows += [
        row(escaped(name), [f'<td class="text soft" colspan="{len(head) - 1}">not trained</td>'])
        for name in results.refused
    ]
    floor = [number(results.floor.get(column)) for column in columns]
    foot = [row("one half of the real data beside the other", [*floor, "", "", ""])]
    caption = (
        "Mean ± standard error over seeds. Bold: best of its column. "
        + ("≈: cannot be told from the best by the first column. " if tied else "")
        + (f"Features: <code>{escaped(', '.join(features))}</code>. " if features else "")
        + f"{escaped(results.measuring['samples'])} samples of each run."
    )
    return table(head, rows, caption, foot)


def _title(column: str, results: Results) -> str:
    name, best = escaped(column.partition("[")[0]), results.columns[column]
    # A name may break after a part of it.
    return f"{name.replace('_', '_<wbr>')}<small>{_ARROWS[best]}</small>"


def _row(results: Results, name: str, tied: list[str]) -> str:
    cells = []
    for column in results.columns:
        summary = results.summary(name, column)
        cell = with_error(summary.mean, summary.standard_error)
        best = " class=best" if _is_best(results, name, column) else ""
        cells.append(f"<td{best}>{cell}</td>")
    runs = results.of(name)
    counted = sum(bool(run.measured and not run.measured.error) for run in runs)
    cells.append(f"{counted} of {len(runs)}" if counted < len(runs) else str(counted))
    seconds = [run.cost.wall_seconds for run in runs if run.measured and run.cost.wall_seconds]
    steps = [run.milliseconds_per_step for run in runs if run.milliseconds_per_step]
    cells += [number(_mean(seconds), 3), number(_mean(steps), 3)]
    mark = ' <span class="tie" title="cannot be told from the best">≈</span>'
    color = results.gan_types.index(name)
    return row(f"{swatch(color)}{escaped(name)}{mark if name in tied else ''}", cells)


def _is_best(results: Results, name: str, column: str) -> bool:
    sign = 1 if results.columns[column] == "min" else -1
    means = [sign * results.summary(other, column).mean for other in results.trained()]
    own = sign * results.summary(name, column).mean
    return own == min((x for x in means if not math.isnan(x)), default=None)


def _mean(numbers: list[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def _listed(names: list[str]) -> str:
    return ", ".join(f"<b>{escaped(name)}</b>" for name in names)
