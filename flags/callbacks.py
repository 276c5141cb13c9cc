"""What --callbacks resolves to: the callbacks of factories that a person has written."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from absl.flags import FlagValues
from tfgan_losses.flags import checks
from tfgan_losses.flags.definitions import GROUPS
from tfgan_losses.flags.flag import Value

from tfgan_losses.names import did_you_mean
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    import keras


class StartedRun(NamedTuple):
    """What a factory of callbacks is told of the run that is about to train.

    Attributes:
        name: Of the directory, such as `digits-wgan-gp-001`.
        directory: Where everything lies, absolute.
        id: A word that no other run has, the same when it is resumed.
        flags: All flags by name with their values, None for what a recipe decides.
        resumed: Whether it goes on with an earlier training.
    """

    name: str
    directory: Path
    id: str
    flags: dict[str, Value]
    resumed: bool

    @classmethod
    def of(cls, flags: FlagValues, directory: RunDirectory, *, resumed: bool) -> StartedRun:
        """Collects it; the id is written into the directory."""
        path = directory.path.resolve()
        rows = [row.name for rows in GROUPS.values() for row in rows if not row.of_one_call]
        values = {name: flags[name].value for name in rows if name in flags}
        return cls(path.name, path, directory.tracking_id(), values, resumed)


Factory: TypeAlias = Callable[[StartedRun], Any]


def find(value: str | None) -> dict[str, Factory]:
    """Imports what --callbacks names, from the working directory too.

    Args:
        value: Of the flag.

    Returns:
        The factories by what was typed, in that order.

    Raises:
        ValueError: If one cannot be imported or called.
    """
    return {typed: _factory(typed) for typed in checks.names_of_callbacks(value)}


def _factory(typed: str) -> Factory:
    name, _, attribute = typed.partition(":")
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(name)
    except Exception as error:  # The module of a person may raise anything.
        raise _refusal(
            typed, f"a module that can be imported from {here} or from what is installed", error
        ) from error
    if not hasattr(module, attribute):
        known = [each for each in vars(module) if not each.startswith("_")]
        raise ValueError(
            f"Expected a function of the module {name}. "
            f"Received: --callbacks={typed}{did_you_mean(attribute, known)}"
        )
    factory = getattr(module, attribute)
    if not callable(factory):
        raise ValueError(
            "Expected a function that takes the run and returns callbacks of Keras. "
            f"Received: --callbacks={typed}, of type {type(factory).__name__}"
        )
    return factory


def make(factories: dict[str, Factory], run: StartedRun) -> list[keras.callbacks.Callback]:
    """Calls the factories.

    Args:
        factories: Of `find`.
        run: What they are told.

    Raises:
        ValueError: If one raises something, or returns anything but callbacks of Keras.
    """
    return [each for typed, factory in factories.items() for each in _made(typed, factory, run)]


def _made(typed: str, factory: Factory, run: StartedRun) -> Sequence[keras.callbacks.Callback]:
    import keras

    try:
        found = factory(run)
    except Exception as error:  # As above.
        raise _refusal(typed, "a function of one argument, the run, that works", error) from error
    callbacks = found if isinstance(found, list | tuple) else [found]
    wrong = [each for each in callbacks if not isinstance(each, keras.callbacks.Callback)]
    if wrong:
        raise ValueError(
            "Expected a function that returns a keras.callbacks.Callback, or a list of them. "
            f"Received: --callbacks={typed}, which returned one of type {type(wrong[0]).__name__}"
        )
    return callbacks


def _refusal(typed: str, expected: str, error: Exception) -> ValueError:
    told = " ".join(f"{type(error).__name__}: {error}".split())
    return ValueError(f"Expected {expected}. Received: --callbacks={typed}, which raised {told}")
