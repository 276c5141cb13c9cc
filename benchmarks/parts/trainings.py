"""The trainings of a table, one after the other or in several processes."""

from __future__ import annotations

import concurrent.futures
import datetime
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import keras
import tensorflow as tf

from parts.result_files import Key, Result, ResultFile

# What is measured of the samples of a training, by name.
Measures: TypeAlias = dict[str, float]
Train: TypeAlias = Callable[[Key], Measures]


def train_missing(file: ResultFile, keys: Iterable[Key], train: Train, jobs: int) -> None:
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
    missing = [key for key in keys if file.outcome(key) in ("missing", "failed")]
    for count, (key, result) in enumerate(_results(missing, train, jobs), start=1):
        file.append(key, result)
        print(
            f"[{count}/{len(missing)}] {key['gan_type']}, {key['dataset']}, seed {key['seed']}: "
            f"{result['outcome']}, {result['seconds']:.0f} s {result.get('error', '')}",
            flush=True,
        )


def _results(keys: list[Key], train: Train, jobs: int) -> Iterator[tuple[Key, Result]]:
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


def _attempt(train: Train, key: Key) -> Result:
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
