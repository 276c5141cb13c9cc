"""Trains for half an hour and looks at the memory: does anything that a run does leak?

    python benchmarks/soak.py --minutes=30
    python benchmarks/soak.py --minutes=30 --stream --output_dir=runs/soak

A small DCGAN learns digits through `tfgan_losses.Run`, with metrics, TensorBoard, pictures and
checkpoints at intervals so short that hundreds of each are written. --stream reads the digits from
image files as a set does that is larger than the memory.

Every few seconds it notes the memory (resident, and proportional: shared pages in parts), the open
files and the threads of the process. The first two minutes do not count: functions are traced then,
and caches fill. It exits with 1 if the memory was ever more than 5 % above that after two minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import numpy as np
from parts import memory
from parts.digit_training import Setting, build_gan

from tfgan_losses import Keeping, Run, datasets, gan_types
from tfgan_losses.run_files import pictures

_STEPS = 10**8  # Time ends the training.


def main(arguments: list[str] | None = None) -> int:
    args = parse_arguments(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        directory = args.output_dir or Path(temporary)
        samples = soak(args, directory)
        written = len(list((directory / "run" / "samples").glob("*.png")))
    settings = {k: v for k, v in vars(args).items() if k != "output_dir"}
    print(command_line.header(settings))
    verdict = memory.judge(samples, 60 * args.settle_minutes)
    print(report(verdict, args))
    print(f"{written} pictures, {verdict.steps // args.checkpoint_every} checkpoints.")
    if args.output_dir:
        memory.write_csv(args.output_dir / "memory.csv", samples)
        memory.draw(args.output_dir / "memory.png", samples, args.settle_minutes)
    return 0 if verdict.flat else 1


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--settle_minutes", type=float, default=2, help="that do not count")
    parser.add_argument("--gan_type", choices=gan_types.names(), default="wgan-gp")
    parser.add_argument("--stream", action="store_true", help="see above")
    parser.add_argument("--sample_every", type=int, default=50, help="steps")
    parser.add_argument("--checkpoint_every", type=int, default=50, help="steps")
    parser.add_argument("--log_every", type=int, default=20, help="steps")
    parser.add_argument("--measure_every", type=float, default=5, help="seconds")
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its data")
    parser.add_argument("--output_dir", type=Path, help="new or empty; default: a temporary one")
    args = parser.parse_args(arguments)
    if args.minutes <= args.settle_minutes:
        parser.error("Expected --minutes to be more than --settle_minutes.")
    return args


def soak(args: argparse.Namespace, directory: Path) -> list[memory.Sample]:
    """Trains until the time is over."""
    source, setting = datasets.load("digits", data_dir=args.data_dir), Setting(steps=_STEPS)
    if args.stream:
        source = stream(source, directory / "images")
    keras.utils.set_random_seed(0)
    gan = build_gan(args.gan_type, setting, source, seed=0)
    watch = memory.Watch(60 * args.minutes, args.measure_every)
    Run(directory / "run").train(
        gan,
        source,
        steps=setting.steps,
        batch_size=setting.batch_size,
        keeping=Keeping(
            log_every=args.log_every,
            sample_every=args.sample_every,
            checkpoint_every=args.checkpoint_every,
        ),
        callbacks=[watch],
    )
    # With the export, the curves and the animation, which come once and do not count.
    after = memory.measure(watch.samples[-1].seconds, 0)
    print(f"After the run: {after.resident:.1f} MiB resident.\n")
    return watch.samples


def stream(source: datasets.Source, folder: Path) -> datasets.Source:
    """Returns the same images as files that are decoded when they are needed."""
    images, labels = source.take(source.size)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        levels = np.rint((image + 1) * 127.5).astype(np.uint8)
        pictures.write_png(path, levels[..., 0])
    return datasets.load(f"folder:{folder}", memory_limit=0)


def report(verdict: memory.Verdict, args: argparse.Namespace) -> str:
    first = f"After {args.settle_minutes:g} minutes {verdict.settled:.1f} MiB"
    rates = f"{verdict.first_rate:.2f} a second in the first third, {verdict.last_rate:.2f}"
    return (
        f"{first}, at the end {verdict.last:.1f} MiB, at most {verdict.highest:.1f} MiB: "
        f"{'flat' if verdict.flat else 'NOT FLAT'}, {100 * verdict.growth:+.2f} % "
        f"(limit {100 * memory.LIMIT:g} %), {verdict.slope:+.1f} MiB per hour. "
        f"{verdict.steps} steps, {rates} in the last."
    )


if __name__ == "__main__":
    sys.exit(main())
