"""The precision of the last layers."""

from __future__ import annotations

import keras


def output_dtype() -> str:
    """Returns the dtype of last layers: full precision under a mixed precision policy.

    Logits and pixels in half precision would lose the loss its small differences.
    """
    return keras.config.dtype_policy().variable_dtype
