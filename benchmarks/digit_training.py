"""One training of `digits.py`: its setting, its networks, its measures."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import digit_judge
import keras
import numpy as np
from result_files import write_samples

from tfgan_losses import GAN, callbacks, datasets, gan_types, models, schedules

SAMPLES = 2000
# A class is found if it has a tenth of its share of the real digits.
_FOUND = 0.01


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What all gan_types of a table share.

    Attributes:
        steps: Generator updates.
        batch_size: Real images for each update of the discriminator.
        width: Channels of the networks, see `models.dcgan`.
        latent_dim: Latent variables.
        ema_decay: Of the average that samples are drawn from; None is the gan_type's own.
        jit_compile: Whether to compile with XLA.
    """

    steps: int = 2500
    batch_size: int = 64
    width: int = 16
    latent_dim: int = 64
    ema_decay: float | str | None = None
    jit_compile: bool = False


def judge_path(directory: Path) -> Path:
    """Where the network is that judges all trainings of a directory."""
    return directory / "judge.keras"


def train(key: dict[str, Any], *, directory: Path, data_dir: str | None) -> dict[str, Any]:
    """Trains one gan_type with one seed; leaves its samples.

    Raises:
        FloatingPointError: If the training diverges.
    """
    row, setting = gan_types.get(key["gan_type"]), Setting(**key["setting"])
    source = datasets.load(key["dataset"], data_dir=data_dir)
    judge = digit_judge.load(judge_path(directory), data_dir)
    keras.utils.set_random_seed(key["seed"])
    gan = build_gan(row, setting, source, key["seed"])
    gan.compile(**row.compile_arguments(setting.steps), jit_compile=setting.jit_compile)
    batches = source.batches(setting.batch_size * row.d_steps, seed=key["seed"])
    stop = callbacks.StopOnNonFinite()
    gan.fit(batches, steps_per_epoch=setting.steps, verbose=0, callbacks=[stop])
    samples = gan.generate(SAMPLES, seed=key["seed"])
    write_samples(directory, key, samples)
    return measure(samples, judge)


def build_gan(row: gan_types.GANType, setting: Setting, source: datasets.Source, seed: int) -> GAN:
    """The GAN of a gan_type: one family and width for all, its own kind of D and normalisation."""
    condition = row.make_condition(source.num_classes)
    shared = {"example_shape": source.example_shape, "width": setting.width}
    generator = models.build_generator(
        "dcgan",
        latent_dim=setting.latent_dim,
        normalization=row.g_normalization,
        condition_size=condition.size if condition else 0,
        **shared,
    )
    discriminator = models.build_discriminator(
        "dcgan",
        normalization=row.d_normalization,
        **row.discriminator_arguments(condition),
        **shared,
    )
    ema_decay = row.ema_decay if setting.ema_decay is None else setting.ema_decay
    return GAN(
        generator,
        discriminator,
        latent_dim=setting.latent_dim,
        condition=condition,
        d_steps=row.d_steps,
        ema_decay=schedules.over(schedules.get(ema_decay), setting.steps),
        seed=seed,
    )


def measure(samples: np.ndarray, judge: digit_judge.Judge) -> dict[str, Any]:
    """Fréchet distance and class balance, as numbers of JSON."""
    shares = judge.class_shares(samples)
    return {
        "distance": judge.distance(samples),
        "smallest": 100 * float(shares.min()),
        "largest": 100 * float(shares.max()),
        "classes": int((shares >= _FOUND).sum()),
    }
