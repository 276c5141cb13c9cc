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
import csv
import dataclasses
import datetime
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in train.py.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np
from digit_training import Setting, build_gan
from result_files import header

from tfgan_losses import Run, datasets, gan_types
from tfgan_losses.run_files import pictures

LIMIT = 0.05
_STEPS = 10**8  # Time ends the training.
_ROW_SECONDS = 60
_clock = time.perf_counter


@dataclasses.dataclass(frozen=True)
class Sample:
    """The process at one moment; memory in MiB."""

    seconds: float
    steps: int
    resident: float
    proportional: float
    files: int
    threads: int


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the samples say.

    Attributes:
        settled: Resident MiB at the first sample that counts.
        last: At the last one.
        highest: The most of those that count.
        growth: Of `highest` over `settled`, as a part of it.
        slope: MiB per hour, least squares.
        steps: Generator updates.
        first_rate: Updates per second in the first third of the time.
        last_rate: In the last third.
    """

    settled: float
    last: float
    highest: float
    growth: float
    slope: float
    steps: int
    first_rate: float
    last_rate: float

    @property
    def flat(self) -> bool:
        return self.highest <= (1 + LIMIT) * self.settled


def judge(samples: Sequence[Sample], settle: float) -> Verdict:
    """Args: the samples in the order of time; seconds that do not count.

    Raises:
        ValueError: If fewer than two samples count.
    """
    counted = [sample for sample in samples if sample.seconds >= settle]
    if len(counted) < 2:
        raise ValueError(f"Expected two samples after {settle} s. Received: {len(counted)}")
    seconds, resident = np.array([(s.seconds, s.resident) for s in counted]).T
    times, steps = np.array([(s.seconds, s.steps) for s in samples], float).T
    thirds = np.linspace(times[0], times[-1], 4)
    rates = np.diff(np.interp(thirds, times, steps)) / np.diff(thirds)
    return Verdict(
        settled=float(resident[0]),
        last=float(resident[-1]),
        highest=float(resident.max()),
        growth=float(resident.max() / resident[0] - 1),
        slope=float(3600 * np.polyfit(seconds - seconds[0], resident, 1)[0]),
        steps=samples[-1].steps,
        first_rate=float(rates[0]),
        last_rate=float(rates[-1]),
    )


def measure(seconds: float, steps: int) -> Sample:
    """Looks at this process, under Linux."""
    status, rollup = Path("/proc/self/status"), Path("/proc/self/smaps_rollup")
    return Sample(
        seconds=seconds,
        steps=steps,
        resident=_field(status, "VmRSS:") / 2**10,
        proportional=_field(rollup, "Pss:") / 2**10,
        files=len(os.listdir("/proc/self/fd")),
        threads=_field(status, "Threads:"),
    )


def _field(path: Path, name: str) -> int:
    line = next(x for x in path.read_text().splitlines() if x.startswith(name))
    return int(line.split()[1])


class Watch(keras.callbacks.Callback):
    """Takes samples while training, prints one a minute, and stops when the time is over."""

    def __init__(self, seconds: float, every: float):
        super().__init__()
        self.seconds, self.every = seconds, every
        self.samples: list[Sample] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._start = _clock()
        self._next_sample = self._next_row = 0.0
        print("| minute | steps | resident MiB | proportional MiB | files | threads |")
        print("|--:|--:|--:|--:|--:|--:|")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now = _clock() - self._start
        over = now >= self.seconds
        if now < self._next_sample and not over:
            return
        self._next_sample = now + self.every
        sample = measure(now, batch + 1)
        self.samples.append(sample)
        if now >= self._next_row or over:
            self._next_row += _ROW_SECONDS
            print(row(sample), flush=True)
        self.model.stop_training |= over


def row(sample: Sample) -> str:
    return (
        f"| {sample.seconds / 60:.1f} | {sample.steps} | {sample.resident:.1f} | "
        f"{sample.proportional:.1f} | {sample.files} | {sample.threads} |"
    )


def main(arguments: list[str] | None = None) -> int:
    args = parse_arguments(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        directory = args.output_dir or Path(temporary)
        samples = soak(args, directory)
        written = len(list((directory / "run" / "samples").glob("*.png")))
    settings = {k: v for k, v in vars(args).items() if k != "output_dir"}
    print(header(settings, [{"date": str(datetime.date.today())}]))
    verdict = judge(samples, 60 * args.settle_minutes)
    print(report(verdict, args))
    print(f"{written} pictures, {verdict.steps // args.checkpoint_every} checkpoints.")
    if args.output_dir:
        write_csv(args.output_dir / "memory.csv", samples)
        draw(args.output_dir / "memory.png", samples, args.settle_minutes)
    return 0 if verdict.flat else 1


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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


def soak(args: argparse.Namespace, directory: Path) -> list[Sample]:
    """Trains until the time is over."""
    source, setting = datasets.load("digits", data_dir=args.data_dir), Setting()
    if args.stream:
        source = stream(source, directory / "images")
    keras.utils.set_random_seed(0)
    recipe = gan_types.get(args.gan_type)
    gan = build_gan(recipe, setting, source, seed=0)
    gan.compile(**recipe.compile_arguments(_STEPS))
    watch = Watch(60 * args.minutes, args.measure_every)
    Run(directory / "run").train(
        gan,
        source,
        steps=_STEPS,
        batch_size=setting.batch_size,
        sample_every=args.sample_every,
        checkpoint_every=args.checkpoint_every,
        log_every=args.log_every,
        callbacks=[watch],
    )
    # With the export, the curves and the animation, which come once and do not count.
    print(f"After the run: {measure(watch.samples[-1].seconds, 0).resident:.1f} MiB resident.\n")
    return watch.samples


def stream(source: datasets.Source, folder: Path) -> datasets.Source:
    """The same images as files that are decoded when they are needed."""
    images, labels = source.take(source.size)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        levels = np.rint((image + 1) * 127.5).astype(np.uint8)
        pictures.write_png(path, levels[..., 0])
    return datasets.load(f"folder:{folder}", memory_limit=0)


def report(verdict: Verdict, args: argparse.Namespace) -> str:
    first = f"After {args.settle_minutes:g} minutes {verdict.settled:.1f} MiB"
    rates = f"{verdict.first_rate:.2f} a second in the first third, {verdict.last_rate:.2f}"
    return (
        f"{first}, at the end {verdict.last:.1f} MiB, at most {verdict.highest:.1f} MiB: "
        f"{'flat' if verdict.flat else 'NOT FLAT'}, {100 * verdict.growth:+.2f} % "
        f"(limit {100 * LIMIT:g} %), {verdict.slope:+.1f} MiB per hour. {verdict.steps} steps, "
        f"{rates} in the last."
    )


def write_csv(path: Path, samples: Sequence[Sample]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in dataclasses.fields(Sample)])
        writer.writerows(dataclasses.astuple(sample) for sample in samples)


def draw(path: Path, samples: Sequence[Sample], settle_minutes: float) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    minutes = [sample.seconds / 60 for sample in samples]
    axes.plot(minutes, [sample.resident for sample in samples], label="resident")
    axes.plot(minutes, [sample.proportional for sample in samples], label="proportional")
    axes.axvline(settle_minutes, color="grey", linestyle=":", label="counts from here")
    axes.set(xlabel="minutes", ylabel="MiB", ylim=(0, None))
    axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    sys.exit(main())
