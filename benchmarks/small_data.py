"""What helps a GAN that has few images: augmentations and penalties beside none, on the digits.

    python benchmarks/small_data.py
    python benchmarks/small_data.py --methods=none,adaptive --sizes=100 --seeds=0,1,2
    python benchmarks/small_data.py --d_normalization=spectral --sizes=100
    python benchmarks/small_data.py --table_only --write

All methods have one objective: the recipe `gan`, non-saturating, DCGAN with batch normalisation in
both networks. Nothing in it keeps its discriminator from learning 100 images by heart, which a
gradient penalty as that of wgan-gp does; so there is something to help against.

400 of the 1797 digits are held out of every training, the same ones for all; the training sets are
the first 100, 300 and all 1397 of the others. FD: Fréchet distance of 2000 samples to the held-out
digits in the features of the network that judges digits.py, so that it falls by new digits alone,
and not by copies. D gap: where the discriminator puts held-out digits between those that it was
trained on, 0 %, and generated ones, 100 %. Memorised: share of samples at least as near to
a training image as its own nearest neighbour; the row of held-out digits says what new digits have.

`python -m tfgan_losses compare` compares recipes; these rows are all of one. Results, resuming and
--jobs are as in mixtures.py. --write puts the table into docs/results.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
from pathlib import Path

import numpy as np
from parts import command_line, digit_judge, tables
from parts.digit_training import judge_path
from parts.marks import write_between_marks
from parts.result_files import Key, Result, ResultFile, plain
from parts.small_data_methods import METHODS, NONE
from parts.small_data_training import SAMPLES, Setting, data, measure_examples, train
from parts.trainings import train_missing

from tfgan_losses.comparing.statistics import can_be_told_apart, summary

_COLUMNS = {"distance": 1, "gap": 0, "memorised": 0}  # and digits after the point
_TITLES = ("FD", "D gap, %", "memorised, %")
_PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    setting = dataclasses.replace(
        tables.changed(Setting(), args), d_normalization=args.d_normalization
    )
    keys = all_keys(args, setting)
    file = ResultFile(args.output_dir / "results.jsonl")
    # Before other processes: the judge and the data set are made once.
    judge = digit_judge.load(judge_path(args.output_dir), args.data_dir)
    if not args.table_only:
        one = functools.partial(train, directory=args.output_dir, data_dir=args.data_dir)
        train_missing(file, keys, one, args.jobs)
    references = {size: reference_rows(size, judge, args.data_dir) for size in args.sizes}
    text = table(args, setting, keys, file, references)
    tables.write(args.output_dir / f"table-{setting.d_normalization}.md", text)
    if args.write:
        write_between_marks(_PAGE, f"small data, {setting.d_normalization}", text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    tables.add_options(parser, seeds=[0, 1, 2], output_dir="runs/benchmark_small_data")
    parser.add_argument("--methods", type=command_line.names, default=list(METHODS))
    parser.add_argument("--sizes", type=_sizes, default=[100, 300, None], help="such as 100,all")
    parser.add_argument("--d_normalization", default="batch", help="of the discriminator")
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its files")
    parser.add_argument("--write", action="store_true", help="into docs/results.md")
    args = parser.parse_args(arguments)
    unknown = sorted(set(args.methods) - set(METHODS))
    if unknown:
        parser.error(f"Expected methods among {', '.join(METHODS)}. Received: methods={unknown}")
    return args


def _sizes(text: str) -> list[int | None]:
    return [None if name == "all" else int(name) for name in command_line.names(text)]


def all_keys(args: argparse.Namespace, setting: Setting) -> list[Key]:
    """Returns one key per training; what is in it, names included, says what is trained anew.

    Seed after seed, so that an unfinished table shows every method.
    """
    return [
        {
            "gan_type": name,
            "dataset": f"digits-{title(size)}",
            "size": size,
            "seed": seed,
            "setting": plain(setting),
            "method": plain(METHODS[name]),
        }
        for seed in args.seeds
        for size in args.sizes
        for name in args.methods
    ]


def title(size: int | None) -> str:
    return "all" if size is None else str(size)


def reference_rows(
    size: int | None, judge: digit_judge.Judge, data_dir: str | None
) -> dict[str, Result]:
    """Returns what real digits have in place of samples: perfect copies, and new digits."""
    digits = data(size, data_dir)
    rows = {"the training digits": digits.training, "the held-out digits": digits.held_out}
    return {name: measure_examples(images, digits, judge) for name, images in rows.items()}


def table(
    args: argparse.Namespace,
    setting: Setting,
    keys: list[Key],
    file: ResultFile,
    references: dict[int | None, dict[str, Result]],
) -> str:
    """Returns Markdown: mean ± standard error over the seeds.

    Bold is a distance that Welch's test tells from that of none at 5 %.
    """
    titles = [f"{title(size)}: {column}" for size in args.sizes for column in _TITLES]
    settings = {**plain(setting), "seeds": args.seeds, "jobs": args.jobs}
    lines = [
        tables.header(settings, keys, file),
        f"Mean ± standard error over {len(args.seeds)} seeds, {SAMPLES} samples each. Bold: "
        "another FD than that of none by Welch's test, at 5 %.\n",
        f"| method | {' | '.join(titles)} | s per run |",
        f"|:--|{'--:|' * (len(titles) + 1)}",
    ]
    for name in next(iter(references.values())):
        shown = [cell for size in args.sizes for cell in _reference_cells(references[size][name])]
        lines.append(f"| *{name}* | {' | '.join(shown)} | |")
    for name in args.methods:
        found = {size: _results_of(name, size, keys, file) for size in args.sizes}
        shown = [
            cell
            for size in args.sizes
            for cell in method_cells(found[size], _results_of(NONE, size, keys, file))
        ]
        seconds = [result["seconds"] for results in found.values() for result in results if result]
        time = f"{np.mean(seconds):.0f}" if seconds else "-"
        lines.append(f"| {name} | {' | '.join(shown)} | {time} |")
    return "\n".join(lines) + "\n"


def _results_of(
    name: str, size: int | None, keys: list[Key], file: ResultFile
) -> list[Result | None]:
    return [file.get(key) for key in keys if (key["gan_type"], key["size"]) == (name, size)]


def _reference_cells(result: Result) -> list[str]:
    return [f"{result['distance']:.1f}", "", f"{result['memorised']:.0f}"]


def method_cells(results: list[Result | None], usual: list[Result | None]) -> list[str]:
    """Returns the cells of a method for one size, beside the results of none."""
    cells = tables.cells(results, _COLUMNS)
    both = (summary(_distances(x)) for x in (results, usual))
    if can_be_told_apart(*both):
        cells[0] = f"**{cells[0]}**"
    return cells


def _distances(results: list[Result | None]) -> list[float]:
    return [x["distance"] for x in results if x and x["outcome"] == "trained"]


if __name__ == "__main__":
    main()
