"""What a person is told before a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf
from absl.flags import FlagValues

from tfgan_losses import gan_types

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.gan import GAN
    from tfgan_losses.run_files.directory import RunDirectory


def table_of_gan_types() -> str:
    """Returns all recipes, one below the other."""
    blocks = []
    for name in gan_types.names():
        recipe = gan_types.get(name)
        optimizer = _optimizer(*recipe.optimizer)
        blocks.append(
            f"{name}\n"
            f"    {recipe.citation}\n"
            f"    loss {recipe.loss}; {_extras(recipe)}; {recipe.d_steps} discriminator "
            f"update{'s' if recipe.d_steps > 1 else ''} per step; {optimizer}; "
            f"{recipe.discriminator[0]} discriminator, {recipe.d_normalization} normalisation in it"
            + (f"; conditioned on {recipe.condition}" if recipe.condition else "")
        )
    return "\n".join(blocks)


def resolved_setting(
    flags: FlagValues,
    recipe: gan_types.GANType,
    gan: GAN,
    source: BaseSource,
    directory: RunDirectory,
) -> str:
    """Returns the setting of a run with nothing left open."""
    rates = [
        f"{network} {type(optimizer).__name__} {_rate(optimizer):g}"
        for network, optimizer in (("G", gan.g_optimizer), ("D", gan.d_optimizer))
    ]
    lines = {
        "gan_type": f"{recipe.name} ({recipe.citation})",
        "objective": f"{recipe.loss}; {_extras(recipe)}",
        "data": f"{source.name}, {_size(source)} of shape {source.example_shape}",
        "condition": str(gan.condition),
        "networks": f"G {gan.generator.count_params():,} and D "
        f"{gan.discriminator.count_params():,} parameters, latent_dim {gan.latent_dim}",
        "optimisers": f"{', '.join(rates)}, decay {flags.learning_rate_decay}",
        "training": f"{flags.steps} steps of {gan.d_steps} x {flags.batch_size} real examples, "
        f"ema_decay {gan.ema_decay}, seed {gan.seed}",
        "machine": f"TensorFlow {tf.__version__}, Keras {keras.__version__}, "
        f"{_devices(gan)}, precision {flags.mixed_precision}, XLA {flags.jit_compile}",
        "output": str(directory.path),
    }
    if gan.condition is None:
        del lines["condition"]
    if left_out := getattr(source, "left_out", {}):
        listed = ", ".join(f"{count} {ending}" for ending, count in left_out.items())
        lines["data"] += f"; left out: {listed}"
    return "\n".join(f"{key + ':':12}{value}" for key, value in lines.items())


def _rate(optimizer: keras.optimizers.Optimizer) -> float:
    # float(learning_rate) fails under MirroredStrategy.
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _extras(recipe: gan_types.GANType) -> str:
    constraint = [recipe.constraint] if recipe.constraint else []
    return " + ".join([*recipe.penalties, *recipe.auxiliary, *constraint]) or "no penalty"


def _optimizer(name: str, arguments: dict[str, object]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


def _size(source: BaseSource) -> str:
    return "unlimited examples" if source.size is None else f"{source.size:,} examples"


def _devices(gan: GAN) -> str:
    replicas = gan.distribute_strategy.num_replicas_in_sync
    gpus = tf.config.list_physical_devices("GPU")
    kind = "GPU" if gpus else "CPU"
    return f"{replicas} {kind}{'s' if replicas > 1 else ''}"
