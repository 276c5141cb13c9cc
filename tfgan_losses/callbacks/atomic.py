"""Files that are either there in full or not there at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PREFIX = "unfinished_"


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary name in the folder of `path`, which becomes `path` when the block ends well.

    A process that dies inside the block leaves the earlier file as it was. An exception inside
    it removes the temporary file too.

    Args:
        path: The final name. The temporary one has the same endings, as writers look at these.

    Yields:
        The name to write to.
    """
    path = Path(path)
    temporary = path.with_name(PREFIX + path.name)
    try:
        yield temporary
        # Without this, a power cut can leave the new name with nothing in it.
        _flush_to_disk(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _flush_to_disk(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
