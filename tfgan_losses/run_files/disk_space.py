"""How much of a disk a run will take, and whether it is there."""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from absl import logging

from tfgan_losses.run_files.pictures import are_images

if TYPE_CHECKING:
    import keras

    from tfgan_losses.gan import GAN
    from tfgan_losses.keeping import Keeping
    from tfgan_losses.types import Shape

# Measured of small networks, where it counts: what a checkpoint and a SavedModel hold beside
# variables, and a picture beside pixels. All in bytes.
_OF_CHECKPOINT, _OF_SAVED_MODEL, _OF_FRAME = 120_000, 800_000, 70_000
_OF_PLOT = 60_000  # A picture of points.
_OF_ROW = 500  # In metrics.csv and in logs/.
_FRAMES = 100  # Of samples.gif.
# Of pixels as files have them: little images are enlarged, which costs a little.
_PNG = 1.3


@dataclasses.dataclass(frozen=True)
class DiskSpace:
    """What a run takes at most, estimated; in bytes.

    Attributes:
        checkpoints: Those that stay, and the one that is being written.
        models: The exports and `gan.keras`.
        pictures: `samples/`, the same in `logs/`, the animation, and the tables.
    """

    checkpoints: float
    models: float
    pictures: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.checkpoints + self.models + self.pictures

    def __str__(self) -> str:
        return (
            f"about {in_words(self.total)} (checkpoints {in_words(self.checkpoints)}, models "
            f"{in_words(self.models)}, pictures and tables {in_words(self.pictures)})"
        )


def of_run(gan: GAN, keeping: Keeping, steps: int) -> DiskSpace:
    """Returns what a run takes.

    Args:
        gan: Compiled.
        keeping: What is kept.
        steps: Of the whole run.
    """
    networks = [gan.generator, gan.discriminator]
    networks += [] if gan.ema_generator is None else [gan.ema_generator]
    holders = [*networks, gan.g_optimizer, gan.d_optimizer]
    checkpoint = sum(map(bytes_of, holders)) + _OF_CHECKPOINT
    exports = 1 if keeping.monitor is None else 2
    return DiskSpace(
        # Before an older one goes, the newest is there.
        checkpoints=(checkpoints_kept(keeping, steps) + 1) * checkpoint,
        models=checkpoint + exports * (bytes_of(gan.sampler) + _OF_SAVED_MODEL),
        pictures=of_pictures(gan.example_shape, keeping, steps),
    )


def checkpoints_kept(keeping: Keeping, steps: int) -> int:
    """Returns how many checkpoints stay."""
    written = -(-steps // keeping.checkpoint_every)
    return min(keeping.keep_checkpoints, written) + (keeping.monitor is not None)


def bytes_of(holder: keras.Model | keras.optimizers.Optimizer) -> int:
    """Returns the bytes of all variables."""
    return sum(_size(variable) for variable in holder.variables)


def _size(variable: keras.Variable) -> int:
    from keras import backend

    bits = {"float64": 64, "int64": 64, "uint64": 64, "float16": 16, "bfloat16": 16, "bool": 8}
    dtype = backend.standardize_dtype(variable.dtype)
    return math.prod(variable.shape) * bits.get(dtype, 32) // 8


def of_pictures(shape: Shape, keeping: Keeping, steps: int) -> float:
    """Returns the bytes of pictures, the same in the logs, the animation, and the tables.

    Args:
        shape: Of an example.
        keeping: What is kept.
        steps: Of the run.
    """
    if are_images(shape):
        pixels = math.prod(size or 1 for size in shape[:2])
        one = _PNG * keeping.images_per_picture * pixels * 3
    else:
        one = _OF_PLOT if shape == (2,) else 0
    count = steps // keeping.sample_every + 2
    frame = max(one / 3, _OF_FRAME) if one else 0  # 256 colours.
    tables = _OF_ROW * steps / keeping.log_every
    return 2 * count * (one + _OF_FRAME * bool(one) / 3) + min(count, _FRAMES) * frame + tables


def free(path: str | os.PathLike) -> int:
    """Returns the bytes that are free where a directory is or will be."""
    place = Path(path).absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def warn_if_short(path: str | os.PathLike, needed: DiskSpace) -> None:
    """Logs a warning if a run will take more than there is.

    Args:
        path: Of the run; what lies there already is a part of what is needed.
        needed: By all of it.
    """
    there = sum(_sizes_below(Path(path)))
    missing = needed.total - there
    available = free(path)
    if missing > available:
        logging.warning(
            "The run takes %s of disk in %s, of which %s are missing, and %s are free. Expected "
            "more space, another directory, or less that is kept: a smaller keep_checkpoints, a "
            "larger sample_every.",
            needed,
            path,
            in_words(missing),
            in_words(available),
        )


def _sizes_below(path: Path) -> Iterable[int]:
    for folder, _, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            yield file.stat().st_size if file.is_file() else 0


def in_words(size: float) -> str:
    """`0.4 MB`, `12 MB`, `3.5 GB`."""
    millions = size / 1e6
    if millions < 9.95:
        return f"{millions:.1f} MB"
    if millions < 999.5:
        return f"{millions:.0f} MB"
    return f"{size / 1e9:.1f} GB" if size < 9.95e9 else f"{size / 1e9:,.0f} GB"
