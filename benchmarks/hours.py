"""How many hours 10 000 steps of a recipe take on this machine, by size of the images.

    python benchmarks/hours.py
    python benchmarks/hours.py --gan_types=hinge,r3gan --image_sizes=64 --width=64
    python benchmarks/hours.py --write

Each recipe in the networks that it has by default, of one width, on random images, batches of 64:
the time does not depend on what they show. One process, one recipe after the other. Seconds a step:
median of single steps after the first one, which compiles and has the lazy penalties; those are in
no other one.

--write puts the table into docs/choose.md.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import numpy as np
from parts.both_sides import Setting, make_dataset, make_gan
from parts.clock import bare_block, bare_step
from parts.marks import write_between_marks

_PAGE = Path(__file__).parents[1] / "docs" / "choose.md"
_MARK = "hours"
_RECIPES = ["gan", "hinge", "r1gan", "wgan-gp", "sngan", "r3gan", "stylegan2"]


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    cells = {name: list(measure(name, args)) for name in args.gan_types}
    settings = {"width": args.width, "batch_size": args.batch_size, "timed steps": args.steps}
    text = f"{command_line.header(settings)}\n{table(cells, args.image_sizes)}"
    print(text)
    if args.write:
        write_between_marks(_PAGE, _MARK, text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--gan_types", type=command_line.names, default=_RECIPES)
    sizes = lambda text: [int(size) for size in text.split(",")]  # noqa: E731
    parser.add_argument("--image_sizes", type=sizes, default=[32, 64, 128])
    parser.add_argument("--width", type=int, default=32, help="channels of the networks")
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=5, help="that are timed")
    parser.add_argument("--write", action="store_true", help="into docs/choose.md")
    return parser.parse_args(arguments)


def measure(name: str, args: argparse.Namespace) -> Iterator[float]:
    """Yields seconds per step for each size of images."""
    for size in args.image_sizes:
        setting = Setting(image_size=size, width=args.width, batch_size=args.batch_size)
        gan = make_gan(name, setting)
        dataset, step = make_dataset(gan.d_steps, setting), bare_step(gan)
        bare_block(step, dataset, 1)  # Compiles.
        seconds = [bare_block(step, dataset, 1)[0] for _ in range(args.steps)]
        print(f"{name}, {size} px: {np.round(seconds, 3)} s", flush=True)
        yield float(np.median(seconds))
        keras.backend.clear_session()
        gc.collect()


def table(cells: dict[str, list[float]], sizes: list[int]) -> str:
    """Returns Markdown: ms a step, and hours for 10 000 of them."""
    heads = [f"{size} px: ms a step | hours" for size in sizes]
    lines = [f"| gan_type | {' | '.join(heads)} |", "|:--" + "|--:|--:" * len(sizes) + "|"]
    for name, seconds in cells.items():
        numbers = [f"{1e3 * s:.0f} | {1e4 * s / 3600:.2g}" for s in seconds]
        lines.append(f"| `{name}` | {' | '.join(numbers)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
