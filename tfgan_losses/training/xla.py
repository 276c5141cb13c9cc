"""Whether XLA compiles the step of a model, and what it says where it cannot."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import keras


class Xla(NamedTuple):
    """Whether XLA compiles the step, and why."""

    is_on: bool
    reason: str


def choose(model: keras.Model, jit_compile: bool | str, run_eagerly: bool) -> Xla:
    """Returns what `jit_compile` comes to for this model, on the device of its variables.

    Raises:
        ValueError: If it is True and Keras does not allow it.
    """
    if jit_compile is False or run_eagerly:
        return Xla(False, "run eagerly" if run_eagerly else "switched off")
    replicas = model.distribute_strategy.num_replicas_in_sync
    if replicas > 1:
        return Xla(False, f"{replicas} replicas")
    if jit_compile == "auto" and "GPU" not in _device_of(model):
        return Xla(False, "no GPU")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says that it goes on without.
        model.jit_compile = True
    if model.jit_compile:
        return Xla(True, "asked for" if jit_compile is True else "one GPU")
    if jit_compile is True:
        raise ValueError(
            "Expected jit_compile=False or 'auto' under op determinism, and on a GPU of Apple: "
            "Keras uses no XLA there. Received: jit_compile=True"
        )
    return Xla(False, "not under op determinism")


def _device_of(model: keras.Model) -> str:
    # Counters may be kept elsewhere.
    kernels = [v for v in model.variables if keras.backend.is_float_dtype(v.dtype)]
    return kernels[0].value.device


def reason_of(error: Exception) -> str:
    """The line of a long message that says what is wrong."""
    lines = [line.strip() for line in str(getattr(error, "message", error)).splitlines()]
    telling = [line for line in lines if "unsupported" in line.lower() or "must be" in line]
    return (telling or [line for line in lines if line] or [type(error).__name__])[0]
