"""Networks of papers at reduced width, at equal processor time: MNIST at 32 pixels, digits.

    python benchmarks/network_table.py --dataset=mnist --data_dir=...
    python benchmarks/network_table.py --image_size=8 --methods=sagan,biggan --minutes=4
    python benchmarks/network_table.py --table_only --write

Every row trains for the same processor time, measured on its own first steps, which decide the
number of steps of the run; so a step of 5 discriminator updates does not count as one of 1. FD:
Fréchet distance of 5000 samples, in the features of the classifier that the library trains on the
data, to 10 000 images (of MNIST the test images, of the digits those trained on). Right: share of
samples of which the classifier sees the class that was asked for; it is told below how often it is
right about real images. Each row has the objective, the optimiser and the normalisation of its
recipe, but for what `benchmarks/parts/network_methods.py` changes, such as the width.

Results, resuming and --jobs are as in mixtures.py. --write puts the table into docs/results.md.
"""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

import numpy as np
from parts import command_line, sheets, tables
from parts.marks import write_between_marks
from parts.network_methods import METHODS
from parts.network_training import SAMPLES, Setting, load, real_features, train
from parts.result_files import Key, ResultFile, plain, read_samples
from parts.trainings import train_missing

from tfgan_losses.metrics import class_accuracy

_COLUMNS = {"distance": 2, "right": 1, "steps": 0, "minutes": 1}  # and digits after the point
_PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    setting = Setting(minutes=args.minutes, batch_size=args.batch_size, image_size=args.image_size)
    keys = all_keys(args, setting)
    file = ResultFile(args.output_dir / "results.jsonl")
    # Before other processes: the classifier is trained once.
    real = real_features(args.dataset, setting.image_size, args.data_dir)
    accuracy = class_accuracy(real.logits, real.labels).value
    if not args.table_only:
        one = functools.partial(train, directory=args.output_dir, data_dir=args.data_dir)
        train_missing(file, keys, one, args.jobs)
    text = table(args, setting, keys, file, accuracy)
    tables.write(args.output_dir / f"table-{args.dataset}.md", text)
    write_picture(args, setting, keys, file)
    if args.write:
        write_between_marks(_PAGE, f"networks, {args.dataset}", text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--dataset", default="digits", help="images with labels, such as mnist")
    parser.add_argument("--methods", type=command_line.names, default=list(METHODS))
    parser.add_argument("--seeds", type=lambda x: [int(y) for y in x.split(",")], default=[0])
    parser.add_argument("--minutes", type=float, default=Setting.minutes, help="processor time")
    parser.add_argument("--batch_size", type=int, default=Setting.batch_size)
    parser.add_argument("--image_size", type=int, default=Setting.image_size, help="pixels")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--table_only", action="store_true", help="train nothing")
    parser.add_argument("--output_dir", type=Path, default=Path("runs/benchmark_networks"))
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its files")
    parser.add_argument("--write", action="store_true", help="into docs/results.md")
    args = parser.parse_args(arguments)
    unknown = sorted(set(args.methods) - set(METHODS))
    if unknown:
        parser.error(f"Expected methods among {', '.join(METHODS)}. Received: methods={unknown}")
    return args


def all_keys(args: argparse.Namespace, setting: Setting) -> list[Key]:
    """Returns one key per training; what is in it, names included, says what is trained anew."""
    return [
        {
            "gan_type": name,
            "dataset": args.dataset,
            "seed": seed,
            "setting": plain(setting),
            "method": plain(METHODS[name]),
            "row": plain(METHODS[name].recipe),
        }
        for seed in args.seeds
        for name in args.methods
    ]


def table(
    args: argparse.Namespace,
    setting: Setting,
    keys: list[Key],
    file: ResultFile,
    accuracy: float,
) -> str:
    """Returns Markdown: mean ± standard error over the seeds."""
    settings = {**plain(setting), "seeds": args.seeds, "jobs": args.jobs}
    lines = [
        tables.header(settings, keys, file),
        f"{SAMPLES} samples. The classifier is right about {100 * accuracy:.1f} % of real ones.\n",
        "| network | width | FD | right, % | steps | minutes | parameters, G + D |",
        f"|:--|{'--:|' * 6}",
    ]
    for name in args.methods:
        results = [file.get(key) for key in keys if key["gan_type"] == name]
        cells = tables.cells(results, _COLUMNS)
        sizes = [
            f"{x['g_parameters']:,} + {x['d_parameters']:,}" for x in results if x and "steps" in x
        ]
        lines.append(
            f"| {name} | {METHODS[name].width} | {' | '.join(cells)} | {(sizes or ['-'])[0]} |"
        )
    return "\n".join(lines) + "\n"


def write_picture(
    args: argparse.Namespace, setting: Setting, keys: list[Key], file: ResultFile
) -> None:
    """Draws the first samples of the first seed below real images; labels go from 0 to 9, twice."""
    images, labels = load(args.dataset, setting.image_size, args.data_dir).take(1000)
    order = np.argsort(np.asarray(labels), kind="stable")
    firsts = order[np.searchsorted(np.asarray(labels)[order], np.arange(10))]
    strips: dict[str, np.ndarray | None] = {"real": images[np.tile(firsts, 2)]}
    for key in keys:
        if key["seed"] != args.seeds[0]:
            continue
        outcome = file.outcome(key)
        samples = read_samples(args.output_dir, key) if outcome == "trained" else None
        title = key["gan_type"]
        strips[title if samples is not None else f"{title}: {outcome}"] = samples
    path = args.output_dir / f"networks-{args.dataset}.png"
    sheets.write_strips(path, strips)
    print(f"Picture: {path}")


if __name__ == "__main__":
    main()
