"""What augmentations and penalties for little data add to a step, in milliseconds and beside none.

    python benchmarks/augmentation_cost.py
    python benchmarks/augmentation_cost.py --methods=diff_augment,adaptive --rounds=15
    python benchmarks/augmentation_cost.py --write

A recipe with one thing added to it at a time: DCGAN of 32x32x3, batch 64, random images. One
process holds all of them and times one step of each in turn, from round to round, so that a machine
with other work on it disturbs all alike. ms/step: median over the rounds. ratio: median over the
rounds of its processor time, of all threads, beside that of none in the same round; min..max: of
those ratios. Mirror images are data and cost no step anything.

--write puts the table into docs/speed.md.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import numpy as np
from parts.both_sides import Setting, make_dataset, make_gan
from parts.clock import bare_block, bare_step
from parts.marks import write_between_marks
from parts.small_data_methods import METHODS, NONE

from tfgan_losses import GAN, augmentations, gan_types, penalties

_PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
_MARK = "cost of augmentations"
_SHARE = 0.5  # Of images that an augmentation with a probability changes while it is timed.


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    setting = Setting(width=args.width, image_size=args.image_size, batch_size=args.batch_size)
    names = [NONE, *(name for name in args.methods if name != NONE)]
    gans = {name: gan_with(name, args.gan_type, setting) for name in names}
    times = measure(gans, setting, rounds=args.rounds, steps=args.steps)
    shown = {"gan_type": args.gan_type, **dataclasses.asdict(setting)}
    settings = {**shown, "rounds": args.rounds, "steps of a block": args.steps}
    text = f"{command_line.header(settings)}\n{table(times)}"
    print(text)
    if args.write:
        write_between_marks(_PAGE, _MARK, text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    usual = [name for name, method in METHODS.items() if not method.mirror]
    parser.add_argument("--methods", type=command_line.names, default=usual)
    parser.add_argument("--gan_type", default="wgan-gp")
    parser.add_argument("--width", type=int, default=64, help="channels of the networks")
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=1, help="of a block")
    parser.add_argument("--write", action="store_true", help="into docs/speed.md")
    args = parser.parse_args(arguments)
    unknown = sorted(set(args.methods) - set(usual))
    if unknown:
        parser.error(f"Expected methods among {', '.join(usual)}. Received: methods={unknown}")
    return args


def gan_with(name: str, gan_type: str, setting: Setting) -> GAN:
    """Returns the GAN of a recipe to which a method is added."""
    method, recipe = METHODS[name], gan_types.get(gan_type)
    added = {
        "augmentation": augmentations.get_all(method.augmentation or ()),
        "penalties": [
            *penalties.get_all(recipe.penalties),
            *penalties.get_all(method.penalties or ()),
        ],
    }
    gan = make_gan(gan_type, setting, **added)
    for augmentation in gan.objective.augmentations:
        if hasattr(augmentation, "probability"):
            augmentation.probability.p.assign(_SHARE)
    return gan


def measure(
    gans: Mapping[str, GAN], setting: Setting, *, rounds: int, steps: int
) -> dict[str, np.ndarray]:
    """Returns seconds per step on the wall and on all cores, float64 [rounds, 2] of each."""
    dataset = make_dataset(next(iter(gans.values())).d_steps, setting)
    step_of = {name: bare_step(gan) for name, gan in gans.items()}
    for step in step_of.values():
        bare_block(step, dataset, 1)  # Traces.
    times: dict[str, list[np.ndarray]] = {name: [] for name in gans}
    for number in range(rounds):
        # There and back, so that a drift of the machine favours none.
        for name in list(gans)[:: 1 if number % 2 == 0 else -1]:
            times[name].append(bare_block(step_of[name], dataset, steps))
    return {name: np.array(values) for name, values in times.items()}


def table(times: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Returns Markdown.

    Args:
        times: Of `measure`.
    """
    lines = [
        "| method | added to the command | ms/step | ratio | min..max |",
        "|:--|:--|--:|--:|:--|",
    ]
    usual = np.asarray(times[NONE])
    for name, values in times.items():
        wall, processor = np.asarray(values).T
        ratios = processor / usual[:, 1]
        flags = METHODS[name].flags
        lines.append(
            f"| {name} | {f'`{flags}`' if flags else ''} | {1e3 * np.median(wall):.0f} | "
            f"{np.median(ratios):.2f} | {ratios.min():.2f}..{ratios.max():.2f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
