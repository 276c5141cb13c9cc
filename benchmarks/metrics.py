"""Time and memory of the metrics beside the textbook's ways and other packages.

    python benchmarks/metrics.py
    python benchmarks/metrics.py --metrics=frechet,kernel --rounds=5
    python benchmarks/metrics.py --examples=2000 --features=256

The same two sets of float32 features for all: SciPy's `sqrtm` for the Fréchet distance, full
matrices of kernels and distances, and torch-fidelity and prdc (extra [bench]) where they are
installed. Each way runs in a process of its own, and the ways of a metric take turns.

seconds: median over rounds, without the start of the process. ratio: the way's seconds divided by
ours, median of the rounds; CPU ratio: the same of the processor time of all threads, which other
processes disturb less. MiB: the peak above what the process held with the features in it. number:
what it found, of precision and recall and of density and coverage the sum; torch-fidelity's kernel
distance is the mean of 100 random subsets of 1000.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence

from parts import command_line  # Before TensorFlow, whose environment it sets.

if sys.argv[-1].endswith("/torch-fidelity"):
    # Before TensorFlow, too: the other way round PyTorch ends the process.
    with contextlib.suppress(ImportError):
        import torch_fidelity  # noqa: F401

# isort: split
import numpy as np
from parts.device import ResidentMemory
from parts.metric_ways import OURS, WAYS, features

TABLE_HEAD = (
    "| metric | way | seconds | ratio | CPU ratio | MiB | number |\n|:--|:--|--:|--:|--:|--:|--:|"
)


@dataclasses.dataclass(frozen=True)
class Measured:
    """One call: seconds on the wall and of all cores, peak MiB, and the number."""

    seconds: float
    cpu: float
    peak: float
    number: float


def main() -> None:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--metrics", type=command_line.names, default=list(WAYS))
    parser.add_argument("--examples", type=int, default=10_000, help="of each set")
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help=argparse.SUPPRESS)  # "metric/way": in this process.
    args = parser.parse_args()
    if args.only:
        found = measure(*args.only.split("/"), args.examples, args.features)
        print(json.dumps(found if isinstance(found, str) else dataclasses.asdict(found)))
        return
    settings = {key: getattr(args, key) for key in ("examples", "features", "rounds")}
    print(command_line.header(settings), flush=True)
    print(TABLE_HEAD)
    for metric in args.metrics:
        found = race(metric, args)
        for line in lines(metric, found):
            print(line, flush=True)


def measure(metric: str, way: str, examples: int, width: int) -> Measured | str:
    """Returns what one call takes, or why there is none."""
    function = WAYS[metric][way]
    try:
        # What is loaded at the first call is not the way's.
        function(features(100, 8, 0), features(100, 8, 1))
    except ImportError as error:
        return str(error)
    real, generated = features(examples, width, 0), features(examples, width, 1)
    memory, cpu, start = ResidentMemory(), time.process_time(), time.perf_counter()
    number = function(real, generated)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Measured(seconds, cpu, memory.peak(), float(number))


def race(metric: str, args: argparse.Namespace) -> dict[str, list[Measured] | str]:
    """Returns for each way what its calls took, or why there are none."""
    found: dict[str, list[Measured] | str] = {way: [] for way in WAYS[metric]}
    for _ in range(args.rounds):
        for way, calls in found.items():
            if isinstance(calls, list):
                call = _in_another_process(metric, way, args)
                found[way] = call if isinstance(call, str) else [*calls, call]
    return found


def _in_another_process(metric: str, way: str, args: argparse.Namespace) -> Measured | str:
    flags = [f"--examples={args.examples}", f"--features={args.features}", f"--only={metric}/{way}"]
    command = [sys.executable, __file__, *flags]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        # By a signal, if below 0.
        return f"the process ended with {done.returncode}"
    found = json.loads(done.stdout.splitlines()[-1])
    return found if isinstance(found, str) else Measured(**found)


def lines(metric: str, found: dict[str, list[Measured] | str]) -> Iterable[str]:
    """Yields the lines of the table for one metric."""
    ours = found[OURS]
    for way, calls in found.items():
        if isinstance(calls, str) or isinstance(ours, str):
            yield f"| {metric} | {way} | skipped: {calls if isinstance(calls, str) else ours} |"
            continue
        cells = [
            f"{_median(call.seconds for call in calls):.3g}",
            f"{ratio([c.seconds for c in calls], [c.seconds for c in ours]):.2f}",
            f"{ratio([c.cpu for c in calls], [c.cpu for c in ours]):.2f}",
            f"{_median(call.peak for call in calls):.0f}",
            f"{calls[-1].number:.6g}",
        ]
        yield f"| {metric} | {way} | {' | '.join(cells)} |"


def ratio(way: Sequence[float], ours: Sequence[float]) -> float:
    """Returns the median over rounds of what a way takes, in units of ours."""
    return _median(np.divide(way, ours))


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))


if __name__ == "__main__":
    main()
