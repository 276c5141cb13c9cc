"""Trains a GAN and leaves a directory with its samples, curves, checkpoints and generator.

python -m tfgan_losses train --gan_type=wgan-gp
python -m tfgan_losses train --dataset=folder:photos --image_size=64 --steps=50000
python -m tfgan_losses train --gan_type=singan --dataset=image:photo.jpg
python -m tfgan_losses train --flagfile=flags/presets/mnist.flags

In a checkout `python train.py` is the same.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import interrupts, libraries
from tfgan_losses.commands import Command
from tfgan_losses.flags import checks, pyramid
from tfgan_losses.flags.destination import Destination

if TYPE_CHECKING:
    import keras

    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.flags.callbacks import Factory
    from tfgan_losses.gan import GAN
    from tfgan_losses.keeping import Keeping
    from tfgan_losses.types import Logs


def run(flags: FlagValues, typed: str) -> int:
    """Goes from flags to a trained and exported generator.

    Args:
        flags: Of all groups.
        typed: What was typed before them; a person resumes with it.

    Returns:
        0 if all is done, 3 if the training was interrupted.

    Raises:
        ValueError: If the flags, the data or the directory do not fit.
        OSError: If data cannot be read or results cannot be written.
        FloatingPointError: If training has diverged.
        MemoryError: If there is not enough memory.
    """
    if flags.list_gan_types:
        from tfgan_losses.flags import report_objective

        print(report_objective.table_of_gan_types())
        return 0
    destination = Destination()
    with interrupts.leaving(destination.leave):
        pyramid.set_defaults(flags)
        destination.choose(flags, COMMAND.groups)
        checks.check_path(flags.dataset)
        checks.check_measuring(flags)
        pyramid.check(flags)
        train = _train_pyramid if pyramid.is_meant(flags) else _train
        return libraries.with_libraries(train)(flags, typed, destination)


def _train(flags: FlagValues, typed: str, destination: Destination) -> int:
    from tfgan_losses import memory
    from tfgan_losses.run import Run
    from tfgan_losses.run_files import disk_space
    from tfgan_losses.run_files.initial_weights import initialize_from

    directory = destination.directory
    factories = _factories(flags)
    with memory.explain_lack():
        gan, source, keeping = _set_up(flags, destination)
    if flags.dry_run and not destination.resumed:
        if flags.init_from is not None:
            print(initialize_from(gan, flags.init_from))
        disk_space.warn_if_short(directory.path, disk_space.of_run(gan, keeping, flags.steps))
        return 0
    hint = _hint(typed, destination)
    run_there = Run(directory, resume=destination.resumed, resume_hint=hint)
    if flags.dry_run:
        run_there.check(
            gan,
            source,
            steps=flags.steps,
            batch_size=flags.batch_size,
            keeping=keeping,
            init_from=flags.init_from,
        )
        return 0
    finished = run_there.train(
        gan,
        source,
        steps=flags.steps,
        batch_size=flags.batch_size,
        keeping=keeping,
        callbacks=_callbacks(flags, source, destination, factories),
        init_from=flags.init_from,
    )
    return 0 if finished else 3


def _train_pyramid(flags: FlagValues, typed: str, destination: Destination) -> int:
    from tfgan_losses import memory
    from tfgan_losses.flags import machine, of_pyramids, setting
    from tfgan_losses.pyramid import PyramidRun
    from tfgan_losses.pyramid.space import of_pyramid
    from tfgan_losses.run_files import disk_space

    recipe = setting.resolve_recipe(flags)
    machine.prepare(flags)
    directory = destination.directory
    with memory.explain_lack():
        source = setting.load_source(flags)
        plan = of_pyramids.plan(flags, recipe, source)
        gan, keeping = plan.gan(0), of_pyramids.keeping(flags)
        space = of_pyramid(plan, gan, keeping)
        print(of_pyramids.resolved(flags, plan, gan, source, directory, space))
    if flags.dry_run and not destination.resumed:
        disk_space.warn_if_short(directory.path, space)
        return 0
    hint = _hint(typed, destination)
    run_there = PyramidRun(directory, resume=destination.resumed, resume_hint=hint)
    if flags.dry_run:
        run_there.check(plan)
        return 0
    finished = run_there.follow(
        plan, keeping=keeping, callbacks=[_settings_writer(flags, destination)]
    )
    return 0 if finished else 3


def _hint(typed: str, destination: Destination) -> str:
    """What goes on with a run that was interrupted."""
    return f"{typed} --resume={shlex.quote(str(destination.directory.path))}"


def _set_up(flags: FlagValues, destination: Destination) -> tuple[GAN, BaseSource, Keeping]:
    """Does everything that can go wrong before training: recipe, data, networks, metrics."""
    from tfgan_losses import workers
    from tfgan_losses.flags import machine, report, setting
    from tfgan_losses.run_files import disk_space
    from tfgan_losses.training import data_checks

    recipe = setting.resolve_recipe(flags)
    strategy = machine.prepare(flags)
    destination.open(flags)
    with workers.explain_lost_workers(strategy):
        with workers.chief_first(strategy):
            source = setting.load_source(flags)
        with strategy.scope():
            gan = setting.build_gan(flags, recipe, source)
    keeping = setting.keeping(flags, source)
    evaluation = keeping.evaluation(gan, source, steps=flags.steps)
    keeping.monitored(gan, evaluation)
    data_checks.check_batch_size(flags.batch_size * gan.d_steps, **gan.batch_divisors)
    if workers.is_chief(strategy):
        directory = destination.directory
        space = disk_space.of_run(gan, keeping, flags.steps)
        print(report.resolved_setting(flags, recipe, gan, source, directory, evaluation, space))
    return gan, source, keeping


def _factories(flags: FlagValues) -> dict[str, Factory]:
    """Imports what makes callbacks, before anything that takes time; the chief has them."""
    from tfgan_losses.flags import callbacks
    from tfgan_losses.flags.destination import is_chief

    return callbacks.find(flags.callbacks) if is_chief(flags) else {}


def _callbacks(
    flags: FlagValues, source: BaseSource, destination: Destination, factories: dict[str, Factory]
) -> list[keras.callbacks.Callback]:
    """Returns what a run does beside its reports, pictures and checkpoints."""
    from tfgan_losses.callbacks import DiscriminatorHeadStart
    from tfgan_losses.flags import callbacks

    own = [_settings_writer(flags, destination)]
    if flags.d_head_start:
        own.append(DiscriminatorHeadStart(source, flags.batch_size))
    if not factories:
        return own
    run = callbacks.StartedRun.of(flags, destination.directory, resumed=destination.resumed)
    return [*own, *callbacks.make(factories, run)]


def _settings_writer(flags: FlagValues, destination: Destination) -> keras.callbacks.Callback:
    """When training begins, since by then a checkpoint to resume from has been accepted."""
    from keras.callbacks import Callback

    class SettingsWriter(Callback):
        def on_train_begin(self, logs: Logs | None = None) -> None:
            destination.write_settings(flags)

    return SettingsWriter()


COMMAND = Command(
    description=__doc__ or "",
    groups=("objective", "networks", "data", "training", "pyramid", "machine", "measuring", "run"),
    run=run,
)
