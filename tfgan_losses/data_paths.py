"""The kinds of data that lie at a path, `<kind>:<path>`. Without TensorFlow."""

from __future__ import annotations

import os
from typing import NamedTuple


class KindOfPath(NamedTuple):
    """What lies there.

    Attributes:
        what: "file" or "folder".
        content: What is in it, for "Expected a file ...".
        placeholder: Of the path in a list of kinds.
        example: Of a whole name.
        endings: Of files of this kind only.
    """

    what: str
    content: str
    placeholder: str
    example: str
    endings: tuple[str, ...] = ()


KINDS = {
    "folder": KindOfPath(
        "folder", " of images", "path", "folder:photos (folder:. is the working directory)"
    ),
    "zip": KindOfPath("file", " that ends in .zip", "file", "zip:photos.zip", (".zip",)),
    "npz": KindOfPath("file", " that ends in .npz", "file", "npz:images.npz", (".npz", ".npy")),
    "hdf5": KindOfPath(
        "file", " of HDF5, such as .h5", "file", "hdf5:images.h5", (".h5", ".hdf5", ".hdf")
    ),
    "tfrecord": KindOfPath(
        "folder",
        " that TensorFlow Datasets has written, with dataset_info.json in it",
        "folder",
        "tfrecord:my_data/1.0.0",
        (".tfrecord",),
    ),
    "image": KindOfPath("file", " of an image", "file", "image:photo.jpg"),
}
# Such as "folder:<path>, npz:<file>".
ENDINGS = tuple(ending for of_kind in KINDS.values() for ending in of_kind.endings)
ALL = ", ".join(f"{kind}:<{of_kind.placeholder}>" for kind, of_kind in KINDS.items())


def kind_of(path: str) -> str:
    """Returns the kind of what lies at a path, or would by its name."""
    found = os.path.expanduser(path)
    for kind, of_kind in KINDS.items():
        if of_kind.endings and path.lower().endswith(of_kind.endings):
            return kind
    if os.path.isdir(found) and os.path.exists(os.path.join(found, "dataset_info.json")):
        return "tfrecord"
    return "image" if os.path.isfile(found) else "folder"


def file_of(kind: str, path: str) -> str:
    """Returns the path of a file that is there.

    Args:
        kind: What it shall be.
        path: As a person wrote it.

    Raises:
        FileNotFoundError: If there is none; the message says what lies there instead.
    """
    found = os.path.expanduser(path)
    if os.path.isfile(found):
        return found
    instead = f". Did you mean {kind_of(path)}:{path}?" if os.path.isdir(found) else ""
    raise FileNotFoundError(
        f"No such file. Expected a file{KINDS[kind].content}. Received: {kind}:{path}{instead}"
    )
