"""When, with what and on which machine a number was measured."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path

import keras
import tensorflow as tf

_PROCESSOR = Path("/proc/cpuinfo")


def circumstances(*more: str, days: str | None = None) -> str:
    """The line that stands beside every table of measurements.

    Args:
        more: Further versions and settings, as they shall stand there: "NumPy 2.4.6".
        days: When it was measured; None is today.

    Returns:
        For example "2026-11-25, TensorFlow 2.21.0, Keras 3.15.1, Python 3.11.7, NumPy 2.4.6, AMD
        EPYC, 2 cores, NVIDIA H100 80GB HBM3", with every GPU that TensorFlow sees.
    """
    return ", ".join(
        [
            days or datetime.date.today().isoformat(),
            f"TensorFlow {tf.__version__}",
            f"Keras {keras.__version__}",
            f"Python {platform.python_version()}",
            *more,
            _processor(),
            f"{os.cpu_count()} cores",
            *_gpus(),
        ]
    )


def _processor() -> str:
    lines = _PROCESSOR.read_text().splitlines() if _PROCESSOR.exists() else []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _gpus() -> list[str]:
    devices = tf.config.list_physical_devices("GPU")
    return [tf.config.experimental.get_device_details(x)["device_name"] for x in devices]
