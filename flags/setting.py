"""What the flags resolve to: a recipe with its overrides, and everything that was left open."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import keras
from absl.flags import FlagValues

from tfgan_losses import (
    augmentations,
    auxiliary,
    conditioning,
    constraints,
    datasets,
    extractors,
    gan_types,
    layers,
    losses,
    penalties,
    regularizers,
    schedules,
)
from tfgan_losses.callbacks import DiscriminatorHeadStart
from tfgan_losses.gan import GAN
from tfgan_losses.keeping import Keeping

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source
    from tfgan_losses.datasets.source import BaseSource


def resolve_recipe(flags: FlagValues) -> gan_types.GANType:
    """Returns the recipe of --gan_type with what other flags override in it.

    Args:
        flags: Of the groups "objective" and "training".

    Raises:
        ValueError: If a name, an option or a spec is wrong.
    """
    recipe = gan_types.get(flags.gan_type)
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
    if flags.augmentation is not None:
        augmentations.get_all(flags.augmentation)
        overrides["augmentation"] = (flags.augmentation,) if flags.augmentation else ()
    if flags.condition is not None:
        if flags.condition != "labels":
            conditioning.get(flags.condition or None)
        overrides["condition"] = flags.condition or None
    if flags.constraint is not None:
        constraints.get(flags.constraint or None)
        overrides["constraint"] = flags.constraint or None
    for name in ("g_regularizer", "d_regularizer"):
        spec = getattr(flags, name)
        if spec is not None:
            regularizers.get(spec or None)
            overrides[name] = spec or None
    if flags.d_steps is not None:
        overrides["d_steps"] = flags.d_steps
    if flags.g_steps is not None:
        overrides["g_steps"] = flags.g_steps
    if flags.ema_decay is not None:
        overrides["ema_decay"] = schedules.get(flags.ema_decay, name="ema_decay")
    return dataclasses.replace(recipe, **overrides)


def load_source(flags: FlagValues) -> BaseSource:
    """Returns the real data.

    Args:
        flags: Of the group "data".

    Raises:
        ValueError: If there is no such data, or it cannot be used.
        OSError: If it cannot be read.
    """
    return datasets.load(
        flags.dataset,
        image_size=flags.image_size,
        fit=flags.fit,
        channels=flags.channels,
        data_dir=flags.data_dir,
        split=flags.split,
        skip_bad_images=flags.skip_bad_images,
        white_level=flags.white_level,
        background=flags.background,
        mirror=flags.mirror,
    )


def build_gan(flags: FlagValues, recipe: gan_types.GANType, source: Source) -> GAN:
    """Returns the compiled GAN for the examples of a source.

    Args:
        flags: Of the groups "networks", "training" and "machine".
        recipe: What `resolve_recipe` returned.
        source: Real data, of which shape and classes count.

    Raises:
        ValueError: If the networks cannot make such examples, or labels are needed and missing.
    """
    warmup = flags.learning_rate_warmup
    d_updates, d_warmup = flags.steps * recipe.d_steps, warmup * recipe.d_steps
    if flags.d_head_start:
        head_start = DiscriminatorHeadStart(source, flags.batch_size)
        d_updates = head_start.count_updates(flags.steps, recipe.d_steps)
        d_warmup = head_start.count_updates(warmup, recipe.d_steps)
    gan = GAN.from_recipe(
        recipe,
        source.example_shape,
        num_classes=source.num_classes,
        class_names=getattr(source, "class_names", None),
        steps=flags.steps,
        latent_dim=flags.latent_dim,
        model=_unless_auto(flags.model),
        width=flags.width,
        g_normalization=_unless_auto(flags.g_normalization),
        d_normalization=_unless_auto(flags.d_normalization),
        freeze_d=flags.freeze_d,
        seed=flags.seed,
        pack=flags.pack,
        top_k=flags.top_k,
        label_flipping=flags.label_flipping,
        g_optimizer=optimizer(
            recipe,
            learning_rate("g_learning_rate", flags, recipe, recipe.g_learning_rate),
            flags,
            updates=flags.steps * recipe.g_steps,
            warmup=warmup * recipe.g_steps,
        ),
        d_optimizer=optimizer(
            recipe,
            learning_rate("d_learning_rate", flags, recipe),
            flags,
            updates=d_updates,
            warmup=d_warmup,
        ),
        d_updates=d_updates,
        accumulate=flags.accumulate,
        jit_compile="auto" if flags.jit_compile is None else flags.jit_compile,
    )
    if flags.sync_batch_norm:
        for network in (gan.generator, gan.discriminator):
            layers.synchronize_batch_normalization(network)
    return gan


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


def learning_rate(
    name: str, flags: FlagValues, recipe: gan_types.GANType, of_network: float | None = None
) -> schedules.Number:
    """Returns the rate of a flag or of the recipe.

    A schedule of the recipe stays one: it starts at the rate of the flag and keeps its
    proportions.
    """
    of_recipe = recipe.optimizer[1]["learning_rate"] if of_network is None else of_network
    rate = schedules.get(of_recipe)
    # 0 is a learning rate, too: that of a network that stays as it is.
    given = getattr(flags, name)
    if given is None:
        return rate
    return schedules.starting_at(rate, schedules.get(given, name=f"--{name}"))


def optimizer(
    recipe: gan_types.GANType,
    rate: schedules.Number,
    flags: FlagValues,
    *,
    updates: int,
    warmup: int,
) -> keras.optimizers.Optimizer:
    """Returns the optimiser of a network; schedules count the updates of their own optimiser."""
    decay = flags.learning_rate_decay
    if decay != "none" and callable(rate):
        raise ValueError(
            f"Expected --learning_rate_decay=none: {recipe.name} has a schedule of its own. "
            f"Received: --learning_rate_decay={decay}"
        )
    if decay == "linear":
        rate = keras.optimizers.schedules.PolynomialDecay(rate, updates, end_learning_rate=0.0)
    elif decay == "cosine":
        rate = schedules.Cosine(start=rate, end=0.0, steps=updates)
    if warmup:
        rate = schedules.Warmup(to=rate, updates=warmup)
    return recipe.make_optimizer(rate, global_clipnorm=flags.global_clipnorm)


def keeping(flags: FlagValues, source: Source) -> Keeping:
    """Returns what a run keeps and measures on its way.

    Args:
        flags: Of the groups "measuring", "run" and "data".
        source: Real data, for which an extractor is looked for.

    Raises:
        ValueError: If an extractor cannot be had, or numbers do not fit each other.
    """
    return Keeping(
        log_every=flags.log_every,
        sample_every=flags.sample_every,
        checkpoint_every=flags.checkpoint_every,
        checkpoint_minutes=flags.checkpoint_minutes,
        keep_checkpoints=flags.keep_checkpoints,
        metrics=flags.metrics,
        extractor=_extractor(flags, source) if flags.metrics else "auto",
        eval_every=flags.eval_every,
        eval_samples=flags.eval_samples,
        monitor=flags.monitor,
        monitor_mode=flags.monitor_mode,
        health=flags.health,
    )


def _extractor(flags: FlagValues, source: Source) -> str | extractors.FeatureExtractor:
    chosen = flags.extractor if flags.inception is None else f"inception:{flags.inception}"
    if chosen == "auto":
        return chosen
    return extractors.get(chosen, source, data_dir=flags.data_dir)
