"""From the start of `train.py` to its first steps, and what a checkpoint costs.

    python benchmarks/start_up.py
    python benchmarks/start_up.py --gan_types=wgan-gp,r3gan --rounds=5

Each round is a process of its own that does what `python train.py --gan_type=...` does, with the
digits prepared. The checkpoint's share is that of one for every 500 steps, the default.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parts import command_line

# TensorFlow is not there yet.
_STARTED = time.perf_counter()

_STEPS = 12
_CHECKPOINT_EVERY = 500
_COLUMNS = ("imports", "data", "networks", "first step", "in all", "step", "checkpoint")


def main() -> None:
    parser = command_line.make_parser(__doc__)
    gan_types = ["gan", "wgan-gp", "sngan", "r3gan"]
    parser.add_argument("--gan_types", type=command_line.names, default=gan_types)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its data")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args.child, args.data_dir)))
        return
    print(command_line.header({"rounds": args.rounds}))
    units = ["s"] * 5 + ["ms"] * 2
    titles = [f"{name}, {unit}" for name, unit in zip(_COLUMNS, units, strict=True)]
    print(f"| gan_type | {' | '.join(titles)} | checkpoints, % of the time |")
    print("|:--|" + "--:|" * (len(_COLUMNS) + 1))
    for name in args.gan_types:
        rounds = [start(name) for _ in range(args.rounds)]
        print(line(name, rounds), flush=True)


def start(name: str) -> dict[str, float]:
    """Returns seconds of each part in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], f"--child={name}"]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(ended.stdout.splitlines()[-1])


def line(name: str, rounds: list[dict[str, float]]) -> str:
    """Returns the line of the table for one gan_type: medians of the rounds."""
    medians = {key: statistics.median(x[key] for x in rounds) for key in rounds[0]}
    seconds = [f"{medians[key]:.2f}" for key in _COLUMNS[:5]]
    milliseconds = [f"{1e3 * medians[key]:.1f}" for key in _COLUMNS[5:]]
    share = medians["checkpoint"] / (medians["checkpoint"] + _CHECKPOINT_EVERY * medians["step"])
    return f"| {name} | {' | '.join([*seconds, *milliseconds])} | {100 * share:.2f} |"


def measure(name: str, data_dir: str | None) -> dict[str, float]:
    """Returns seconds of each part in this process."""
    clock = time.perf_counter
    times = {}
    from tfgan_losses.flags import machine, setting
    from tfgan_losses.flags.command_line import parse

    from tfgan_losses import datasets
    from tfgan_losses.commands.train import COMMAND
    from tfgan_losses.run_files.checkpoint_files import write_checkpoint

    times["imports"] = clock() - _STARTED
    flags = parse(COMMAND.groups, [f"--gan_type={name}"])
    recipe = setting.resolve_recipe(flags)
    start = clock()
    machine.prepare(flags)
    source = datasets.load("digits", data_dir=data_dir)
    times["data"] = clock() - start

    start = clock()
    gan = setting.build_gan(flags, recipe, source)
    times["networks"] = clock() - start

    start = clock()
    batches = source.batches(flags.batch_size * gan.d_steps, seed=0)
    gan.fit(batches, steps_per_epoch=1, verbose=0)
    times["first step"] = clock() - start
    times["in all"] = clock() - _STARTED

    gan.fit(batches, steps_per_epoch=3, verbose=0)
    start = clock()
    gan.fit(batches, steps_per_epoch=_STEPS, verbose=0)
    times["step"] = (clock() - start) / _STEPS
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for number in range(5):
            start = clock()
            write_checkpoint(gan, Path(folder, f"{number}.weights.h5"))
            seconds.append(clock() - start)
    times["checkpoint"] = statistics.median(seconds)
    return times


if __name__ == "__main__":
    main()
