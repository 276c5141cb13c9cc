"""Every gan_type on the 8x8 digits: one network, one number of steps, one batch size for all.

    python benchmarks/digits.py
    python benchmarks/digits.py --gan_types=gan,wgan-gp --seeds=0,1,2
    python benchmarks/digits.py --table_only

2000 samples each. FD: Fréchet distance to the 1797 real digits in 64 features of a small network
that was trained to tell the classes; it compares inside a table, and with the distance between two
halves of the real digits, not with an FID. Class shares: by a support vector machine; a real class
has 9.7 % to 10.2 %. A class is found from 1 % on.

All networks are DCGANs of width 16. Of a recipe the table takes the objective, the optimisers,
d_steps, the average, the kind of discriminator (labels at its input, an autoencoder, ...) and the
normalisations. A conditional GAN draws its classes evenly, so that its class shares say little
about mode collapse. Results, resuming and --jobs are as in
mixtures.py. OUTPUT_DIR/judge.keras is the network that judges all of them; it is trained by the
first call.
"""

from __future__ import annotations

import argparse
import functools

import numpy as np
from parts import command_line, digit_judge, sheets, tables
from parts.digit_training import SAMPLES, Setting, judge_path, train
from parts.result_files import Key, ResultFile, plain, read_samples
from parts.trainings import train_missing

from tfgan_losses import gan_types

_COLUMNS = {"distance": 2, "smallest": 1, "largest": 1, "classes": 1}  # and digits after the point


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    setting = tables.changed(Setting(), args)
    keys = all_keys(args, setting)
    file = ResultFile(args.output_dir / "results.jsonl")
    # Before other processes: the judge and the data set are made once.
    judge = digit_judge.load(judge_path(args.output_dir), args.data_dir)
    if not args.table_only:
        one = functools.partial(train, directory=args.output_dir, data_dir=args.data_dir)
        train_missing(file, keys, one, args.jobs)
    tables.write(args.output_dir / "table.md", table(args, setting, keys, file, judge))
    write_picture(args, keys, file, judge)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    tables.add_arguments(parser, gan_types.names(), seeds=[0], output_dir="runs/benchmark_digits")
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its files")
    return parser.parse_args(arguments)


def all_keys(args: argparse.Namespace, setting: Setting) -> list[Key]:
    """Returns one key per training; what is in it, names included, decides what is trained anew."""
    return [
        {
            "gan_type": name,
            "dataset": "digits",
            "seed": seed,
            "setting": plain(setting),
            "row": plain(gan_types.get(name)),
        }
        for seed in args.seeds
        for name in args.gan_types
    ]


def table(
    args: argparse.Namespace,
    setting: Setting,
    keys: list[Key],
    file: ResultFile,
    judge: digit_judge.Judge,
) -> str:
    """Returns Markdown: mean ± standard error over the seeds."""
    settings = {**plain(setting), "seeds": args.seeds, "jobs": args.jobs}
    accuracies = [f"{name} {100 * value:.1f} %" for name, value in judge.accuracies.items()]
    lines = [
        tables.header(settings, keys, file),
        f"{SAMPLES} samples. Accuracy on held-out real digits: {', '.join(accuracies)}. FD of one "
        f"half of the real digits to the other: {judge.floor():.2f}.\n",
        "| gan_type | FD | smallest class, % | largest class, % | classes found | s per run |",
        f"|:--|{'--:|' * 5}",
    ]
    for name in args.gan_types:
        results = [file.get(key) for key in keys if key["gan_type"] == name]
        cells = tables.cells(results, _COLUMNS)
        cells.append(tables.with_error([result["seconds"] for result in results if result], 0))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write_picture(
    args: argparse.Namespace,
    keys: list[Key],
    file: ResultFile,
    judge: digit_judge.Judge,
) -> None:
    """Draws the first samples of the first seed, whatever they are, below real digits."""
    strips: dict[str, np.ndarray | None] = {"real": judge.examples}
    for key in keys:
        if key["seed"] != args.seeds[0]:
            continue
        outcome = file.outcome(key)
        samples = read_samples(args.output_dir, key) if outcome == "trained" else None
        title = key["gan_type"]
        strips[title if samples is not None else f"{title}: {outcome}"] = samples
    path = args.output_dir / "digits.png"
    sheets.write_strips(path, strips)
    print(f"Picture: {path}")


if __name__ == "__main__":
    main()
