"""Samples as files that others read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tfgan_losses.measuring.description import quantised
from tfgan_losses.measuring.drawing import Batch
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.atomic import atomic_path, errors_name

_POINTS_IN_A_PICTURE = 5000
_GIF_MILLISECONDS = 80


def write_images(folder: Path, batches: Iterable[Batch], names: Sequence[str] | None) -> int:
    """Writes 00000.png, 00001.png, ..., and labels.csv if there are labels.

    Args:
        folder: Where to.
        batches: Images [n, height, width, 1, 3 or 4] in [-1, 1], and their labels.
        names: Of the classes.

    Returns:
        The number of images.

    Raises:
        ValueError: If a value is not finite.
        OSError: If a file cannot be written.
    """
    from PIL import Image

    count = 0
    labels: list[int] = []
    for examples, own_labels in batches:
        for levels in quantised(examples):
            path = folder / f"{count:05d}.png"
            with errors_name(path):
                Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels).save(path)
            count += 1
        labels += [] if own_labels is None else own_labels.tolist()
    if labels:
        _write_labels(folder / "labels.csv", labels, names)
    return count


def _write_labels(path: Path, labels: Sequence[int], names: Sequence[str] | None) -> None:
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "label"] + ["name"] * bool(names))
        for number, label in enumerate(labels):
            table.writerow([f"{number:05d}.png", label] + ([names[label]] if names else []))


def write_npz(
    path: Path, batches: Iterable[Batch], count: int, names: Sequence[str] | None
) -> None:
    """Writes an archive that `load_npz` reads.

    Args:
        path: Of the `.npz`.
        batches: Examples and labels; images become uint8.
        count: Of all examples.
        names: Of the classes.

    Raises:
        ValueError: If a value is not finite.
        OSError: If the file cannot be written.
    """
    examples = np.empty(0)
    labels: list[np.ndarray] = []
    start = 0
    for batch, own_labels in batches:
        part = quantised(batch)
        if not start:
            examples = np.empty((count, *part.shape[1:]), part.dtype)
        examples[start : start + len(part)] = part
        start += len(part)
        labels += [] if own_labels is None else [own_labels]
    arrays = {"images" if examples.ndim == 4 else "x": examples}
    if labels:
        arrays["labels"] = np.concatenate(labels)
        arrays |= {"class_names": np.array(names)} if names else {}
    with atomic_path(path) as temporary:
        # NumPy before 2.2 would keep `allow_pickle=False`, which nothing here needs, as an array.
        np.savez(temporary, **arrays)  # type: ignore[arg-type]


def write_picture(path: Path, examples: np.ndarray, columns: int | None = None) -> None:
    """Writes one picture of images side by side, or of points [n, 2].

    Args:
        path: Of the `.png`.
        examples: Images in [-1, 1], or points.
        columns: Images in a row; None for as many as rows.

    Raises:
        ValueError: If a value is not finite.
        OSError: If the file cannot be written.
    """
    quantised(examples)  # A grid would show NaN as grey.
    if examples.ndim == 2:
        picture = pictures.scatter(examples[:_POINTS_IN_A_PICTURE])
    else:
        picture = pictures.image_grid(examples, columns=columns)
    pictures.write_png(path, picture)


def write_loop(path: Path, frames: Iterable[np.ndarray], padding: int = 2) -> None:
    """Writes an animation that begins again at its end.

    Args:
        path: Of the `.gif`.
        frames: Images [n, height, width, channels] in [-1, 1], which are side by side in a frame.
        padding: Width of the lines around each image, in pixels.

    Raises:
        OSError: If the file cannot be written.
    """
    from PIL import Image

    made = [
        Image.fromarray(pictures.image_grid(frame, padding=padding)).quantize(
            256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        for frame in frames
    ]
    with atomic_path(path) as temporary:
        made[0].save(
            temporary,
            format="gif",
            save_all=True,
            append_images=made[1:],
            duration=_GIF_MILLISECONDS,
            loop=0,
        )
