"""Whether a file makes the samples of its generator, and how fast."""

from __future__ import annotations

import statistics
import time

import numpy as np

from tfgan_losses.exporting.formats import Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator

# Of the range of images, [-1, 1].
_TOLERANCE = 1e-5
_COUNT, _SEED = 16, 0
_CALLS = 5


def largest_difference(generator: TrainedGenerator, run: Runner) -> float:
    """Returns the largest difference of a number of 16 samples, together and of the first alone.

    It is of numbers in [-1, 1]; where samples have larger ones, as points have, they are divided
    by the largest.

    Args:
        generator: What is right, in full precision.
        run: What is checked.

    Raises:
        ValueError: If the generator makes NaN or infinity.
    """
    inputs = generator.draw(_COUNT, _SEED)
    expected = np.asarray(generator.samples(*inputs))
    if not np.isfinite(expected).all():
        raise ValueError("a generator that makes NaN or infinity, as of a training that diverged")
    differences = np.concatenate(
        [np.ravel(run(inputs) - expected), np.ravel(run([x[:1] for x in inputs]) - expected[:1])]
    )
    # NaN stays NaN.
    return float(np.abs(differences).max() / max(1.0, np.abs(expected).max()))


def check(difference: float, name: str) -> None:
    """Checks that samples are the same.

    Args:
        difference: As `largest_difference` returns it.
        name: Of the format.

    Raises:
        ValueError: If they are not.
    """
    if not difference <= _TOLERANCE:
        raise ValueError(
            f"Expected a generator of which {name} makes the same samples, to {_TOLERANCE:g} of "
            f"numbers in [-1, 1]. Received: a difference of {difference:.2g}"
        )


def milliseconds(generator: TrainedGenerator, run: Runner, count: int) -> float:
    """Returns the time per sample in milliseconds, the median of five calls after a first one.

    Args:
        generator: For inputs.
        run: What is timed.
        count: Samples of each call.
    """
    inputs = generator.draw(count, _SEED)
    run(inputs)
    times = []
    for _ in range(_CALLS):
        start = time.perf_counter()
        run(inputs)
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times) / count
