"""Writes a trained generator for other programs: LiteRT, ONNX Runtime, Keras, TensorFlow.

python -m tfgan_losses export --run=runs/digits-acgan-001 --format=tflite,onnx --output=exported

Each file is read again by the program that it is for, and is there only if that makes the samples
of the generator, to 1e-5 of numbers in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import libraries
from tfgan_losses.commands import Command
from tfgan_losses.exporting.formats import Format
from tfgan_losses.flags import exporting, trained
from tfgan_losses.flags.outputs import new_folder
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.exporting.trained_generator import TrainedGenerator
    from tfgan_losses.exporting.writing import Exported

_HEADS = ("format", "MB", "ms of 1", "ms each of 16", "difference", "file")
_ROW = "{:<11} {:>8} {:>9} {:>14} {:>11}  {}"


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a run to a folder of files.

    Args:
        flags: Of the group "exporting".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such generator, or a format cannot hold it; the files of those
            before are there.
        OSError: If a file cannot be written.
    """
    if flags.format is None:
        raise ValueError("Expected --format=<one or more formats>. Received: no --format")
    kinds = exporting.chosen(flags.format)
    directory = trained.find(flags)
    if directory.is_of_pyramid():
        raise ValueError(
            "Expected a run of one generator. A run of one image has one for each scale, and "
            f"leaves all of them as a SavedModel, {directory.generator}, when it ends. "
            f"Received: --run={flags.run}"
        )
    with new_folder(flags.output) as folder:
        libraries.with_libraries(_export)(flags, directory, folder, kinds)
    return 0


def _export(flags: FlagValues, directory: RunDirectory, folder: Path, kinds: list[Format]) -> None:
    from tfgan_losses.exporting.trained_generator import TrainedGenerator
    from tfgan_losses.exporting.writing import write_checked

    opened = trained.open_generator(flags, directory)
    network = getattr(opened.generator, "sampler", None)
    if network is None:
        raise ValueError(
            "Expected a run with a checkpoint, and gan.keras or flags.txt, of which its networks "
            f"can be made. Received: --run={flags.run}, of which only {opened} is left"
        )
    generator = TrainedGenerator(network, opened.generator.latent_dim, opened.generator.condition)
    written = RunDirectory(folder)
    print(f"{opened}: {_signature(generator, written)}")
    print(_ROW.format(*_HEADS))
    for kind in kinds:
        exported = write_checked(generator, folder / kind.file_name, kind)
        # TFLite has no place for them.
        written.write_class_names(generator.class_names)
        print(_row(generator, kind, exported), flush=True)


def _signature(generator: TrainedGenerator, written: RunDirectory) -> str:
    """Returns what a person has to give and gets."""
    classes = f" (lines of {written.class_names}, from 0)" if generator.class_names else ""
    inputs = ", ".join(f"{each.name} {_shape(each.shape)}" for each in generator.specs)
    return f"{inputs}{classes} -> samples {_shape(generator.network.output_shape)}"


def _shape(shape: Sequence[int | None]) -> str:
    return f"[{', '.join('n' if size is None else str(size) for size in shape)}]"


def _row(generator: TrainedGenerator, kind: Format, exported: Exported) -> str:
    from tfgan_losses.exporting.checking import milliseconds

    one, each = (milliseconds(generator, exported.run, count) for count in (1, 16))
    return _ROW.format(
        kind.name,
        f"{exported.megabytes:.2f}",
        f"{one:.2g}",
        f"{each:.2g}",
        f"{exported.difference:.1e}",
        exported.path,
    )


COMMAND = Command(description=__doc__ or "", groups=("exporting",), run=run)
