"""One training of `digits.py`: its setting, its networks, its measures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np

from parts import digit_judge
from parts.result_files import Key, write_samples
from parts.trainings import Measures
from tfgan_losses import GAN, callbacks, datasets, gan_types

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
        jit_compile: Whether to compile with XLA.
    """

    steps: int = 2500
    batch_size: int = 64
    width: int = 16
    latent_dim: int = 64
    jit_compile: bool = False


def judge_path(directory: Path) -> Path:
    """Returns where the network is that judges all trainings of a directory."""
    return directory / "judge.keras"


def train(key: Key, *, directory: Path, data_dir: str | None) -> Measures:
    """Trains one gan_type with one seed; leaves its samples.

    Args:
        key: One of `digits.all_keys`.
        directory: Where the judge is and samples are kept.
        data_dir: Where TensorFlow Datasets keeps its files.

    Returns:
        `measure` of the samples.

    Raises:
        FloatingPointError: If the training diverges.
    """
    setting, seed = Setting(**key["setting"]), key["seed"]
    source = datasets.load(key["dataset"], data_dir=data_dir)
    judge = digit_judge.load(judge_path(directory), data_dir)
    keras.utils.set_random_seed(seed)
    gan = build_gan(key["gan_type"], setting, source, seed)
    batches = source.batches(setting.batch_size * gan.d_steps, seed=seed)
    stop = callbacks.StopOnNonFinite()
    gan.fit(batches, steps_per_epoch=setting.steps, verbose=0, callbacks=[stop])
    samples = gan.generate(SAMPLES, seed=seed)
    write_samples(directory, key, samples)
    return measure(samples, judge)


def build_gan(
    recipe: str | gan_types.GANType, setting: Setting, source: datasets.Source, seed: int
) -> GAN:
    """Returns the compiled GAN of a recipe, whose kind of discriminator is its own."""
    return GAN.from_recipe(
        recipe,
        source.example_shape,
        num_classes=source.num_classes,
        steps=setting.steps,
        latent_dim=setting.latent_dim,
        model="dcgan",
        width=setting.width,
        seed=seed,
        jit_compile=setting.jit_compile,
    )


def measure(samples: np.ndarray, judge: digit_judge.Judge) -> Measures:
    """Returns Fréchet distance and class balance, as numbers of JSON."""
    shares = judge.class_shares(samples)
    return {
        "distance": judge.distance(samples),
        "smallest": 100 * float(shares.min()),
        "largest": 100 * float(shares.max()),
        "classes": int((shares >= _FOUND).sum()),
    }
