"""What --run and --checkpoint resolve to: a generator that was trained."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from absl.flags import FlagValues
from tfgan_losses.flags import command_line
from tfgan_losses.flags.definitions import GROUPS

from tfgan_losses.names import did_you_mean_path
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN
    from tfgan_losses.measuring.opening import Opened
    from tfgan_losses.truncation import Truncation


# What says which samples of a pyramid there are.
_OF_PYRAMIDS = ("height", "width", "start_scale")


def find(flags: FlagValues) -> RunDirectory:
    """Returns the run of --run. Needs no TensorFlow.

    Raises:
        ValueError: If there is none.
    """
    if flags.run is None:
        raise ValueError("Expected --run=<directory of a run>. Received: no --run")
    directory = RunDirectory(os.path.expanduser(flags.run))
    if not directory.path.is_dir():
        raise ValueError(
            f"No such directory. Expected that of a run. Received: --run={flags.run}"
            f"{did_you_mean_path(flags.run, before='--run=')}"
        )
    if not directory.was_begun():
        exported = (directory.path / "saved_model.pb").exists()
        above = directory.path.parent
        hint = f", an exported generator. Did you mean --run={above}?" if exported else ""
        raise ValueError(
            "Expected the directory of a run, with flags.txt, checkpoints/ or generator/ in it. "
            f"Received: --run={flags.run}{hint}"
        )
    _check_kind(flags, directory)
    return directory


def _check_kind(flags: FlagValues, directory: RunDirectory) -> None:
    """Checks that flags belong to runs of one image, or to others, as the run does."""
    of_pyramid = directory.is_of_pyramid()
    others = ("labels", "truncation", "standing_statistics", "checkpoint")
    given = [
        flags[name].serialize()
        for name in (others if of_pyramid else _OF_PYRAMIDS)
        if name in flags and flags[name].value != flags[name].default
    ]
    if given and of_pyramid:
        raise ValueError(
            "Expected --height, --width or --start_scale, which say what samples of one image are "
            "like: such a run has no classes, no truncated noise and one generator. "
            f"Received: {' '.join(given)} --run={flags.run}"
        )
    if given:
        raise ValueError(
            f"Expected the run of one image (--gan_type=singan) beside {' '.join(given)}: other "
            f"generators make images of one size. Received: --run={flags.run}"
        )


def settings(directory: RunDirectory) -> FlagValues | None:
    """Returns the flags of a run; None if no command has started it. Needs no TensorFlow.

    Raises:
        ValueError: If its `flags.txt` cannot be read.
    """
    if not directory.settings_file.exists():
        return None
    try:
        return command_line.parse(tuple(GROUPS), directory.settings())
    except ValueError as error:
        raise ValueError(
            f"Expected the flags of a run. Received: {directory.settings_file}: {error}"
        ) from error


def open_generator(flags: FlagValues, directory: RunDirectory) -> Opened:
    """Returns the generator that --checkpoint names, rebuilt from `flags.txt` if need be.

    Raises:
        ValueError: If the run has no such generator, or the data that its networks are made for
            cannot be loaded.
    """
    from tfgan_losses.measuring import opening

    if directory.is_of_pyramid():
        given = {name: getattr(flags, name, None) for name in _OF_PYRAMIDS}
        return opening.open_pyramid(directory, **given)
    saved = settings(directory)
    if saved is None:
        return opening.open_run(directory, flags.checkpoint)
    return opening.open_run(
        directory,
        flags.checkpoint,
        rebuild=lambda: _rebuild(saved),
        monitor=saved.monitor,
        mode=saved.monitor_mode,
    )


def truncation(flags: FlagValues) -> Truncation | None:
    """Returns what --truncation and --truncation_kind make of latents."""
    from tfgan_losses.truncation import Truncation

    chosen = flags.truncation
    return None if chosen is None else Truncation(chosen, flags.truncation_kind)


def as_asked(flags: FlagValues, opened: Opened) -> Opened:
    """Returns a generator with the statistics of --standing_statistics, and says what is asked.

    Raises:
        ValueError: If the generator has no such statistics.
    """
    from tfgan_losses.measuring.standing_statistics import with_standing_statistics

    facts, generator, cut = dict(opened.facts), opened.generator, truncation(flags)
    if cut is not None:
        facts["truncation"] = str(cut)
    batches = flags.standing_statistics
    if batches is not None:
        facts["standing_statistics"] = batches
        generator = with_standing_statistics(generator, batches, seed=flags.seed, truncation=cut)
    return dataclasses.replace(opened, generator=generator, facts=facts)


def _rebuild(saved: FlagValues) -> GAN:
    """Returns the GAN of a run before its first step."""
    from tfgan_losses.flags import setting

    source = setting.load_source(saved)
    with _precision(saved.mixed_precision):
        return setting.build_gan(saved, setting.resolve_recipe(saved), source)


@contextlib.contextmanager
def _precision(name: str) -> Iterator[None]:
    import keras

    before = keras.config.dtype_policy()
    try:
        if name != "none":
            keras.config.set_dtype_policy(name)
        yield
    finally:
        keras.config.set_dtype_policy(before)
