"""An archive of image files as a data set; nothing is unpacked."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO, TypeAlias

from tfgan_losses import data_paths
from tfgan_losses.datasets.folder_listing import Listing, arranged, natural_order
from tfgan_losses.datasets.image_files import check_size
from tfgan_losses.datasets.image_options import ImageOptions
from tfgan_losses.datasets.listed_images import load_listed
from tfgan_losses.datasets.source import BaseSource

# What is in an archive by its path there; None for an empty folder.
_Members: TypeAlias = dict[PurePosixPath, zipfile.ZipInfo | None]

_OF_MACOS = "__MACOSX"  # Resource forks, with the names of the images.
_ENCRYPTED = 0x1
_OUTSIDE = "path with .."


def load_zip(
    path: str,
    options: ImageOptions,
    *,
    skip_bad_images: bool = False,
    memory_limit: int | None = None,
) -> BaseSource:
    """Reads the images of a zip archive as `load_folder` reads those of a folder.

    A folder that holds everything else, as archives of folders have, counts as the archive
    itself. What `folder:` ignores, and the `__MACOSX` of a Mac, is ignored; members whose path
    leads out of the archive are counted in `left_out`.

    Args:
        path: The archive.
        options: What the user says of the images.
        skip_bad_images: Leave out files that cannot be read instead of raising an error.
        memory_limit: Bytes; larger sets are decoded during training. Default: half the memory.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no archive, is encrypted, has two members of one name, or what
            `load_folder` says of its images.
    """
    name = f"zip:{path}"
    file = data_paths.file_of("zip", path)
    try:
        archive = _Archive(path, zipfile.ZipFile(file))
    except Exception as error:  # Broken ones raise nearly anything.
        told = " ".join(str(error).split())
        raise ValueError(f"Expected a zip archive. Received: {name}: {told}") from error
    members, outside = _members(archive.zip.infolist(), name)
    listing = _listing(members, name)
    listing = listing._replace(left_out=listing.left_out | outside)
    found = ((file, members[file]) for file in listing.files)
    files = [FileInZip(archive, info, file) for file, info in found if info is not None]
    return load_listed(
        listing.of(files),
        name,
        options,
        identify=lambda member: f"{member.path} {member.info.file_size} {member.info.CRC}",
        skip_bad_images=skip_bad_images,
        memory_limit=memory_limit,
    )


class _Archive:
    """An open archive, of which one thread reads at a time."""

    def __init__(self, path: str, opened: zipfile.ZipFile):
        self.path, self.zip = path, opened
        self._lock = threading.Lock()

    def read(self, info: zipfile.ZipInfo) -> bytes:
        with self._lock:
            return self.zip.read(info)


@dataclasses.dataclass(frozen=True, slots=True)
class FileInZip:
    """An `ImageFile` that is a member of an archive."""

    archive: _Archive
    info: zipfile.ZipInfo
    path: PurePosixPath

    @property
    def name(self) -> str:
        """The archive, and the path there."""
        return f"{self.archive.path}/{self.info.filename}"

    def open(self) -> contextlib.AbstractContextManager[BinaryIO]:
        """Reads it into memory, since Pillow goes back and forth."""
        check_size(self.info.file_size)
        return contextlib.closing(io.BytesIO(self.archive.read(self.info)))


def _members(infos: list[zipfile.ZipInfo], name: str) -> tuple[_Members, dict[str, int]]:
    """Returns what is in an archive below the folder that holds all of it, and what is not read.

    Raises:
        ValueError: If it is encrypted, or two members have one name.
    """
    found: _Members = {}
    outside = 0
    for info in infos:
        # Some programs of Windows write its separator.
        path = PurePosixPath(info.filename.replace("\\", "/").lstrip("/"))
        if not path.parts:
            continue
        if ".." in path.parts:
            outside += not info.is_dir()
        elif not _is_hidden(path):
            if path in found and not info.is_dir():
                raise ValueError(f"Expected names that differ. Received: {name}, with two {path}")
            found[path] = None if info.is_dir() else info
    locked = [path for path, info in found.items() if info and info.flag_bits & _ENCRYPTED]
    if locked:
        raise ValueError(
            f"Expected an archive without a password. Received: {name}, of which {locked[0]} and "
            f"{len(locked) - 1} more are encrypted"
        )
    return _below_the_only_folder(found), {_OUTSIDE: outside} if outside else {}


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == _OF_MACOS for part in path.parts)


def _below_the_only_folder(members: _Members) -> _Members:
    while True:
        tops = {path.parts[0] for path in members}
        has_loose = any(info and len(path.parts) == 1 for path, info in members.items())
        if len(tops) != 1 or has_loose:
            return members
        (top,) = tops
        below = {path.relative_to(top): info for path, info in members.items()}
        members = {path: info for path, info in below.items() if path.parts}


def _listing(members: _Members, name: str) -> Listing[PurePosixPath]:
    files = natural_order(path for path, info in members.items() if info is not None)
    tops = {
        PurePosixPath(p.parts[0]) for p, info in members.items() if not (info and p.name == str(p))
    }
    subs: dict[str, list[PurePosixPath]] = {top.name: [] for top in natural_order(tops)}
    loose: list[PurePosixPath] = []
    for path in files:
        (subs[path.parts[0]] if len(path.parts) > 1 else loose).append(path)
    return arranged(loose, subs, name, place="archive", part="Pack {} alone")
