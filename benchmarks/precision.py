"""What number formats do to gradient penalties, to trained generators, and to the time of a step.

    python benchmarks/precision.py
    python benchmarks/precision.py --parts=penalties --width=64
    python benchmarks/precision.py --parts=trainings --gan_types=wgan-gp,r3gan --steps=2000

penalties: the penalty of the first update and its gradient with respect to the discriminator's
weights, at initial weights and after some steps, against float64 with the same weights. On a GPU
"tf32" is what the card does; elsewhere it is emulated: operands of products and convolutions are
rounded to 10 bits, in both gradients as well (`parts/tf32.py`).

trainings: the same training on digits in several formats, judged by the Fréchet distance to the
real ones in the features of a small classifier (`parts/digit_judge.py`).

steps: ms per step of `GAN.fit`, float32 and bfloat16 in blocks that alternate.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import numpy as np
import tensorflow as tf
from parts import digit_judge, tf32
from parts.both_sides import Setting as StepSetting, make_dataset, make_gan
from parts.clock import fit_block
from parts.digit_training import SAMPLES, Setting, build_gan, judge_path
from parts.penalty_errors import Comparison, number_format
from parts.tables import with_error

from tfgan_losses import datasets

_PARTS = ("penalties", "trainings", "steps")
_OF_PENALTIES = ("wgan-gp", "r3gan")
_STEPS_BETWEEN = 50


def main() -> None:
    args = parse_arguments()
    tf.get_logger().setLevel("ERROR")  # It warns of each function that is traced anew.
    emulated = None if tf32.is_real() else "emulated"
    print(command_line.header({"tf32": emulated, "batch": args.batch_size}), flush=True)
    for part in args.parts:
        {"penalties": penalties, "trainings": trainings, "steps": steps}[part](args)


def parse_arguments() -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--parts", type=command_line.names, default=_PARTS)
    parser.add_argument("--gan_types", type=command_line.names, help="with commas")
    parser.add_argument("--image_size", type=int, default=32, help="of penalties and steps")
    parser.add_argument("--width", type=int, default=32, help="of penalties and steps")
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=600, help="of trainings")
    parser.add_argument("--seeds", type=int, default=3, help="of trainings")
    parser.add_argument("--formats", type=command_line.names, default=["float32", "mixed_bfloat16"])
    parser.add_argument("--rounds", type=int, default=7, help="of steps")
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its data")
    parser.add_argument("--output_dir", type=Path, default=Path("runs/benchmarks/precision"))
    return parser.parse_args()


def penalties(args: argparse.Namespace) -> None:
    """Prints the errors of penalties."""
    print(
        "| | format | error of the penalty | error of its gradient | 1 - cosine |\n"
        "|:--|:--|--:|--:|--:|"
    )
    source = datasets.load("digits", image_size=args.image_size, data_dir=args.data_dir)
    for recipe in args.gan_types or _OF_PENALTIES:
        keras.utils.set_random_seed(0)
        comparison = Comparison(
            recipe, source, batch_size=args.batch_size, width=args.width, steps=args.steps
        )
        for trained in (0, _STEPS_BETWEEN):
            if trained:
                comparison.train(trained)
            for name, errors in comparison.errors().items():
                cells = " | ".join(f"{x:.1e}" for x in errors)
                print(
                    f"| {comparison.name}, after {trained} steps | {name} | {cells} |", flush=True
                )


def trainings(args: argparse.Namespace) -> None:
    """Prints the distances of trained generators."""
    judge = digit_judge.load(judge_path(args.output_dir), args.data_dir)
    source = datasets.load("digits", data_dir=args.data_dir)
    setting = Setting(steps=args.steps)
    settings = ", ".join(f"{k} {v}" for k, v in dataclasses.asdict(setting).items())
    print(f"\n{settings}; seeds {args.seeds}; real halves {judge.floor():.2f} apart\n")
    print(f"| distance | {' | '.join(args.formats)} |\n|:--{'|--:' * len(args.formats)}|")
    for recipe in args.gan_types or ("wgan-gp", "hinge", "gan"):
        cells = []
        for name in args.formats:
            distances = []
            for seed in range(args.seeds):
                with number_format(name):
                    keras.utils.set_random_seed(seed)
                    gan = build_gan(recipe, setting, source, seed)
                    batches = source.batches(setting.batch_size * gan.d_steps, seed=seed)
                    gan.fit(batches, steps_per_epoch=setting.steps, verbose=0)
                    distances.append(judge.distance(gan.generate(SAMPLES, seed=seed)))
            cells.append(f"{with_error(distances, 2)} ({', '.join(f'{x:.2f}' for x in distances)})")
        print(f"| {recipe} | {' | '.join(cells)} |", flush=True)


def steps(args: argparse.Namespace) -> None:
    """Prints the time of a step in float32 and bfloat16."""
    print("\n| | float32, ms | bfloat16, ms | float32 / bfloat16 | min..max | of processor time |")
    print("|:--|--:|--:|--:|:--|--:|")
    setting = StepSetting(image_size=args.image_size, width=args.width, batch_size=args.batch_size)
    for recipe in args.gan_types or ("gan", "wgan-gp", "hinge", "r3gan"):
        keras.backend.clear_session()
        gans = []
        for name in ("float32", "mixed_bfloat16"):
            with number_format(name):
                gans.append(make_gan(recipe, setting))
        dataset = make_dataset(gans[0].d_steps, setting)
        seconds = [fit_block(gan, dataset, 3)[0] for gan in gans]
        count = max(3, round(0.8 / min(seconds)))
        rounds = np.array(
            [[fit_block(gan, dataset, count) for gan in gans] for _ in range(args.rounds)]
        )
        wall, processor = np.moveaxis(rounds, -1, 0)
        of_wall, of_processor = (np.median(x[:, 0]) / np.median(x[:, 1]) for x in (wall, processor))
        ratios = wall[:, 0] / wall[:, 1]
        medians = " | ".join(f"{1e3 * x:.1f}" for x in np.median(wall, axis=0))
        print(
            f"| {recipe} | {medians} | {of_wall:.2f} | {ratios.min():.2f}..{ratios.max():.2f} | "
            f"{of_processor:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
