"""What the tables of all gan_types share: results that survive an interruption, processes, header.

A training has a key, a dict of everything that decides its result. What is in the file under its
key is not trained again.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import datetime
import hashlib
import json
import multiprocessing
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Key = dict[str, Any]
Result = dict[str, Any]


class ResultFile:
    """JSON lines `{"key": ..., "result": ...}`; of several lines with one key the last counts.

    Args:
        path: The file; made with its directory when the first result comes.
    """

    def __init__(self, path: Path):
        self.path = path
        self._results = dict(self._read()) if path.exists() else {}

    def _read(self) -> Iterator[tuple[str, Result]]:
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                yield _name(row["key"]), row["result"]
            except (ValueError, KeyError, TypeError):
                # A process that was killed while it wrote leaves half a line.
                print(f"{self.path}, line {number}: no result, ignored", file=sys.stderr)

    def get(self, key: Key) -> Result | None:
        """The result of a training, or None."""
        return self._results.get(_name(key))

    def append(self, key: Key, result: Result) -> None:
        """Writes a result to the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(max(0, file.tell() - 1))
            if file.read(1) not in (b"", b"\n"):
                file.write(b"\n")
            file.write(json.dumps({"key": key, "result": result}).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._results[_name(key)] = result


def _name(key: Key) -> str:
    return json.dumps(key, sort_keys=True)


def plain(row: Any) -> Key:
    """A dataclass as the part of a key: without citations, and without what is None.

    So a field that is added later, None for the rows of today, leaves today's keys as they are.
    """
    fields = {
        key: value
        for key, value in dataclasses.asdict(row).items()
        if value is not None and key != "citation"
    }
    # Through JSON, so that keys of this process and of the file are equal.
    return json.loads(json.dumps(fields, default=str))


def train_missing(
    file: ResultFile, keys: Iterable[Key], train: Callable[[Key], Result], jobs: int
) -> None:
    """Trains what the file does not hold, and appends each result as soon as it is there.

    A training that diverges is a result like any other. One that fails otherwise is written as
    well, with its error, and tried again by the next call.

    Args:
        file: Where results are.
        keys: Of all trainings.
        train: Of a module that other processes can import; trains one.
        jobs: Processes. With 1, trainings run in this one, with all cores; of several, each has
            its share of the cores.
    """
    missing = [key for key in keys if outcome_of(file.get(key)) in ("missing", "failed")]
    for count, (key, result) in enumerate(_results(missing, train, jobs), start=1):
        file.append(key, result)
        print(
            f"[{count}/{len(missing)}] {key['gan_type']}, {key['dataset']}, seed {key['seed']}: "
            f"{result['outcome']}, {result['seconds']:.0f} s {result.get('error', '')}",
            flush=True,
        )


def _results(
    keys: list[Key], train: Callable[[Key], Result], jobs: int
) -> Iterator[tuple[Key, Result]]:
    if jobs == 1 or len(keys) < 2:
        for key in keys:
            yield key, _attempt(train, key)
        return
    # A process that has TensorFlow must not be forked.
    context = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_limit_threads, initargs=(threads,)
    ) as pool:
        futures = {pool.submit(_attempt, train, key): key for key in keys}
        try:
            for future in concurrent.futures.as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _limit_threads(threads: int) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def _attempt(train: Callable[[Key], Result], key: Key) -> Result:
    start = time.perf_counter()
    # It takes several models in one process for a mistake.
    tf.get_logger().setLevel("ERROR")
    keras.backend.clear_session()
    try:
        result = {"outcome": "trained", **train(key)}
    except FloatingPointError as error:
        result = {"outcome": "diverged", "error": str(error)}
    except Exception as error:
        result = {"outcome": "failed", "error": f"{type(error).__name__}: {error}"}
    date = str(datetime.date.today())
    return {**result, "seconds": time.perf_counter() - start, "date": date}


def header(settings: dict[str, Any], results: Iterable[Result | None]) -> str:
    """Command, dates of the trainings, versions, machine and settings."""
    dates = sorted({result["date"] for result in results if result})
    days = " to ".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "nothing trained"
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), cpu)
    gpus = [
        tf.config.experimental.get_device_details(x)["device_name"]
        for x in tf.config.list_physical_devices("GPU")
    ]
    command = shlex.join([f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    values = ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None)
    return (
        f"`python {command}`, {days}, TensorFlow {tf.__version__}, Keras "
        f"{keras.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{', '.join([f'{cpu}, {os.cpu_count()} cores', *gpus])}.\n\nSettings: {values}.\n"
    )


def add_arguments(
    parser: argparse.ArgumentParser, names: list[str], *, seeds: list[int], output_dir: str
) -> None:
    """The options of every table; None for what a setting decides."""
    parser.add_argument(
        "--gan_types", type=lambda x: x.split(","), default=names, help="with commas; default: all"
    )
    parser.add_argument("--seeds", type=lambda x: [int(y) for y in x.split(",")], default=seeds)
    parser.add_argument("--steps", type=int, help="generator updates")
    parser.add_argument("--batch_size", type=int, help="per discriminator update")
    parser.add_argument("--width", type=int, help="units or channels of both networks")
    parser.add_argument("--jit_compile", action=argparse.BooleanOptionalAction, help="XLA")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--table_only", action="store_true", help="train nothing")
    parser.add_argument("--quick", action="store_true", help="20 steps: only to see that it runs")
    parser.add_argument("--output_dir", type=Path, default=Path(output_dir))


def overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What the options of `add_arguments` change in a setting."""
    names = ("steps", "batch_size", "width", "jit_compile")
    given = {key: getattr(args, key) for key in names if getattr(args, key) is not None}
    quick = {"steps": 20, "width": 8, "batch_size": 16, "jit_compile": False}
    return {**(quick if args.quick else {}), **given}


def samples_path(directory: Path, key: Key) -> Path:
    """Where the samples of a training are; other settings have other files."""
    digest = hashlib.sha256(_name(key).encode()).hexdigest()[:8]
    return directory / "samples" / f"{key['dataset']}-{key['gan_type']}-{key['seed']}-{digest}.npz"


def write_samples(directory: Path, key: Key, samples: np.ndarray) -> None:
    """Keeps the samples, for pictures and other measures."""
    path = samples_path(directory, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, samples=samples)


def outcome_of(result: Result | None) -> str:
    """ "trained", "diverged", "failed", or "missing" where there is no result yet."""
    return "missing" if result is None else result["outcome"]


def with_error(values: list[float], digits: int) -> str:
    """Mean ± standard error of the mean; of one value, the value."""
    values = [value for value in values if np.isfinite(value)]
    if not values:
        return "-"
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {np.std(values, ddof=1) / np.sqrt(len(values)):.{digits}f}"
