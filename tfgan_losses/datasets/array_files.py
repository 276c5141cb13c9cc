"""Arrays of an .npz or .npy file, read so that no file can run code or take all memory."""

from __future__ import annotations

import collections
import contextlib
import functools
import io
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, BinaryIO, NamedTuple, Protocol, TypeAlias

import numpy as np

from tfgan_losses.datasets.images import memory_available

_ENDING = ".npy"
_NPY = b"\x93NUMPY"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BLOCK = 2**20  # bytes
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # What NumPy writes.
# NumPy reads no longer one, either, but allocates it before it looks at the length.
_MAX_HEADER = 10_000
_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class _Member(NamedTuple):
    """The file of one array: its bytes, how to open it, and its CRC-32, which an archive has."""

    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    checksum: int | None = None


# By the name of the array.
_Members: TypeAlias = dict[str, _Member]


class Array(NamedTuple):
    """What the header of an array says, and how to read it.

    Attributes:
        key: Its name in the file.
        shape: Its shape.
        dtype: Its type.
        read: Returns it in native byte and C order.
    """

    key: str
    shape: tuple[int, ...]
    dtype: np.dtype
    read: Callable[[], np.ndarray]


class Arrays(Protocol):
    """The arrays of an open file.

    Attributes:
        keys: Their names.
    """

    keys: list[str]

    def get(self, key: str) -> Array:
        """Returns what is said of an array, and how to read it."""

    def checksum(self, key: str) -> int:
        """Returns a number that is another one for most other contents."""


class ArrayFile:
    """The arrays of an open file; an .npy file has one, "arr_0".

    Args:
        path: Its name, for messages.
        file: The file.

    Attributes:
        keys: Names of the arrays.
    """

    def __init__(self, path: str, file: BinaryIO):
        self._path = path
        magic = file.read(len(_NPY))
        file.seek(0)
        if magic == _NPY:
            size = os.fstat(file.fileno()).st_size
            self._members: _Members = {"arr_0": _Member(size, lambda: contextlib.nullcontext(file))}
        elif magic.startswith(_ZIP):
            self._members = _members(zipfile.ZipFile(file))
        else:
            raise ValueError("it begins neither as an .npz nor as an .npy file")
        self.keys = list(self._members)

    def get(self, key: str) -> Array:
        """Reads the header of an array.

        Raises:
            ValueError: If it cannot be read, promises more than the file holds, or does not fit
                in memory. So does `read` of the result.
        """
        with self._explain_errors(key):
            member = self._members[key]
            with member.open() as file:
                shape, dtype, begin = _read_header(file)
            _check_size(math.prod(shape), dtype, member.size - begin)
        return Array(key, shape, dtype, lambda: self._read(key))

    def checksum(self, key: str) -> int:
        """Returns the CRC-32 of an array; that of an .npy file takes a second for each gigabyte."""
        member = self._members[key]
        if member.checksum is not None:
            return member.checksum
        checksum = 0
        with member.open() as file:
            file.seek(0)
            while block := file.read(_BLOCK):
                checksum = zlib.crc32(block, checksum)
        return checksum

    def _read(self, key: str) -> np.ndarray:
        with self._explain_errors(key), self._members[key].open() as file:
            file.seek(0)
            array = np.lib.format.read_array(file, allow_pickle=False)
            if file.read(1):  # Reading to the end makes zipfile compare the checksums.
                raise ValueError("there are bytes after its end")
            return np.ascontiguousarray(array, array.dtype.newbyteorder("="))

    @contextlib.contextmanager
    def _explain_errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # As in `open_arrays`.
            raise ValueError(
                f"{self._path}: the array {key!r} cannot be read: {_reason(error)}. Objects and "
                "pickles are refused because loading them runs code; expected numeric arrays."
            ) from error


@contextlib.contextmanager
def open_arrays(path: str) -> Iterator[ArrayFile]:
    """Opens an .npz or .npy file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is neither.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"No such file. Expected an .npz archive. Received: npz:{path}")
    with contextlib.ExitStack() as stack:
        try:
            arrays = ArrayFile(path, stack.enter_context(open(path, "rb")))
        except Exception as error:  # Broken files raise nearly anything.
            raise ValueError(
                f"{path} is not an .npz archive of plain arrays: {_reason(error)}"
            ) from error
        yield arrays


def _members(archive: zipfile.ZipFile) -> _Members:
    """Returns the size, and how to open it, of each array of an archive by its name."""
    infos = [info for info in archive.infolist() if info.filename.endswith(_ENDING)]
    counts = collections.Counter(info.filename for info in infos)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ValueError(f"{twice[0]!r} is in it {counts[twice[0]]} times")
    for info in infos:
        if info.compress_type not in _METHODS:
            raise ValueError(f"{info.filename!r} is compressed in another way than NumPy does")
    return {
        info.filename.removesuffix(_ENDING): _Member(
            info.file_size, functools.partial(archive.open, info), info.CRC
        )
        for info in infos
    }


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype, int]:
    """Returns shape, dtype, and where the values begin."""
    head = io.BytesIO(file.read(_MAX_HEADER + 12))
    version = np.lib.format.read_magic(head)
    if version not in _HEADER_READERS:
        raise ValueError(f"its format {version} is for structured arrays")
    shape, _, dtype = _HEADER_READERS[version](head, max_header_size=_MAX_HEADER)
    if min(shape, default=0) < 0:
        raise ValueError(f"its shape is {shape}")
    if dtype.hasobject:
        raise ValueError("it holds objects")
    return shape, dtype, head.tell()


def _check_size(count: int, dtype: np.dtype, held: int) -> None:
    size = count * dtype.itemsize
    if size > held:
        raise ValueError(f"its header promises {size} bytes; the file holds {held}")
    # What is not uint8 is converted, to float32 at most.
    needed = size if dtype == np.uint8 else max(2 * size, size + 4 * count)
    if needed > (available := memory_available()):
        raise ValueError(f"it needs {needed} bytes of memory; {available} are available")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
