"""`mirrored`, any source of images with their mirror images among the data."""

from __future__ import annotations

import dataclasses
import operator

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.datasets.fingerprint import Fingerprint
from tfgan_losses.datasets.source import BaseSource, Source, part_of_batch, to_integer
from tfgan_losses.types import Tensor

_WIDTH = 2  # Axis of a batch of images.
# Which half of the set comes first as it is, and which mirrored, is no matter of a run's seed.
_SEED_OF_THE_SET = 0


def mirrored(source: Source) -> Mirrored:
    """Returns a source of twice as many images: those of another one, and their mirror images.

    Args:
        source: Any source of images, also of a class of one's own. One that is mirrored already
            stays as it is.

    Raises:
        ValueError: If it has points, or anything else that has no left and right.
    """
    if isinstance(source, Mirrored):
        return source
    shape = tuple(source.example_shape)
    name = getattr(source, "name", type(source).__name__)
    if len(shape) != 3:
        raise ValueError(
            "Expected images (height, width, channels), of which there are mirror images. "
            f"Received: {name!r} with examples of shape {shape}"
        )
    size, counts = getattr(source, "size", None), getattr(source, "counts", None)
    return Mirrored(
        source=source,
        name=name,
        example_shape=shape,
        size=_twice(size),
        num_classes=getattr(source, "num_classes", None),
        class_names=getattr(source, "class_names", None),
        counts=None if counts is None else tuple(2 * count for count in counts),
        left_out=getattr(source, "left_out", {}),
        preparation="; ".join(filter(None, [getattr(source, "preparation", ""), "mirror images"])),
        fingerprint=_fingerprint(getattr(source, "fingerprint", None)),
    )


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Mirrored(BaseSource):
    """A source whose images come mirrored, left to right, half of the time; see `mirrored`.

    Attributes:
        source: What is mirrored.
        size: Twice its number of examples, like `counts`; `None` if it has no end.
    """

    source: Source

    def batches(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        start: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> tf.data.Dataset:
        """Returns the batches of the source, each image mirrored with probability 1/2.

        Which ones is a function of (seed, number of the batch, row), so that shards make the
        batch, and a resumed run goes on as it would have; see `BaseSource.batches`.
        """
        start = to_integer("start", start, minimum=0)
        batch_size = to_integer("batch_size", batch_size, minimum=1)
        own, seed = part_of_batch(batch_size, shard), operator.index(seed)
        # A source of one's own needs no `shard` where there is one worker.
        given = {} if tuple(shard) == (0, 1) else {"shard": shard}
        dataset = self.source.batches(batch_size, seed=seed, start=start, **given)

        @tf.autograph.experimental.do_not_convert
        def mirror(number: Tensor, batch: Tensor | tuple[Tensor, ...]) -> Tensor | tuple:
            examples, *labels = batch if isinstance(batch, tuple) else (batch,)
            bits = random.integers([batch_size], random.step_seed(seed, number, "mirror"))[own]
            flips = tf.reshape(bits >= 0, [-1, 1, 1, 1])
            examples = tf.where(flips, tf.reverse(examples, [_WIDTH]), examples)
            return (examples, *labels) if labels else examples

        numbered = dataset.enumerate(start).map(mirror, num_parallel_calls=tf.data.AUTOTUNE)
        options = tf.data.Options()
        options.deterministic = True
        return numbered.with_options(options).prefetch(tf.data.AUTOTUNE)

    def choose(self, count: int, per_class: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns examples that show what is in the set, some of them mirrored."""
        if not hasattr(self.source, "choose"):
            return super().choose(count, per_class)
        examples, labels = self.source.choose(count, per_class)
        return _mirror(examples, _flips(len(examples))), labels

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The examples of the source, about half of them mirrored; then the same the other way."""
        once = n if self.size is None else min(n, self.size // 2)
        examples, labels = _first(self.source, once)
        flips = _flips(len(examples))
        rest = n - len(examples) if self.size is not None else 0
        first, second = _mirror(examples, flips), _mirror(examples[:rest], ~flips[:rest])
        both = np.concatenate([first, second]) if rest else first
        return both, None if labels is None else np.concatenate([labels, labels[:rest]])


def _first(source: Source, count: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The first examples of any source, with their labels if there are any."""
    if hasattr(source, "take"):
        found = source.take(count)
    else:
        found = next(iter(source.batches(count, seed=_SEED_OF_THE_SET, start=0)))
    examples, labels = found if isinstance(found, tuple | list) else (found, None)
    return np.asarray(examples), None if labels is None else np.asarray(labels)


def _flips(count: int) -> np.ndarray:
    """Which of the first examples come mirrored, bool; more of them begin alike."""
    return np.random.default_rng(_SEED_OF_THE_SET).random(count) < 0.5


def _mirror(examples: np.ndarray, flips: np.ndarray) -> np.ndarray:
    return np.where(flips[:, None, None, None], np.flip(examples, _WIDTH), examples)


def _twice(size: int | None) -> int | None:
    return None if size is None else 2 * size


def _fingerprint(of_source: Fingerprint | None) -> Fingerprint | None:
    """Says the numbers that there are now, and why."""
    if of_source is None:
        return None
    found: Fingerprint = {**of_source, "mirror": True}
    size, counts = found.get("size"), found.get("counts")
    if isinstance(size, int):
        found["size"] = 2 * size
    if isinstance(counts, list):
        found["counts"] = [2 * int(count) for count in counts]
    return found
