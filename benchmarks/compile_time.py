"""How long the first step of `GAN.fit` takes, traced and compiled, by the number of its updates.

    python benchmarks/compile_time.py
    python benchmarks/compile_time.py --jit_compile --width=64 --batch_size=64  # as on a GPU

Each round is a process of its own. The discriminator's updates are one loop in the graph, or copies
as XLA for CPUs gets them, where its loops are slow. Operations: nodes of the graph and of the
functions in it; with --jit_compile instructions that XLA is given. CPU: time of all cores.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from parts import command_line

if TYPE_CHECKING:
    import tensorflow as tf

    from tfgan_losses import GAN

_STEPS = 5


def main() -> None:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--gan_type", default="wgan-gp")
    parser.add_argument("--d_steps", type=command_line.names, default=["1", "2", "5", "10"])
    parser.add_argument("--jit_compile", action="store_true", help="XLA")
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=16, help="per discriminator update")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args)))
        return
    settings = {key: x for key, x in vars(args).items() if key not in ("child", "d_steps")}
    print(command_line.header(settings))
    print("| d_steps | updates | operations | first step, s | CPU, s | later step, ms | CPU, ms |")
    print("|--:|:--|--:|--:|--:|--:|--:|")
    for d_steps in args.d_steps:
        for way in ("loop", "copies") if int(d_steps) > 1 else ("one",):
            rounds = [start(f"{d_steps},{way}") for _ in range(args.rounds)]
            print(line(d_steps, way, rounds), flush=True)


def start(case: str) -> dict[str, float]:
    """Returns what is measured of one case, in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], f"--child={case}"]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(ended.stdout.splitlines()[-1])


def line(d_steps: str, way: str, rounds: list[dict[str, float]]) -> str:
    """Returns the line of the table for one case: medians of the rounds."""
    medians = {key: statistics.median(x[key] for x in rounds) for key in rounds[0]}
    first = f"{medians['first']:.2f} | {medians['first, CPU']:.2f}"
    later = f"{1e3 * medians['step']:.1f} | {1e3 * medians['step, CPU']:.1f}"
    return f"| {d_steps} | {way} | {medians['operations']:.0f} | {first} | {later} |"


def measure(args: argparse.Namespace) -> dict[str, float]:
    """Returns seconds of the first and of later steps, and the number of operations."""
    import keras
    from parts.both_sides import LATENT_DIM, Setting, make_dataset

    from tfgan_losses import GAN, gan_types
    from tfgan_losses.training import repetition

    d_steps, way = args.child.split(",")
    repetition._is_for_xla_on_cpus = lambda: way == "copies"
    keras.utils.set_random_seed(0)
    setting = Setting(image_size=args.image_size, width=args.width, batch_size=args.batch_size)
    gan = GAN.from_recipe(
        dataclasses.replace(gan_types.get(args.gan_type), d_steps=int(d_steps)),
        (args.image_size, args.image_size, 3),
        steps=10**6,
        latent_dim=LATENT_DIM,
        width=args.width,
        seed=0,
        jit_compile=args.jit_compile,
    )
    dataset = make_dataset(gan.d_steps, setting)
    first = clocked(gan, dataset, 1)
    clocked(gan, dataset, 1)
    later = clocked(gan, dataset, _STEPS)
    return {
        "operations": count_operations(gan, next(iter(dataset))),
        **dict(zip(("first", "first, CPU", "step", "step, CPU"), (*first, *later), strict=True)),
    }


def clocked(gan: GAN, dataset: tf.data.Dataset, steps: int) -> tuple[float, float]:
    """Returns seconds per step, on the wall and on all cores of the CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    gan.fit(dataset, steps_per_epoch=steps, verbose=0)
    return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps


def count_operations(gan: GAN, batch: tf.Tensor) -> int:
    """Returns how many operations a step consists of, each function counted once."""
    import tensorflow as tf

    step = tf.function(gan.train_step, jit_compile=gan.jit_compile)
    if gan.jit_compile:
        return step.experimental_get_compiler_ir(batch)(stage="hlo").count(" = ")
    graph = step.get_concrete_function(batch).graph.as_graph_def()
    return len(graph.node) + sum(len(x.node_def) for x in graph.library.function)


if __name__ == "__main__":
    main()
