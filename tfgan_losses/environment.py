"""What the library stands on: versions, and what Keras is set to.

That is in `keras.json`, in variables of the environment, or done by calls.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tfgan_losses.diagnosis import versions

# What the networks, losses and pictures of this library are written for.
_EXPECTED = {
    "backend": (
        "tensorflow",
        "set KERAS_BACKEND=tensorflow, or remove the line from keras.json",
    ),
    "floatx": (
        "float32",
        "set it in keras.json, or call keras.config.set_floatx('float32'); half precision is "
        "keras.config.set_dtype_policy('mixed_float16')",
    ),
    "image_data_format": (
        "channels_last",
        "set it in keras.json, or call keras.config.set_image_data_format('channels_last')",
    ),
}


def check() -> None:
    """Raises ValueError unless Keras runs on TensorFlow in float32, with channels last.

    Or if one of the two is too old. Keras is not imported for that.
    """
    versions.check()
    settings = _of_keras() if "keras" in sys.modules else _before_keras()
    for name, (expected, remedy) in _EXPECTED.items():
        received = settings.get(name, expected)
        if received != expected:
            raise ValueError(
                f"Expected Keras with {name}={expected!r}: {remedy}. "
                f"Received: {name}={received!r}{_source_of(name)}"
            )


def _of_keras() -> dict[str, object]:
    from keras import config

    return {
        "backend": config.backend(),
        "floatx": config.floatx(),
        "image_data_format": config.image_data_format(),
    }


def _keras_json() -> Path:
    """Where Keras looks for it."""
    home = os.path.expanduser("~")
    default = Path(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    return Path(os.environ.get("KERAS_HOME", default)).expanduser() / "keras.json"


def _in_keras_json() -> dict[str, object]:
    try:
        found = json.loads(_keras_json().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _before_keras() -> dict[str, object]:
    settings = _in_keras_json()
    if os.environ.get("KERAS_BACKEND"):
        settings["backend"] = os.environ["KERAS_BACKEND"]
    return settings


def _source_of(name: str) -> str:
    if name == "backend" and os.environ.get("KERAS_BACKEND"):
        return ", in the variable KERAS_BACKEND"
    return f", in {_keras_json()}" if name in _in_keras_json() else ""
