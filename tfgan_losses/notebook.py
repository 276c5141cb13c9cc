"""What keeps the start of TensorFlow out of the cells of a notebook."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator

from tfgan_losses import notices

_STDERR = 2


def import_tensorflow() -> None:
    """Imports TensorFlow without what it says of itself, in a notebook, where a cell shows it.

    Elsewhere, where TensorFlow is imported already, and for those who have set
    `TF_CPP_MIN_LOG_LEVEL` to less than 3, it does nothing.
    """
    if "ipykernel" not in sys.modules or "tensorflow" in sys.modules:
        return
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        return
    with _without_notices():
        import tensorflow  # noqa: F401
    # It takes a cell for a shell, in which it tells of every file of an export.
    logging.getLogger("tensorflow").setLevel(logging.WARNING)


@contextlib.contextmanager
def _without_notices() -> Iterator[None]:
    """Holds back what is written to stderr by any language, and lets all but notices through."""
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        own = os.dup(_STDERR)
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(own, _STDERR)
            os.close(own)
            held.seek(0)
            for line in held:
                if not notices.is_notice(line):
                    os.write(_STDERR, line)
