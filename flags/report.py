"""What a person is told before a training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from absl.flags import FlagValues
from tfgan_losses.flags import report_data, report_layout, report_objective

from tfgan_losses import gan_types
from tfgan_losses.callbacks.progress_bar import SECONDS_MEASURED, STEPS_MEASURED

if TYPE_CHECKING:
    from tfgan_losses.callbacks import GeneratorEvaluation
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.gan import GAN
    from tfgan_losses.run_files.directory import RunDirectory
    from tfgan_losses.run_files.disk_space import DiskSpace


def resolved_setting(
    flags: FlagValues,
    recipe: gan_types.GANType,
    gan: GAN,
    source: BaseSource,
    directory: RunDirectory,
    evaluation: GeneratorEvaluation | None = None,
    space: DiskSpace | None = None,
) -> str:
    """Returns the setting of a run with nothing left open.

    Args:
        flags: Of all groups.
        recipe: What `setting.resolve_recipe` returned.
        gan: Compiled.
        source: The data.
        directory: Where the results go.
        evaluation: What measures on the way; None if nothing does.
        space: What the run will take of the disk, as far as it is known.
    """
    lines = {
        **report_objective.of_objective(recipe, gan),
        "stability": ", ".join(report_objective.tricks(flags, gan)),
        "data": f"{source.name}, {report_data.size(source)} of shape {source.example_shape}",
        "images": getattr(source, "preparation", ""),
        "left out": report_data.listed(getattr(source, "left_out", {})),
        "classes": report_data.classes(source),
        "condition": report_data.condition(gan),
        "networks": _networks(flags, recipe, gan, source),
        "frozen": _frozen(flags, gan),
        **report_objective.of_optimisers(gan, flags.steps),
        "weights": ", ".join(report_objective.automatic_weights(flags, gan)),
        "training": f"{flags.steps} steps of {gan.d_steps} x {flags.batch_size} real examples"
        f"{f' in packs of {gan.pack}' if gan.pack > 1 else ''}, "
        f"{f'{gan.g_steps} generator updates each, ' if gan.g_steps > 1 else ''}"
        f"ema_decay {'as above' if callable(gan.ema_decay) else gan.ema_decay}, seed {gan.seed}",
        "machine": machine(flags, gan),
        "measuring": _measuring(evaluation, tuple(source.example_shape)),
        "results": _results(flags),
        "time": time_of(flags.steps),
        "disk": "" if space is None else disk(space, directory),
        "output": str(directory.path),
    }
    return report_layout.text_of(lines)


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


def time_of(steps: int, of_what: str = "") -> str:
    """Returns when it will be known how long so many steps take.

    Args:
        steps: Of the training, or of each part of it.
        of_what: The part, " of a scale".
    """
    return (
        f"after {STEPS_MEASURED} steps, or {SECONDS_MEASURED:.0f} s of them, a line says how many "
        f"hours all {steps:,}{of_what} take, and until when"
    )


def disk(space: DiskSpace, directory: RunDirectory) -> str:
    """Returns what will be taken, of what there is."""
    from tfgan_losses.run_files import disk_space

    return f"{space}, of {disk_space.in_words(disk_space.free(directory.path))} that are free"
