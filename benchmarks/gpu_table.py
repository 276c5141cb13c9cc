"""`GAN.fit` beside PyTorch in all sizes, for docs/speed.md: one command on a machine with a GPU.

    python benchmarks/gpu_table.py
    python benchmarks/gpu_table.py --minutes=20 --rounds=7 --columns=xla,unrolled,bare
    python benchmarks/gpu_table.py --tiny

What is timed, and what --columns can be, is said in `train_step.py`. What XLA compiles costs its
time once for each line (`first call` in the tables), so that there is a limit of time: columns are
dropped first, the least important ones, then rounds, then lines, and the output says so.
"""

from __future__ import annotations

import argparse

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import torch  # noqa: F401  First: in this order both have been seen to find their CUDA libraries.

# isort: split
from parts import columns, comparison_tables
from parts.against_torch import use_the_device_well
from parts.both_sides import Setting
from parts.comparison import Budget, compare

# By importance.
_ROWS = [
    ("wgan-gp", Setting(image_size=32, width=64, batch_size=64)),
    ("r3gan", Setting(image_size=32, width=64, batch_size=64)),
    ("hinge", Setting(image_size=32, width=64, batch_size=64)),
    ("wgan-gp", Setting(image_size=64, width=64, batch_size=256)),
    ("wgan-gp", Setting(image_size=128, width=64, batch_size=64)),
    ("hinge", Setting(image_size=128, width=64, batch_size=64)),
]
_TINY_ROWS = [
    ("wgan-gp", Setting(image_size=8, width=4, batch_size=4)),
    ("r3gan", Setting(image_size=8, width=8, batch_size=4)),
    ("hinge", Setting(image_size=16, width=4, batch_size=4)),
]


def main() -> None:
    args = parse_arguments()
    budget = Budget(60 * args.minutes)
    settings = {"minutes": args.minutes, "rounds": args.rounds, "seconds of a block": args.seconds}
    print(command_line.header(settings), flush=True)
    use_the_device_well()
    done, planned = [], _TINY_ROWS if args.tiny else _ROWS
    for number, (name, setting) in enumerate(planned):
        if done and not budget.allows(columns.NEEDED, blocks=0.0):
            left_out = ", ".join(f"{x} {y.image_size} px" for x, y in planned[number:])
            print(f"Left out, since the {args.minutes:g} minutes are over: {left_out}.\n")
            break
        row = compare(
            name,
            setting,
            args.columns or columns.usual(),
            rounds=args.rounds,
            seconds=args.seconds,
            budget=budget.share(len(planned) - number),
        )
        print(comparison_tables.details(row), flush=True)
        done.append(row)
    print(comparison_tables.summary(done))
    print(comparison_tables.LEGEND)


def parse_arguments() -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--minutes", type=float, default=7.5, help="of all lines")
    parser.add_argument("--rounds", type=int, default=5, help="blocks of each column")
    parser.add_argument("--seconds", type=float, default=0.5, help="what a block takes, about")
    parser.add_argument(
        "--columns", type=command_line.names, help="names with commas between them; default: all"
    )
    parser.add_argument(
        "--tiny", action="store_true", help="lines that a CPU can do in a few minutes"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
