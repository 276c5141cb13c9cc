"""What the run of a pyramid leaves, and what a person is told of it."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfgan_losses.datasets.source import BaseSource, MemorySource
from tfgan_losses.keeping import Keeping
from tfgan_losses.pyramid import images
from tfgan_losses.pyramid.plan import Plan
from tfgan_losses.pyramid.time_left import TimeLeft
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.checkpoint_files import checkpoint_name
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN

COLUMNS = ("scale", "height", "width", "channels", "amplitude", "reconstruction_rmse")
_LEVELS = 127.5  # of 255, for 1 in [-1, 1]
_SAMPLES = 9


def finished(directory: RunDirectory) -> list[dict[str, str]]:
    """Returns the rows of `scales.csv`: those of the scales that are done."""
    if not directory.scales_csv.exists():
        return []
    with open(directory.scales_csv, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def finest_of(directory: RunDirectory, source: BaseSource) -> MemorySource:
    """Returns the image of a source at the finest scale of a run.

    Raises:
        ValueError: If there is more than one image, or no scale is done.
    """
    rows = finished(directory)
    if source.size != 1 or not rows:
        raise ValueError(
            "Expected data of one image, image:<file>, and a run that has finished a scale. "
            f"Received: {source.name} of {source.size} images, {len(rows)} scales in "
            f"{directory.scales_csv}"
        )
    height, width = int(rows[-1]["height"]), int(rows[-1]["width"])
    image = images.resize(source.take(1)[0][0], height, width)
    return MemorySource.from_arrays(
        image[None],
        name=source.name,
        preparation=f"{source.preparation}; resized to {height}x{width}",
    )


def last_checkpoint(directory: RunDirectory, steps: int) -> Path:
    """Returns the checkpoint of the last step of a scale that is done.

    Raises:
        ValueError: If it is not there any more.
    """
    path = directory.checkpoints / checkpoint_name(steps)
    if not path.exists():
        raise ValueError(
            f"Expected the checkpoint of a scale that is done, {path}, from which the next one "
            "starts. Received: no such file"
        )
    return path


def add_scale(directory: RunDirectory, plan: Plan, scale: int, gan: GAN) -> None:
    """Writes the row of a scale that is done, and says how well it reconstructs the image.

    Raises:
        OSError: If it cannot be written.
    """
    error = plan.reconstruction_error(gan)
    height, width = plan.scales.sizes[scale]
    row = (scale, height, width, plan.widths[scale], amplitude_of(gan), f"{error:.6g}")
    rows = [tuple(each.values()) for each in finished(directory)]
    with (
        atomic_path(directory.scales_csv) as path,
        open(path, "w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows, row])
    print(f"Scale {scale} reconstructs the image with an error of {_in_levels(error)}.")


def amplitude_of(gan: GAN) -> float:
    """Returns what the noise of the newest stage is multiplied by."""
    return float(gan.generator.stages[-1].get_layer("amplitude").scale)


def heading(plan: Plan, scale: int, gan: GAN) -> str:
    """Returns the line before the training of a scale."""
    height, width = plan.scales.sizes[scale]
    return (
        f"Scale {scale} of 0 to {len(plan.scales.sizes) - 1}: {height}x{width} (height x width), "
        f"{plan.widths[scale]} channels, noise {amplitude_of(gan):.4g}"
    )


def keeping_of(keeping: Keeping, plan: Plan, scale: int, times: TimeLeft) -> Keeping:
    """Returns what is kept of one scale: the same, and the line of progress names it."""
    part = f"scale {scale}/{len(plan.scales.sizes) - 1}"
    return dataclasses.replace(keeping, part=part, after=times.after(scale))


def write(directory: RunDirectory, plan: Plan, gan: GAN) -> None:
    """Writes the pyramid, its SavedModel and pictures.

    Args:
        directory: Of the pyramid.
        plan: What it was trained by.
        gan: Of the finest scale.

    Raises:
        OSError: If one cannot be written; what was written before is whole.
    """
    from tfgan_losses.pyramid.export import write_saved_model
    from tfgan_losses.pyramid.sampling import sample

    pyramid = gan.generator
    with atomic_path(directory.pyramid) as path:
        pyramid.save(path)
    directory.replace_generator(lambda path: write_saved_model(pyramid, path))
    height, width = plan.scales.sizes[-1]
    directory.samples.mkdir(exist_ok=True)
    pictures.write_png(directory.real, _alone(plan.reals[-1]))
    reconstruction = _alone(pyramid.reconstruct().numpy()[0])
    pictures.write_png(directory.samples / "reconstruction.png", reconstruction)
    wide = sample(pyramid, 1, seed=0, height=height, width=2 * width)[0]
    pictures.write_png(directory.samples / "wide.png", _alone(wide))
    samples = pictures.image_grid(sample(pyramid, _SAMPLES, seed=0))
    pictures.write_png(directory.samples / "samples.png", samples)


def _alone(image: np.ndarray) -> np.ndarray:
    return pictures.image_grid(image[None], padding=0, min_cell=1)


def tell(directory: RunDirectory, plan: Plan) -> None:
    """Prints how well each scale reconstructs the image, and how to make samples."""
    print("Reconstruction errors, the roots of the mean squares:")
    for row in finished(directory):
        size = f"{row['height']}x{row['width']}"
        error = _in_levels(float(row["reconstruction_rmse"]))
        print(f"    scale {row['scale']:>2}  {size:>9}  {error}")
    height, width = plan.scales.sizes[-1]
    print(f"Samples:   {directory.samples}: samples.png, wide.png, reconstruction.png")
    print(f"Scales:    {directory.scales_csv}, {directory.path / 'scale_*' / 'curves.png'}")
    print(f"Generator: {directory.generator}. It needs only TensorFlow:")
    for line in (
        "import tensorflow as tf",
        f"generator = tf.saved_model.load({str(directory.generator)!r})",
        f"images = generator.sample(9, 0, {height}, {2 * width})  # count, seed, height, width",
    ):
        print(f"    {line}")


def _in_levels(error: float) -> str:
    return f"{error:.4f} ({_LEVELS * error:.1f} of 255 levels)"
