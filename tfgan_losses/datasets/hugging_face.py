"""A `datasets.Dataset` of Hugging Face as a source, without a dependency on that package."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from tfgan_losses.datasets.folder_listing import Listing, printable
from tfgan_losses.datasets.image_files import FileOnDisk, check_size
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.listed_images import load_listed
from tfgan_losses.datasets.mirror import mirrored
from tfgan_losses.datasets.npz_labels import warn_of_empty_classes
from tfgan_losses.datasets.source import BaseSource


def is_hugging_face(data: object) -> bool:
    """Whether something is a data set of that package, of whatever kind."""
    return any(kind.__module__.partition(".")[0] == "datasets" for kind in type(data).__mro__)


def from_hugging_face(
    dataset: Any,
    *,
    image_column: str | None = None,
    label_column: str | None = None,
    mirror: bool = False,
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
    **options: Any,
) -> BaseSource:
    """Makes a source of the images, and labels if there are any, of a `datasets.Dataset`.

    The files of images that it holds are read as those of a folder are, see `load_folder`.

    Args:
        dataset: One split, such as `datasets.load_dataset(...)["train"]`, not a stream.
        image_column: Name of a column of type `Image`. Default: the only one.
        label_column: Name of a column of type `ClassLabel`, of which the names of classes come
            along. Default: the only one, if there is one.
        mirror: As that of `load`, like the others.
        skip_bad_images: Leave out images that cannot be read instead of raising an error.
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.
        **options: `image_size`, `fit`, `channels`, `white_level` and `background`.

    Raises:
        ValueError: If it is another kind of data set, has no such columns, or what `load_folder`
            says of its images.
    """
    features = _features(dataset)
    image = _column("image_column", image_column, features, "Image")
    label = _column("label_column", label_column, features, "ClassLabel", needed=False)
    kind = type(features[image])
    # As files, without Pillow's reading of them, and whatever format it gives otherwise.
    rows = dataset.with_format(None).cast_column(image, kind(decode=False))
    labels = None if label is None else _labels(dataset, label, features[label])
    class_names = None if label is None else tuple(map(printable, features[label].names))
    listing = Listing(
        [ImageInRow(rows, image, i) for i in range(len(rows))], labels, class_names, {}
    )
    name = f"hugging_face:{getattr(dataset.info, 'dataset_name', None) or 'dataset'}"
    source = load_listed(
        listing,
        name,
        ImageOptions(**options),
        identify=ImageInRow.checksum,
        skip_bad_images=skip_bad_images,
        memory_limit=memory_limit,
    )
    warn_of_empty_classes(name, source.counts, class_names)
    return mirrored(source) if mirror else source


@dataclasses.dataclass(frozen=True, slots=True)
class ImageInRow:
    """An `ImageFile` in a cell of a table: its bytes, or a path."""

    rows: Any
    column: str
    index: int

    @property
    def name(self) -> str:
        """The number of the row."""
        return f"row {self.index}"

    def open(self) -> contextlib.AbstractContextManager[BinaryIO]:
        """Opens it."""
        cell = self.rows[self.index][self.column]
        if cell is None:
            raise ValueError("there is no image")
        if cell["bytes"] is None:
            return FileOnDisk(Path(cell["path"])).open()
        check_size(len(cell["bytes"]))
        return contextlib.closing(io.BytesIO(cell["bytes"]))

    def checksum(self) -> str:
        """Returns the CRC-32 of what it holds."""
        with self.open() as file:
            return f"{zlib.crc32(file.read())}"


def _features(dataset: Any) -> dict[str, Any]:
    if not hasattr(dataset, "features") or not hasattr(dataset, "cast_column"):
        splits = f", of {', '.join(dataset)}" if isinstance(dataset, dict) else ""
        raise ValueError(
            "Expected one split of a data set of Hugging Face, such as dataset['train']. "
            f"Received: dataset of type {type(dataset).__name__}{splits}"
        )
    if not hasattr(dataset, "__len__"):
        raise ValueError(
            "Expected a data set of Hugging Face whose rows have numbers, without streaming=True. "
            f"Received: dataset of type {type(dataset).__name__}"
        )
    if not len(dataset):
        raise ValueError("Expected at least one image. Received: a data set without rows")
    return dict(dataset.features)


def _column(
    argument: str, given: str | None, features: dict[str, Any], kind: str, *, needed: bool = True
) -> Any:
    known = [name for name, feature in features.items() if type(feature).__name__ == kind]
    if given in known:
        return given
    if given is None and len(known) == 1:
        return known[0]
    if given is None and not known and not needed:
        return None
    columns = ", ".join(f"{name} ({type(feature).__name__})" for name, feature in features.items())
    raise ValueError(
        f"Expected {argument}=<name of a column of type {kind}>. "
        f"Received: {argument}={given!r}, columns {columns}"
    )


def _labels(dataset: Any, column: str, feature: Any) -> list[int]:
    labels = [-1 if label is None else int(label) for label in dataset.with_format(None)[column]]
    missing = sum(not 0 <= label < feature.num_classes for label in labels)
    if missing:
        raise ValueError(
            f"Expected labels from 0 to {feature.num_classes - 1} in the column {column!r}. "
            f"Received: {missing} of {len(labels)} without such a label, as parts for tests have"
        )
    return labels
