"""Files that are either there in full or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PREFIX = "unfinished_"

_NAMES_OF_OPERATIONS = re.compile(r"^\{\{.*?\}\} | \[Op:.*$")


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a temporary name in the folder of `path`, which becomes `path` if the block ends well.

    A process that dies inside the block leaves the earlier file as it was. An exception inside
    it removes the temporary file too.

    Args:
        path: The final name. The temporary one has the same endings, as writers look at these.

    Yields:
        The name to write to.

    Raises:
        OSError: If the file cannot be written; it names `path` and the cause.
    """
    path = Path(path)
    temporary = path.with_name(PREFIX + path.name)
    try:
        with errors_name(path):
            yield temporary
            # Without these, a power cut can leave the new name with nothing in it, or undo it.
            _flush_file(temporary)
            os.replace(temporary, path)
            _flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def errors_name(path: str | os.PathLike) -> Iterator[None]:
    """Lets errors name the file that could not be written, and say why.

    Of a full disk, Python's own error does not name the file, and TensorFlow's is no OSError.

    Args:
        path: The file or folder that is written in the block.

    Raises:
        OSError: In place of either.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, (OSError, *_errors_of_tensorflow())):
            raise
        raise OSError(
            f"Cannot write {path}: {_cause(error)}. What was written before is whole."
        ) from error


def _errors_of_tensorflow() -> tuple[type[Exception], ...]:
    """Returns nothing where it has not been imported: a lock and flags are written before."""
    errors = getattr(sys.modules.get("tensorflow"), "errors", None)
    return () if errors is None else (errors.OpError,)


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else str(error).removesuffix(".")
    message = getattr(error, "message", str(error))
    return _NAMES_OF_OPERATIONS.sub("", message.splitlines()[0])


def _flush_file(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such thing.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
