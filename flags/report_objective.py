"""What a person is told of a recipe, its objective and its optimisers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import gan_types

if TYPE_CHECKING:
    import keras

    from tfgan_losses import schedules
    from tfgan_losses.gan import GAN

# Where every schedule has its last value.
_AFTER_THE_END = 2**31 - 1


def table_of_gan_types() -> str:
    """Returns all recipes, one below the other."""
    blocks = []
    for name in gan_types.names():
        recipe = gan_types.get(name)
        optimizer = _optimizer(*recipe.optimizer)
        blocks.append(
            f"{name}\n"
            f"    {recipe.citation}\n"
            f"    loss {recipe.loss}; {_extras(recipe)}; {_updates(recipe)} per step; {optimizer}; "
            f"{recipe.discriminator[0]} discriminator, {recipe.d_normalization} normalisation in it"
            + (f"; conditioned on {recipe.condition}" if recipe.condition else "")
        )
    return "\n".join(blocks)


def _updates(recipe: gan_types.GANType) -> str:
    counts = {"discriminator": recipe.d_steps, "generator": recipe.g_steps}
    told = [f"{n} {network} update{'s' if n > 1 else ''}" for network, n in counts.items()]
    return " and ".join(told[: 2 if recipe.g_steps > 1 else 1])


def of_objective(recipe: gan_types.GANType, gan: GAN) -> dict[str, str]:
    """Returns what is minimised."""
    return {
        "gan_type": f"{recipe.name} ({recipe.citation})",
        "objective": f"{recipe.loss}; {_extras(recipe)}",
        "augmented": ", ".join(map(repr, gan.objective.augmentations)),
    }


def of_optimisers(gan: GAN, steps: int) -> dict[str, str]:
    """Returns the learning rates, and all that changes along so many steps."""
    return {
        "optimisers": ", ".join(
            f"{network} {type(optimizer).__name__} {_rate(optimizer):g}"
            for network, optimizer in (("G", gan.g_optimizer), ("D", gan.d_optimizer))
        ),
        "schedules": ", ".join(
            f"{name} {start:.3g} to {end:.3g}" for name, start, end in _schedules(gan, steps)
        ),
    }


def tricks(flags: FlagValues, gan: GAN) -> Iterator[str]:
    """Yields what steadies a training, as far as it is on."""
    from tfgan_losses import regularizers

    for name, number in gan.objective.options.items():
        yield f"{name} {number}"
    for letter, network in (("G", gan.generator), ("D", gan.discriminator)):
        yield from (f"{letter} {each}" for each in regularizers.of_network(network))
    if flags.learning_rate_warmup:
        yield f"learning rates rise for {flags.learning_rate_warmup} steps"
    if flags.global_clipnorm is not None:
        yield f"gradients of a network clipped at the norm {flags.global_clipnorm:g}"


def _rate(optimizer: keras.optimizers.Optimizer) -> float:
    from keras import ops

    from tfgan_losses import schedules

    # What it rises to tells more than the 0 that a warm-up begins with.
    warm = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    if isinstance(warm, schedules.Warmup):
        return float(ops.convert_to_numpy(schedules.at(warm.to, 0)))
    # float(learning_rate) fails under MirroredStrategy.
    return float(ops.convert_to_numpy(optimizer.learning_rate))


def _schedules(gan: GAN, steps: int) -> Iterator[tuple[str, float, float]]:
    """What changes along the run: its name, first and last value."""
    from tfgan_losses import schedules

    found: list[tuple[str, schedules.Number | None]] = [("ema_decay", gan._run_ema_decay)]
    for letter, optimizer in (("G", gan.g_optimizer), ("D", gan.d_optimizer)):
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        found += [
            (f"{letter} {x}", getattr(inner, f"_{x}", None)) for x in ("learning_rate", "beta_2")
        ]
    for term in gan.objective.terms:
        found += [(f"{option} of {term.name}", value) for option, value in term.weights.items()]
    for name, given in found:
        # Of a warm-up "stability" speaks.
        value = given.to if isinstance(given, schedules.Warmup) else given
        if callable(value):
            course = schedules.over(value, steps)
            yield name, float(course(0)), float(course(_AFTER_THE_END))


def automatic_weights(flags: FlagValues, gan: GAN) -> Iterator[str]:
    """Yields what weight="auto" is for this size of images and batches."""
    from tfgan_losses import penalties

    for term in gan.objective.penalties:
        if getattr(term, "is_automatic", False):
            pixels = math.prod(size or 1 for size in gan.example_shape[:2])
            weight = penalties.automatic_weight(pixels, flags.batch_size)
            yield (
                f"{weight:.4g} of {term.name} (auto: 0.0002 * {pixels:,} pixels / "
                f"{flags.batch_size} examples)"
            )


def _extras(recipe: gan_types.GANType) -> str:
    constraint = [recipe.constraint] if recipe.constraint else []
    return " + ".join([*recipe.penalties, *recipe.auxiliary, *constraint]) or "no penalty"


def _optimizer(name: str, arguments: dict[str, object]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"
