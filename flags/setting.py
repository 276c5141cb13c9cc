"""What the flags resolve to: a recipe with its overrides, and everything that was left open."""

from __future__ import annotations

import dataclasses
import glob
import os
import re
from pathlib import Path
from typing import Any

import keras
from absl import flags as absl_flags
from tfgan_losses.flags import definitions

from tfgan_losses import (
    GAN,
    auxiliary,
    callbacks,
    conditioning,
    constraints,
    gan_types,
    layers,
    losses,
    penalties,
    schedules,
)

_RUNS = Path("runs")


def resolve_recipe() -> gan_types.GANType:
    """The recipe of --gan_type with what other flags override in it.

    Raises:
        ValueError: If a name, an option or a spec is wrong.
    """
    flags = absl_flags.FLAGS
    row = gan_types.get(flags.gan_type)
    overrides: dict[str, Any] = {}
    if flags.loss is not None:
        losses.get(flags.loss)
        overrides["loss"] = flags.loss
    if flags.penalties is not None:
        penalties.get_all(flags.penalties)
        overrides["penalties"] = (flags.penalties,) if flags.penalties else ()
    if flags.auxiliary is not None:
        auxiliary.get_all(flags.auxiliary)
        overrides["auxiliary"] = (flags.auxiliary,) if flags.auxiliary else ()
    if flags.condition is not None:
        if flags.condition != "labels":
            conditioning.get(flags.condition)
        overrides["condition"] = flags.condition or None
    if flags.constraint is not None:
        constraints.get(flags.constraint or None)
        overrides["constraint"] = flags.constraint or None
    if flags.d_steps is not None:
        overrides["d_steps"] = flags.d_steps
    if flags.ema_decay is not None:
        overrides["ema_decay"] = schedules.get(flags.ema_decay, name="ema_decay")
    return dataclasses.replace(row, **overrides)


def build_gan(
    recipe: gan_types.GANType, example_shape: tuple[int, ...], num_classes: int | None
) -> GAN:
    """The compiled GAN for examples of that shape.

    Raises:
        ValueError: If the networks cannot make such examples, or labels are needed and missing.
    """
    flags = absl_flags.FLAGS
    d_updates = flags.steps * recipe.d_steps
    if flags.d_head_start:
        head_start = callbacks.DiscriminatorHeadStart(None, flags.batch_size)
        d_updates = head_start.count_updates(flags.steps, recipe.d_steps)
    # 0 is a learning rate, too: that of a network that stays as it is.
    g_rate = recipe.g_learning_rate if flags.g_learning_rate is None else flags.g_learning_rate
    gan = GAN.from_recipe(
        recipe,
        example_shape,
        num_classes=num_classes,
        steps=flags.steps,
        latent_dim=flags.latent_dim,
        model=_unless_auto(flags.model),
        width=flags.width,
        g_normalization=_unless_auto(flags.g_normalization),
        d_normalization=_unless_auto(flags.d_normalization),
        seed=flags.seed,
        g_optimizer=_optimizer(recipe, g_rate, updates=flags.steps),
        d_optimizer=_optimizer(recipe, flags.d_learning_rate, updates=d_updates),
        d_updates=d_updates,
        accumulate=flags.accumulate,
        jit_compile=flags.jit_compile,
    )
    if flags.sync_batch_norm:
        for network in (gan.generator, gan.discriminator):
            layers.synchronize_batch_normalization(network)
    return gan


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


def _optimizer(
    recipe: gan_types.GANType, rate: float | None, *, updates: int
) -> keras.optimizers.Optimizer:
    if absl_flags.FLAGS.learning_rate_decay == "linear":
        start = schedules.get(recipe.optimizer[1]["learning_rate"] if rate is None else rate)
        if callable(start):
            raise ValueError(
                f"Expected --learning_rate_decay=none: {recipe.name} has a schedule of its own. "
                "Received: --learning_rate_decay=linear"
            )
        # Schedules count the updates of their own optimiser.
        rate = keras.optimizers.schedules.PolynomialDecay(start, updates, end_learning_rate=0.0)
    return recipe.make_optimizer(rate)


def check_monitor(gan: GAN) -> None:
    """Raises ValueError if --monitor names nothing that this GAN reports."""
    name, known = absl_flags.FLAGS.monitor, [metric.name for metric in gan.metrics]
    if name is not None and name not in known:
        raise ValueError(f"Expected --monitor to be one of {known}. Received: --monitor={name}")


def output_directory() -> Path:
    """--output_dir, or a new directory of the next number; with --resume the newest one.

    Raises:
        ValueError: If there is no run to resume, or several workers have to name one directory.
    """
    flags = absl_flags.FLAGS
    if flags.output_dir is not None:
        return Path(flags.output_dir)
    if flags.strategy == "multi_worker":
        raise ValueError(
            "Expected --output_dir, a directory that all workers see. Received: "
            "--strategy=multi_worker without it"
        )
    # Paths of folder: and npz: data sets become one plain name.
    data = re.sub(r"[^A-Za-z0-9_.]+", "_", os.path.normpath(flags.dataset)).strip("_")
    stem = f"{data}-{flags.gan_type}-"
    numbers = [path.name.removeprefix(stem) for path in _RUNS.glob(f"{glob.escape(stem)}*")]
    taken = [int(number) for number in numbers if number.isdecimal()]
    if flags.resume and not taken:
        raise ValueError(f"Expected a run to resume in {_RUNS / stem}*, or --output_dir.")
    number = max(taken, default=0) + (0 if flags.resume else 1)
    return _RUNS / f"{stem}{number:03d}"


def check_same_setting(path: Path) -> None:
    """Compares the flags with those of the run that is resumed.

    Args:
        path: The run's flags.txt; nothing is checked if there is none.

    Raises:
        ValueError: If a flag that decides the training has another value; both are named.
    """
    if not path.exists():
        return
    now = _deciding_lines(definitions.flagfile_text())
    before = _deciding_lines(path.read_text())
    if now != before:
        raise ValueError(
            f"Expected the flags of the run that is resumed, {path}. There: "
            f"{' '.join(sorted(before - now)) or '(default)'}. "
            f"Received: {' '.join(sorted(now - before)) or '(default)'}. "
            f"Use --flagfile={path} to repeat them."
        )


def _deciding_lines(text: str) -> set[str]:
    lines = [line.strip() for line in text.splitlines()]
    # What changes along the run depends on the number of steps.
    lasting = "--learning_rate_decay=none" in lines and not resolve_recipe().depends_on_steps
    fixed = () if lasting else ("steps",)
    free = tuple(f"--{name}=" for name in definitions.FREE_ON_RESUME if name not in fixed)
    return {line for line in lines if line.startswith("--") and not line.startswith(free)}
