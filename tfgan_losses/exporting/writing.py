"""Writes a generator in a format, and reads it again before anybody relies on it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from tfgan_losses.exporting import checking, formats
from tfgan_losses.exporting.formats import Format, Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.run_files.atomic import PREFIX, errors_name


class Exported(NamedTuple):
    """A file, or the directory of a SavedModel, that makes the samples of its generator.

    Attributes:
        path: Where it is.
        run: Makes samples by the runtime of the format.
        difference: The largest one of a number of a sample from that of the generator.
    """

    path: Path
    run: Runner
    difference: float

    @property
    def megabytes(self) -> float:
        """Size of all files, in 10^6 bytes."""
        files = self.path.rglob("*") if self.path.is_dir() else [self.path]
        return sum(each.stat().st_size for each in files if each.is_file()) / 1e6


def export(generator: TrainedGenerator, path: str | os.PathLike) -> None:
    """Writes the format that the ending of a path says; see `GAN.export_generator`."""
    kind = formats.of_path(path)
    if kind is formats.SAVED_MODEL:
        kind.room.write(generator, Path(path))
    else:
        write_checked(generator, Path(path), kind)


def write_checked(generator: TrainedGenerator, path: Path, kind: Format) -> Exported:
    """Writes a file or a directory, which is there only if it makes the generator's samples.

    Args:
        generator: What is written, in float32 whatever it was trained in.
        path: A new one.
        kind: The format.

    Raises:
        ValueError: If packages are missing, the path is there, the format lacks an operation of the
            generator, or its samples differ by more than 1e-5 of their range.
        OSError: If it cannot be written.
    """
    kind.check_installed()
    generator = generator.in_full_precision()
    if path.exists():
        raise ValueError(f"Expected a new file. Received: {path}, which is there")
    with _unfinished(path) as temporary:
        try:
            kind.room.write(generator, temporary)
            # A GPU rounds factors to 10 bits, where it may.
            with tf.device("CPU:0"):
                run = kind.room.load(temporary)
                difference = checking.largest_difference(generator, run)
        except (OSError, MemoryError, tf.errors.OpError):
            raise
        except Exception as error:  # Of four libraries.
            raise ValueError(
                f"Expected a generator that {kind.name} can hold. Received: {_reason(error)}"
            ) from error
        checking.check(difference, kind.name)
    return Exported(path, run, difference)


@contextlib.contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Gives a name beside a path, whose file or directory gets that name if the block ends well."""
    temporary = path.with_name(PREFIX + path.name)
    try:
        with errors_name(path):
            yield temporary
            temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    """Returns what a person needs of what a converter or a runtime says on many lines."""
    text = str(error)
    lacking = re.search(r"(?:(?:Select|Custom) ops: |No Op registered for )((?:\w+, )*\w+)", text)
    if lacking:
        return f"{lacking[1]}, which the format lacks or cannot tell the shapes of"
    return (text.strip().splitlines() or [type(error).__name__])[0]
