"""What a person is told before a training."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import gan_types

if TYPE_CHECKING:
    import keras

    from tfgan_losses import schedules
    from tfgan_losses.callbacks import GeneratorEvaluation
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.gan import GAN
    from tfgan_losses.run_files.directory import RunDirectory

_KEY_COLUMNS = 12
_LEAST_COLUMNS, _MOST_COLUMNS = 40, 100
# Of a long list of classes, those that are named.
_CLASSES_NAMED, _LETTERS_OF_A_NAME = 12, 24

_SPACE = "\u00a0"  # Where no line may end.
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


def resolved_setting(
    flags: FlagValues,
    recipe: gan_types.GANType,
    gan: GAN,
    source: BaseSource,
    directory: RunDirectory,
    evaluation: GeneratorEvaluation | None = None,
) -> str:
    """Returns the setting of a run with nothing left open."""
    lines = {
        **of_objective(recipe, gan),
        "stability": ", ".join(_tricks(flags, gan)),
        "data": f"{source.name}, {_size(source)} of shape {source.example_shape}",
        "images": getattr(source, "preparation", ""),
        "left out": _listed(getattr(source, "left_out", {})),
        "classes": _classes(source),
        "condition": _condition(gan),
        "networks": _networks(flags, recipe, gan, source),
        "frozen": _frozen(flags, gan),
        **of_optimisers(gan, flags.steps),
        "weights": ", ".join(_automatic_weights(flags, gan)),
        "training": f"{flags.steps} steps of {gan.d_steps} x {flags.batch_size} real examples"
        f"{f' in packs of {gan.pack}' if gan.pack > 1 else ''}, "
        f"{f'{gan.g_steps} generator updates each, ' if gan.g_steps > 1 else ''}"
        f"ema_decay {'as above' if callable(gan.ema_decay) else gan.ema_decay}, seed {gan.seed}",
        "machine": machine(flags, gan),
        "measuring": _measuring(evaluation, tuple(source.example_shape)),
        "results": _results(flags),
        "output": str(directory.path),
    }
    return text_of(lines)


def text_of(lines: Mapping[str, str]) -> str:
    """Returns what a setting resolves to, each part under its key; those that are empty are not."""
    return "\n".join(_in_lines(key, value) for key, value in lines.items() if value)


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


def _tricks(flags: FlagValues, gan: GAN) -> Iterator[str]:
    """What steadies a training, as far as it is on."""
    from tfgan_losses import regularizers

    for name, number in gan.objective.options.items():
        yield f"{name} {number}"
    for letter, network in (("G", gan.generator), ("D", gan.discriminator)):
        yield from (f"{letter} {each}" for each in regularizers.of_network(network))
    if flags.learning_rate_warmup:
        yield f"learning rates rise for {flags.learning_rate_warmup} steps"
    if flags.global_clipnorm is not None:
        yield f"gradients of a network clipped at the norm {flags.global_clipnorm:g}"


def _in_lines(key: str, value: str) -> str:
    if key == "output":  # A path, to be copied.
        return f"{key + ':':{_KEY_COLUMNS}}{value}"
    return textwrap.fill(
        f"{key + ':':{_KEY_COLUMNS}}{value}",
        _columns(),
        subsequent_indent=" " * _KEY_COLUMNS,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(_SPACE, " ")


def _columns() -> int:
    """Those of a terminal, within reason."""
    from tfgan_losses.progress import status_line

    wide = status_line.width_of(sys.stdout) if sys.stdout.isatty() else _MOST_COLUMNS
    return min(max(wide, _LEAST_COLUMNS), _MOST_COLUMNS)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


def _classes(source: BaseSource) -> str:
    """Their numbers, names and counts, as far as there are any."""
    if source.num_classes is None:
        return ""
    names = getattr(source, "class_names", None) or [""] * source.num_classes
    counts = getattr(source, "counts", None)
    each = [
        _SPACE.join(
            [str(number)]
            + [_shortened(name).replace(" ", _SPACE)] * (name not in ("", str(number)))
            + ([f"({counts[number]:,})"] if counts else [])
        )
        for number, name in enumerate(names)
    ]
    if len(each) > _CLASSES_NAMED:
        each = [*each[: _CLASSES_NAMED - 1], "...", each[-1]]
    empty = [str(number) for number, count in enumerate(counts or ()) if not count]
    without = f"; without examples: {', '.join(empty)}" if empty else ""
    return f"{source.num_classes}: {', '.join(each)}{without}"


def _shortened(name: str) -> str:
    return name if len(name) <= _LETTERS_OF_A_NAME else f"{name[: _LETTERS_OF_A_NAME - 3]}..."


def _condition(gan: GAN) -> str:
    if gan.condition is None:
        return ""
    # The names of its classes stand above.
    named = getattr(gan.condition, "class_names", None) is not None
    return f"labels of {gan.condition.size} classes" if named else str(gan.condition)


def _networks(flags: FlagValues, recipe: gan_types.GANType, gan: GAN, source: BaseSource) -> str:
    from tfgan_losses.models import of_recipes

    from tfgan_losses import models

    family, *normalizations = of_recipes.choose(
        recipe,
        source.example_shape,
        model=_unless_auto(flags.model),
        g_normalization=_unless_auto(flags.g_normalization),
        d_normalization=_unless_auto(flags.d_normalization),
    )
    default = models.default_widths(family, source.example_shape)
    widths = default if flags.width is None else (flags.width, flags.width)
    networks = (("G", gan.generator), ("D", gan.discriminator))
    parts = [
        f"{letter} {network.count_params():,} parameters (width {width}, "
        f"{'no' if kind == 'none' else kind} normalisation)"
        for (letter, network), width, kind in zip(networks, widths, normalizations, strict=True)
    ]
    return f"{family}, {' and '.join(parts)}, latent_dim {gan.latent_dim}"


def _frozen(flags: FlagValues, gan: GAN) -> str:
    """The layers of the discriminator that stay as they are."""
    if not flags.freeze_d:
        return ""
    from tfgan_losses import models

    blocks = models.blocks_of(gan.discriminator)
    names = [layer.name for block in blocks[: flags.freeze_d] for layer in block]
    trained = sum(math.prod(v.shape) for v in gan.discriminator.trainable_variables)
    return (
        f"{', '.join(names)} of D ({flags.freeze_d} of {len(blocks)} blocks); {trained:,} of its "
        f"{gan.discriminator.count_params():,} parameters train"
    )


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


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


def _automatic_weights(flags: FlagValues, gan: GAN) -> Iterator[str]:
    """What weight="auto" is for this size of images and batches."""
    from tfgan_losses import penalties

    for term in gan.objective.penalties:
        if getattr(term, "is_automatic", False):
            pixels = math.prod(size or 1 for size in gan.example_shape[:2])
            weight = penalties.automatic_weight(pixels, flags.batch_size)
            yield (
                f"{weight:.4g} of {term.name} (auto: 0.0002 * {pixels:,} pixels / "
                f"{flags.batch_size} examples)"
            )


def machine(flags: FlagValues, gan: GAN) -> str:
    """Returns versions and devices, and how steps are computed."""
    import keras
    import tensorflow as tf

    replicas = gan.distribute_strategy.num_replicas_in_sync
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    devices = f"{replicas} {kind}{'s' if replicas > 1 else ''}"
    return (
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {devices}, "
        f"{keras.config.dtype_policy().name}, XLA {'on' if gan.xla.is_on else 'off'} "
        f"({gan.xla.reason})"
    )


def _measuring(evaluation: GeneratorEvaluation | None, shape: tuple[int, ...]) -> str:
    if evaluation is None:
        return ""
    measurement = evaluation.measurement
    resizing = measurement.extractor.resizing(shape)
    return (
        f"{', '.join(evaluation.columns)} of {measurement.samples:,} samples against "
        f"{measurement.real_samples:,} real examples, every {evaluation.every} steps and at the end"
        f"{f'; {resizing}' if resizing else ''}"
    )


def _results(flags: FlagValues) -> str:
    """What will lie in the directory, and when the first of it comes."""
    return (
        f"metrics.csv and logs/ every {flags.log_every} steps, samples/ every "
        f"{flags.sample_every}, checkpoints/ every {flags.checkpoint_every}, all after "
        f"{flags.checkpoint_minutes} minutes at the latest; "
        "curves.png, samples.gif, gan.keras, "
        f"{'best_generator/ ' if flags.monitor else ''}and generator/ at the end"
    )


def _extras(recipe: gan_types.GANType) -> str:
    constraint = [recipe.constraint] if recipe.constraint else []
    return " + ".join([*recipe.penalties, *recipe.auxiliary, *constraint]) or "no penalty"


def _optimizer(name: str, arguments: dict[str, object]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


def _size(source: BaseSource) -> str:
    if source.size is None:
        return "unlimited examples"
    return f"{source.size:,} example{'' if source.size == 1 else 's'}"
