"""What a run was begun with, `run.json`, so that it does not go on with something else."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import regularizers, schedules
from tfgan_losses.datasets import describe_change
from tfgan_losses.run_files import learning_rates
from tfgan_losses.run_files.atomic import atomic_path

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.gan import GAN

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Record: TypeAlias = dict[str, Any]

_SHOWN, _LONGEST = 4, 100
_PARTS = {"steps", "training", "learning_rates", "data", "versions"}
# How a step is computed, and what is told beside it.
_FREE = {"jit_compile", "run_eagerly", "steps_per_execution", "metrics"}
# Where an object comes from, and what Keras numbers anew in every process.
_NAMES = {"module", "registered_name", "build_config", "name"}
# What decides what a layer computes and not the shapes of its weights, which a checkpoint knows.
_OPTIONS = ("activation", "rate", "negative_slope", "momentum", "epsilon", "padding", "strides")
# How long the run is, which may change; schedules then follow the new length.
_LENGTHS = {"steps", "d_updates", "decay_steps"}


def of(
    gan: GAN,
    source: Source,
    *,
    steps: int,
    batch_size: int,
    measuring: Mapping[str, object] | None = None,
    monitor: tuple[str, str] | None = None,
) -> Record:
    """Returns what decides a training beside its networks, as it may stand in JSON.

    Args:
        gan: Compiled.
        source: Real data; its `fingerprint` says what it is, if it has one.
        steps: Steps of the whole run.
        batch_size: Real examples for each update of the discriminator.
        measuring: How the generator is measured, by the name of the extractor.
        monitor: The column that decides which checkpoint is the best, and its mode.
    """
    record = {
        "steps": steps,
        "training": {
            "batch_size": batch_size,
            "seed": gan.seed,
            "pack": gan.pack,
            "ema_decay": schedules.serialize(gan.ema_decay),
            **_objective(gan),
            "generator": _layers(gan.generator),
            "discriminator": _layers(gan.discriminator),
        },
        "learning_rates": learning_rates.present(gan),
        "data": getattr(source, "fingerprint", None) or _outline(source),
        "measuring": measuring or {},
        "monitor": monitor,
        "versions": {
            "TensorFlow": tf.__version__,
            "Keras": keras.__version__,
            "Python": platform.python_version(),
        },
    }
    return json.loads(json.dumps(record, default=_plain))


def read(path: str | os.PathLike) -> Record | None:
    """Returns the record of a run, or None if it has none.

    Raises:
        ValueError: If the file is damaged.
    """
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(record, dict) or not record.keys() >= _PARTS:
            raise ValueError(f"it lacks one of {sorted(_PARTS)}")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(
            f"Expected the record of a run; delete it to go on without. Received: {path}: {error}"
        ) from error
    return record


def write(path: str | os.PathLike, record: Record) -> None:
    """Writes the record.

    Raises:
        OSError: If it cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def origin(record: Record | None) -> str | None:
    """Returns what a run was told to start from, or None."""
    return ((record or {}).get("init_from") or {}).get("path")


def check_same(
    path: Path, before: Record, now: Record, init_from: str | os.PathLike | None = None
) -> None:
    """Compares what a run was begun with and what it would go on with.

    What it came from stays known: `now` gets it from `before`.

    Args:
        path: Of the record, for the message.
        before: What it says.
        now: Of the training that would go on.
        init_from: What the run is told to start from; None if it is not told again.

    Raises:
        ValueError: If something else has changed than the length of the run, learning rates that
            are numbers, and how a step is computed; the message names values before and now.
    """
    kinds = learning_rates.changes_of_kind(before, now)
    told = tuple(f"training {role}.learning_rate" for role in kinds)
    changes = [
        *_changes_of_data(before, now),
        *kinds.values(),
        *(change for change in _changes(before, now, "training") if not change.startswith(told)),
        *_changes_of_measuring(before, now),
    ]
    if init_from is not None and origin(before) != os.path.abspath(init_from):
        changes.append(
            f"init_from: {_text(origin(before))} before, {_text(os.path.abspath(init_from))} now"
        )
    if "init_from" in before:
        now["init_from"] = before["init_from"]
    if changes:
        more = len(changes) - _SHOWN
        raise ValueError(
            f"Expected the data and the training that this run was begun with, see {path}. "
            f"Received: {'; '.join(changes[:_SHOWN])}{f'; and {more} more' if more > 0 else ''}. "
            "Begin a new run with them, or delete that file to go on all the same."
        )


def notes(before: Record, now: Record) -> list[str]:
    """Returns what a person should know of a run that goes on.

    Such as that it is longer now, has other versions, or data that cannot be compared.
    """
    lines = []
    if before["steps"] != now["steps"] and _lengths(before) != _lengths(now):
        lines.append(
            f"Schedules go over {now['steps']} steps from here on, as if the run had been as long "
            f"from the beginning; up to here they went over {before['steps']}."
        )
    had, has = ("kind" in each["data"] for each in (before, now))
    if had != has:
        lines.append(
            "Whether the data are those of the beginning cannot be told: their source has "
            f"{'a' if has else 'no'} fingerprint now, and had {'one' if had else 'none'} then."
        )
    known = _extractors(before)
    new = [name for name in _extractors(now) if name not in known]
    if known and new:
        lines.append(
            f"Measured with {', '.join(new)} from here on, and with {', '.join(known)} before: "
            "these numbers do not compare, and have columns of their own."
        )
    versions = _changes(before, now, "versions")
    if versions:
        lines.append(f"Numbers may differ in their last bits: {'; '.join(versions)}.")
    return lines


def _changes_of_data(before: Record, now: Record) -> list[str]:
    known = ["kind" in each["data"] for each in (before, now)]
    if all(known):
        change = describe_change(before["data"], now["data"])
        return [f"data: {change}"] if change else []
    return [] if any(known) else _changes(before, now, "data")


def with_measuring_of_before(before: Record, now: Record) -> None:
    """Keeps how the numbers of earlier rows were measured, where that is done no more."""
    now["measuring"] = {**_extractors(before), **_extractors(now)}


def _extractors(record: Record) -> dict[str, Any]:
    # A run of an earlier version knows of none.
    return record.get("measuring") or {}


def _changes_of_measuring(before: Record, now: Record) -> list[str]:
    """Returns a phrase for each change that would put other numbers under the same name."""
    had, has = (_extractors(each) for each in (before, now))
    phrases = []
    for name in (name for name in has if name in had):
        sides = [{k: v for k, v in each[name].items() if k != "metrics"} for each in (had, has)]
        changes = _changes({name: sides[0]}, {name: sides[1]}, name)
        phrases += [f"measuring with {change}" for change in changes]
    return phrases


def _changes(before: Record, now: Record, part: str) -> list[str]:
    """Returns a phrase for each value that differs; what only one version knows of does not."""
    common = before[part].keys() & now[part].keys()
    sides = [dict(_leaves({key: each[part][key] for key in common})) for each in (before, now)]
    names = dict.fromkeys([*sides[0], *sides[1]])
    return [
        f"{part} {name}: {_text(sides[0].get(name))} before, {_text(sides[1].get(name))} now"
        for name in names
        if sides[0].get(name) != sides[1].get(name) and not _is_free(name, sides)
    ]


def _is_free(name: str, sides: list[dict[str, JSON]]) -> bool:
    last = name.rpartition(".")[2]
    # A rate that is a number is compared apart.
    is_number = all(isinstance(side.get(name), float) for side in sides)
    return last in _NAMES | _LENGTHS or (last == "learning_rate" and is_number)


def _lengths(record: Record) -> dict[str, JSON]:
    """Returns the lengths of all schedules; one that is open is as long as the run."""
    leaves = dict(_leaves(record["training"]))
    inner = {k: v for k, v in leaves.items() if "." in k and k.rpartition(".")[2] in _LENGTHS}
    return {key: record["steps"] if value is None else value for key, value in inner.items()}


def _leaves(value: JSON, name: str = "") -> Iterator[tuple[str, JSON]]:
    """Yields all values that hold no others, with their places."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        value = {str(number): item for number, item in enumerate(value)}
    if not isinstance(value, dict):
        yield name, value
        return
    for key, item in value.items():
        # Keras nests the arguments of an object in its "config".
        yield from _leaves(item, name if key == "config" else f"{name}.{key}".strip("."))


def _layers(network: keras.Model) -> dict[str, str]:
    """Returns what the layers of a network are, by their numbers."""
    layers = dict.fromkeys(network._flatten_layers(include_self=False))
    kinds = (keras.Model, keras.layers.InputLayer)
    named = (_name_of(layer) for layer in layers if not isinstance(layer, kinds))
    return {str(number): name for number, name in enumerate(named, 1)}


def _name_of(layer: keras.layers.Layer) -> str:
    values = ((name, getattr(layer, name, None)) for name in _OPTIONS)
    values = ((name, getattr(value, "__name__", value)) for name, value in values)
    told = [f"{k}={v}" for k, v in values if isinstance(v, str | int | float | tuple)]
    told += ["trainable=False"] if layer.variables and not layer.trainable else []
    told += [f"{v.name}: {regularizers.written(v.regularizer)}" for v in _regularized(layer)]
    return f"{type(layer).__name__}({', '.join(told)})"


def _regularized(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Returns the own weights of a layer that a regulariser holds."""
    own = layer._trainable_variables
    return [variable for variable in own if getattr(variable, "regularizer", None) is not None]


def _objective(gan: GAN) -> dict[str, object]:
    try:
        return {k: v for k, v in gan.get_compile_config().items() if k not in _FREE}
    except NotImplementedError:  # Of a user's own loss that does not say how it is made.
        return {}


def _outline(source: Source) -> dict[str, object]:
    """Returns what can be said of any data."""
    names = ("example_shape", "size", "num_classes", "class_names")
    return {name: getattr(source, name, None) for name in names}


def _plain(value: object) -> object:
    """Returns what JSON takes in place of a value that it does not."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return getattr(value, "__name__", type(value).__name__)


def _text(value: JSON) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
