"""The sections of the report below its first table."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from tfgan_losses.comparing import leaderboard
from tfgan_losses.comparing.charts import Line, line_chart
from tfgan_losses.comparing.markup import NOTHING, escaped, mebibytes, number, row, swatch, table
from tfgan_losses.comparing.results import Results, RunResult

_LONGEST = 90  # Of a value: all of it stands in report.json.
_LOSSES = ("d_loss", "g_loss")
_WORDS = {"d_loss": "discriminator", "g_loss": "generator"}


def samples(results: Results) -> str:
    """Returns the pictures of the first seed side by side, and those of the others folded."""
    names = leaderboard.order(results)
    first = [_picture(results, name, 0) for name in names]
    if not any(first):
        return ""
    real = f"<figure>{results.real_picture}<figcaption><b>real data</b></figcaption></figure>"
    text = (
        "<p>The same latents everywhere, the first ones of a seed, none chosen. Recipes stand in "
        "the order of the leaderboard.</p>"
        f'<div class="cells">{real}{"".join(first)}</div>'
    )
    others = "".join(
        _picture(results, name, seed) for seed in range(1, results.seeds) for name in names
    )
    if others:
        title = "Samples of the other seeds"
        text += f'<details><summary>{title}</summary><div class="cells">{others}</div></details>'
    return text


def _picture(results: Results, name: str, seed: int) -> str:
    for run in results.of(name):
        if run.job.seed == seed and run.measured and run.measured.picture:
            column = next(iter(results.columns))
            value = number(run.measured.numbers.get(column))
            caption = f"<b>{escaped(name)}</b>, seed {seed}: {escaped(_plain(column))} {value}"
            return f"<figure>{run.measured.picture}<figcaption>{caption}</figcaption></figure>"
    return ""


def curves(results: Results) -> str:
    """Returns how numbers went along the trainings: those measured on the way, then losses."""
    keys = "".join(
        f"<li>{swatch(results.gan_types.index(name))}{escaped(name)}</li>"
        for name in results.trained()
    )
    shared = "".join(_shared(results, column) for column in _measured_on_the_way(results))
    losses = "".join(_losses(results, name) for name in results.trained())
    parts = []
    if shared:
        many = " Thick: the mean of the seeds; thin: each of them." if results.seeds > 1 else ""
        parts.append(
            f"<p>Measured on the way with few samples, over steps.{many} "
            "Dotted, where it is near: one half of the real data beside the other.</p>"
            f'<ul class="keys">{keys}</ul><div class="cells charts">{shared}</div>'
        )
    if losses:
        parts.append(
            "<h3>Losses</h3><p>Each on a scale of its own: losses of different recipes do not "
            f"compare, and a lower one is no better picture.</p>{_keys_of_losses()}"
            f'<div class="cells charts">{losses}</div>'
        )
    return "".join(parts)


def _measured_on_the_way(results: Results) -> list[str]:
    """Returns the columns of tables that hold what was measured of generators."""
    names = {name for run in results.runs for row in run.rows for name in row}
    known = [name for name in results.columns if name in names]
    others = sorted(x for x in names - {*known} if "[" in x and not x.endswith("_error"))
    return [*known, *others]


def _shared(results: Results, column: str) -> str:
    lines = []
    for color, name in enumerate(results.gan_types):
        each = [run for run in results.of(name) if any(column in row for row in run.rows)]
        lines += _of_runs(each, column, color)
    lines.sort(key=lambda line: not line.thin)
    chart = line_chart(lines, f"{column} of each recipe", results.floor.get(column))
    caption = f"<b>{escaped(column)}</b>"
    return f"<figure>{chart}<figcaption>{caption}</figcaption></figure>" if chart else ""


def _losses(results: Results, name: str) -> str:
    runs = [run for run in results.of(name) if run.rows]
    lines = [line for color, column in enumerate(_LOSSES) for line in _of_runs(runs, column, color)]
    chart = line_chart(sorted(lines, key=lambda x: not x.thin), f"losses of {name}")
    caption = f"<b>{escaped(name)}</b>"
    return f"<figure>{chart}<figcaption>{caption}</figcaption></figure>" if chart else ""


def _keys_of_losses() -> str:
    items = "".join(f"<li>{swatch(i)}{_WORDS[name]}</li>" for i, name in enumerate(_LOSSES))
    return f'<ul class="keys">{items}</ul>'


def _of_runs(runs: Sequence[RunResult], column: str, color: int) -> list[Line]:
    """Returns the line of each training, thin, and their mean where several go on."""
    each = [[(row["step"], row[column]) for row in run.rows if column in row] for run in runs]
    if len(each) < 2:
        return [Line(points, color) for points in each]
    steps = sorted({step for points in each for step, _ in points})
    tables = [dict(points) for points in each]
    common = [step for step in steps if all(step in table for table in tables)]
    mean = [(step, sum(table[step] for table in tables) / len(tables)) for step in common]
    return [*(Line(points, color, thin=True) for points in each), Line(mean, color)]


def costs(results: Results) -> str:
    """Returns what each training has cost."""
    rows = []
    for run in results.runs:
        cost = run.cost
        if not cost.attempts:
            continue
        cells = [
            str(run.job.seed),
            f"{run.step:,}",
            number(cost.wall_seconds, 3),
            number(cost.cpu_seconds, 3),
            mebibytes(cost.peak_bytes),
            number(run.milliseconds_per_step, 3),
            str(cost.attempts),
        ]
        color = results.gan_types.index(run.job.gan_type)
        rows.append(row(f"{swatch(color)}{escaped(run.job.gan_type)}", cells))
    if not rows:
        return ""
    head = ["recipe", "seed", "steps", "wall s", "CPU s", "peak memory", "ms / step", "processes"]
    caption = (
        "Wall and CPU seconds of whole processes: imports, tracing, pictures and checkpoints are "
        "in them; a training that was interrupted has them of all its processes. ms / step is "
        "the median between two rows of its table, without these. Trainings ran one after the "
        "other; whatever else the machine did is in the numbers, too."
    )
    return table(head, rows, caption)


def health(results: Results) -> str:
    """Returns what was told of the health of trainings; nothing if nobody looked or all is well."""
    items = [
        f"<li><b>{escaped(run.job)}</b> <span class=warn>{escaped(sign)}</span>: "
        f"{escaped(text)}</li>"
        for run in results.runs
        for _, sign, text in run.warnings
    ]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def failures(results: Results) -> str:
    """Returns the recipes that were not trained and the trainings without numbers, and why."""
    rows = [
        row(escaped(name), [NOTHING, f'<td class="text wide">not trained: {escaped(why)}</td>'])
        for name, why in results.refused.items()
    ]
    rows += [
        row(
            escaped(run.job.gan_type),
            [str(run.job.seed), f'<td class="text wide">{escaped(run.failure)}</td>'],
        )
        for run in results.runs
        if run.failure
    ]
    if not rows:
        return ""
    caption = "They are in no mean. The same command tries them again and goes on where it can."
    return table(["recipe", "seed", "reason"], rows, caption)


def settings(results: Results) -> str:
    """Returns what it takes to do all of it again."""
    return (
        f"<pre><code>{escaped(_wrapped(results.command))}</code></pre>"
        f"<p>Data: {escaped(results.data)}.</p>"
        f"{_facts(results.measuring, 'How all were measured.')}"
        "<details><summary>Settings of all trainings; what is not here is the recipe's</summary>"
        f"{_facts(results.settings, 'Flags of <code>train</code>.')}</details>"
    )


def _facts(facts: Mapping[str, object], caption: str) -> str:
    rows = [
        row(escaped(key), [f'<td class="text wide">{escaped(_in_words(value))}</td>'])
        for key, value in facts.items()
        if value is not None
    ]
    return table([], rows, caption)


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(x)}" for key, x in value.items() if x is not None)
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _wrapped(command: str) -> str:
    """Returns a command with a flag on each line."""
    words = shlex.split(command)
    flags = [shlex.quote(word) for word in words if word.startswith("--")]
    rest = [shlex.quote(word) for word in words if not word.startswith("--")]
    return " \\\n  ".join([" ".join(rest), *flags])


def _plain(column: str) -> str:
    return column.partition("[")[0]
