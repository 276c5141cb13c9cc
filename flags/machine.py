"""What the flags ask of the machine: determinism, precision, and the devices to train on."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
from collections.abc import Iterator

import keras
import tensorflow as tf
from absl.flags import FlagValues

from tfgan_losses import interrupts


def prepare(flags: FlagValues) -> tf.distribute.Strategy:
    """Sets seeds, determinism and precision, and finds the devices; before anything is built.

    Args:
        flags: Of the group "machine", and the seed.

    Returns:
        The strategy in whose scope networks and optimisers are made.

    Raises:
        ValueError: If TF_CONFIG does not describe workers, or not this one.
    """
    keras.utils.set_random_seed(flags.seed)
    if flags.deterministic:
        tf.config.experimental.enable_op_determinism()
    if flags.mixed_precision != "none":
        keras.config.set_dtype_policy(flags.mixed_precision)
    return _strategy(flags)


def _strategy(flags: FlagValues) -> tf.distribute.Strategy:
    if flags.strategy == "multi_worker":
        count = _count_workers(os.environ.get("TF_CONFIG", ""))
        waiting = f"Waiting for all {count} workers of TF_CONFIG"
        with _ending_after(flags.worker_timeout, waiting):
            return tf.distribute.MultiWorkerMirroredStrategy()
    several = len(tf.config.list_logical_devices("GPU")) > 1
    if flags.strategy == "mirrored" or (flags.strategy == "auto" and several):
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _count_workers(text: str) -> int:
    """Returns the number of workers in TF_CONFIG.

    TensorFlow takes a missing one for a single worker, waits for ever where an index is wrong,
    and gives parameter servers no work.
    """
    example = (
        '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
        '"task": {"type": "worker", "index": 0}}'
    )
    try:
        config = json.loads(text)
        tasks, own = config["cluster"], config["task"]
        count = sum(len(addresses) for addresses in tasks.values())
        known = set(tasks) <= {"chief", "worker"} and len(tasks.get("chief", "1")) == 1
        fits = 0 <= int(own["index"]) < len(tasks[own["type"]])
    except (ValueError, TypeError, KeyError, AttributeError):
        known = fits = False
    if not (known and fits):
        raise ValueError(
            f"Expected the environment variable TF_CONFIG to name all workers and this one, such "
            f"as {example}. Received: {f'TF_CONFIG={text!r}' if text else 'no TF_CONFIG'}"
        )
    return count


@contextlib.contextmanager
def _ending_after(seconds: int, action: str) -> Iterator[None]:
    """Ends the process if the body takes longer; says so before.

    faulthandler does it from a thread of C: TensorFlow waits while it holds Python's lock, so that
    no Python code and no handler of a signal could.
    """
    print(f"{action} (ends after {seconds} s without)", file=sys.stderr, flush=True)
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            with interrupts.unanswered():
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()
