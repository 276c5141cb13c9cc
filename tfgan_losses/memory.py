"""What to do where a training needs more memory than there is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf


@contextlib.contextmanager
def explain_lack() -> Iterator[None]:
    """Raises MemoryError with what to change, whoever had too little: a device or the host."""
    try:
        yield
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        first = (str(getattr(error, "message", error)).splitlines() or [""])[0]
        raise MemoryError(
            "There is not enough memory. Expected networks and a batch that fit into it. Things to "
            "try: a smaller batch_size; accumulate=4, the same update in four parts; "
            f"keras.config.set_dtype_policy('mixed_bfloat16'); a smaller `width`. Received: {first}"
        ) from error
