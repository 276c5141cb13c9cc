"""Does each registered metric rank what it should: spoilt digits, and a generator early and late.

    python benchmarks/metric_ranking.py
    python benchmarks/metric_ranking.py --write
    python benchmarks/metric_ranking.py --metrics=frechet,class_coverage --late=200

Half of the real 8x8 digits are the training set, the other half is what a perfect generator would
make; spoilt in several ways, beside copies of the training set, and samples of a small conditional
GAN, trained with the training set, after few and after many steps. Features and logits are those
of a small network that tells the classes (`parts/digit_judge.py`). A metric that cannot be had
without options, or measured here, is named with its reason. --write puts the table into
docs/metrics/ranking.md; it is printed in any case.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import numpy as np
from parts import digit_judge, digit_training
from parts.degradations import FLOOR, Digits, degraded

from tfgan_losses import datasets, metrics
from tfgan_losses.metrics import Estimate, FeatureSet, GeneratorMetric
from tfgan_losses.metrics.base import Estimates

_PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics" / "ranking.md"
_MARKS = "<!-- ranking -->\n", "<!-- /ranking -->"
_ERRORS = 2  # Of a difference, from which on it counts as seen.


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of a metric, of everything that is compared.

    Attributes:
        name: Of the number.
        best: `"min"` or `"max"`.
        estimates: By what was measured.
    """

    name: str
    best: str
    estimates: dict[str, Estimate]

    def sees(self, thing: str) -> bool:
        """Whether this is worse than fresh data by more than two errors of the difference."""
        if FLOOR not in self.estimates:
            return False
        floor, found = self.estimates[FLOOR], self.estimates[thing]
        worse = found.value - floor.value if self.best == "min" else floor.value - found.value
        return worse > _ERRORS * np.hypot(floor.standard_error or 0, found.standard_error or 0)


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    training, fresh = halves(args.seed)
    extract = extractor(args.output_dir)
    things = degraded(training, fresh, args.seed)
    things |= generated(training, len(fresh.labels), args)
    sets = {name: describe(digits, extract) for name, digits in things.items()}
    rows, skipped = measure(args.metrics, describe(training, extract), sets)
    settings = {
        "seed": args.seed,
        "training examples": len(training.labels),
        "examples measured": len(fresh.labels),
    }
    text = table(settings, list(sets), rows, skipped)
    print(text)
    if args.write:
        write(text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--metrics", type=command_line.names, default=metrics.names())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--early", type=int, default=100, help="steps of the generator")
    parser.add_argument("--late", type=int, default=2500, help="steps of the generator")
    parser.add_argument("--write", action="store_true", help="into docs/metrics/ranking.md")
    parser.add_argument("--output_dir", type=Path, default=Path("runs/benchmark_digits"))
    return parser.parse_args(arguments)


def halves(seed: int) -> tuple[Digits, Digits]:
    """Returns two random halves of the real digits."""
    everything = Digits(*datasets.load("digits").take(10_000))
    order = np.random.default_rng(seed).permutation(len(everything.labels))
    first, second = np.array_split(order, 2)
    return everything.at(first), everything.at(second)


def generated(training: Digits, count: int, args: argparse.Namespace) -> dict[str, Digits]:
    """Returns samples of a GAN after few and after many steps, evenly of all classes."""
    source = datasets.load("digits")
    setting = digit_training.Setting(steps=args.late)
    keras.utils.set_random_seed(args.seed)
    gan = digit_training.build_gan("cgan", setting, source, args.seed)
    labels = np.arange(count) % source.num_classes
    found = {}
    for steps in (args.early, args.late):
        left = steps - int(gan.step)
        batches = repeated(training, setting.batch_size * gan.d_steps * left, args.seed + left)
        gan.fit(*batches, batch_size=setting.batch_size * gan.d_steps, verbose=0)
        images = np.asarray(gan.generate(count, seed=args.seed, labels=labels))
        found[f"GAN, {steps} steps"] = Digits(images, labels)
    return found


def repeated(digits: Digits, count: int, seed: int) -> Digits:
    """Returns so many of them, pass after pass in another order."""
    rng = np.random.default_rng(seed)
    passes = -(-count // len(digits.labels))
    rows = np.concatenate([rng.permutation(len(digits.labels)) for _ in range(passes)])
    return digits.at(rows[:count])


def extractor(directory: Path) -> keras.Model:
    """Returns the network of the judge of a directory, with features and logits as outputs."""
    path = digit_training.judge_path(directory)
    digit_judge.load(path, None)
    network = keras.models.load_model(path)
    outputs = [network.get_layer("features").output, network.outputs[0]]
    return keras.Model(network.inputs[0], outputs)


def describe(digits: Digits, extract: keras.Model) -> FeatureSet:
    """Returns what metrics see of digits."""
    images = np.rint((np.clip(digits.images, -1, 1) + 1) * 127.5).astype(np.uint8)
    features, logits = map(np.asarray, extract(images.astype(np.float32) / 127.5 - 1))
    return FeatureSet(features, logits, digits.labels, images)


def measure(
    names: list[str], real: FeatureSet, sets: dict[str, FeatureSet]
) -> tuple[list[Row], dict[str, str]]:
    """Returns the rows, and why there is no number of some metrics of some sets."""
    rows, skipped = [], {}
    for name in names:
        try:
            metric = metrics.get(name)
        except ValueError as error:
            skipped[name] = str(error)
            continue
        found = {}
        for thing, examples in sets.items():
            try:
                found[thing] = metric.measure(real, examples)
            except ValueError as error:
                skipped[f"{name}, {thing}"] = str(error)
        rows.extend(rows_of(metric, found))
    return rows, skipped


def rows_of(metric: GeneratorMetric, found: dict[str, Estimates]) -> Iterator[Row]:
    for name, best in metric.best.items():
        yield Row(name, best, {thing: estimates[name] for thing, estimates in found.items()})


def table(
    settings: dict[str, int], things: list[str], rows: list[Row], skipped: dict[str, str]
) -> str:
    """Returns Markdown, one line for each number."""
    lines = [
        command_line.header(settings),
        f"| number | best | {' | '.join(things)} |",
        f"|:--|:--|{'--:|' * len(things)}",
    ]
    for row in rows:
        cells = [cell(row, thing) for thing in things]
        lines.append(f"| {row.name} | {row.best} | {' | '.join(cells)} |")
    lines += [f"\nNot measured: {name}. {reason}" for name, reason in skipped.items()]
    return "\n".join(lines) + "\n"


def cell(row: Row, thing: str) -> str:
    if thing not in row.estimates:
        return ""
    text = str(row.estimates[thing])
    return f"**{text}**" if row.sees(thing) else text


def write(text: str) -> None:
    before, rest = _PAGE.read_text().split(_MARKS[0])
    after = rest.split(_MARKS[1])[1]
    _PAGE.write_text(before + _MARKS[0] + text + _MARKS[1] + after)


if __name__ == "__main__":
    main()
