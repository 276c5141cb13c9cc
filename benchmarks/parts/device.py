"""What computes: a GPU if there is one, else the CPU, how fast it multiplies, its memory."""

from __future__ import annotations

import functools
import resource
import sys
import time
from pathlib import Path

import tensorflow as tf

_MIB = 2**20
_REPEATS, _TRIES = 8, 6
_STATUS = Path("/proc/self/status")


@functools.cache
def has_gpu() -> bool:
    """Returns whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


@functools.cache
def matrix_rate(precision: str, size: int | None = None) -> float:
    """Returns the floating point operations per second of a product of two large matrices.

    The fastest of a few tries. On a GPU, float32 products are made in TF32, as in training.

    Args:
        precision: "float32", "bfloat16" or "float16".
        size: Rows and columns; None for 8192 on a GPU, 1024 on a CPU.
    """
    size = size or (8192 if has_gpu() else 1024)
    left, right = (
        tf.cast(tf.random.normal([size, size], stddev=size**-0.5), precision) for _ in range(2)
    )

    @tf.function
    def run(left: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        for _ in range(_REPEATS):
            right = tf.matmul(left, right)
        return right[0, 0]

    seconds = []
    for _ in range(_TRIES):
        start = time.perf_counter()
        float(run(left, right))
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 * _REPEATS / min(seconds)


class GPUMemory:
    """What TensorFlow takes of the memory of a GPU, in MiB, above what it held before."""

    def __init__(self) -> None:
        self._before = tf.config.experimental.get_memory_info("GPU:0")["current"]

    def reset(self) -> None:
        """Forgets the peak so far."""
        tf.config.experimental.reset_memory_stats("GPU:0")

    def peak(self) -> float:
        """Returns the most since the last `reset`."""
        return (tf.config.experimental.get_memory_info("GPU:0")["peak"] - self._before) / _MIB


class ResidentMemory:
    """What this process takes of the memory of the machine, in MiB, above what it held before."""

    def __init__(self) -> None:
        if _STATUS.exists():
            # Linux: the peak so far is forgotten.
            Path("/proc/self/clear_refs").write_text("5")
        self._before = peak_resident()

    def peak(self) -> float:
        """Returns the most since this was made."""
        return peak_resident() - self._before


def peak_resident() -> float:
    """Returns the peak resident memory of this process in MiB."""
    if _STATUS.exists():
        # Linux: ru_maxrss starts from the memory of the process that started this one.
        peak = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM"))
        return int(peak.split()[1]) / 2**10
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest / (_MIB if sys.platform == "darwin" else 2**10)
