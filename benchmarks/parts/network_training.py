"""One training of `network_table.py`: as many steps as its time lets it, and its measures."""

from __future__ import annotations

import dataclasses
import functools
import time
from pathlib import Path

import keras
import numpy as np

from parts.network_methods import METHODS, Method
from parts.result_files import Key, write_samples
from parts.trainings import Measures
from tfgan_losses import GAN, callbacks, datasets, extractors
from tfgan_losses.datasets.source import BaseSource
from tfgan_losses.metrics import FeatureSet, class_accuracy, frechet_distance

SAMPLES = 5000
_REAL = 10_000
_WARM, _TIMED = 5, 15  # steps


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What all rows of a table share.

    Attributes:
        minutes: Of processor time.
        batch_size: Real images for each update of the discriminator.
        latent_dim: Latent variables.
        image_size: Height and width.
    """

    minutes: float = 8.0
    batch_size: int = 32
    latent_dim: int = 64
    image_size: int = 32


@functools.cache
def load(dataset: str, image_size: int, data_dir: str | None) -> BaseSource:
    """Returns the images that are trained on."""
    return datasets.load(dataset, image_size=image_size, data_dir=data_dir)


@functools.cache
def real_features(dataset: str, image_size: int, data_dir: str | None) -> FeatureSet:
    """Returns what samples are compared with: images that no training sees, where there are any."""
    split = "train" if dataset == "digits" else "test"
    held_out = datasets.load(dataset, image_size=image_size, data_dir=data_dir, split=split)
    images, labels = held_out.take(_REAL)
    found = _features(images, load(dataset, image_size, data_dir))
    return dataclasses.replace(found, labels=np.asarray(labels))


def train(key: Key, *, directory: Path, data_dir: str | None) -> Measures:
    """Trains one row with one seed; leaves its samples.

    Args:
        key: One of `network_table.all_keys`.
        directory: Where samples are kept.
        data_dir: Where TensorFlow Datasets keeps its files.

    Returns:
        Distance, share of right classes, steps and processor time.

    Raises:
        FloatingPointError: If the training diverges.
    """
    setting, seed, method = Setting(**key["setting"]), key["seed"], METHODS[key["gan_type"]]
    source = load(key["dataset"], setting.image_size, data_dir)
    steps = _affordable_steps(method, setting, source, seed)
    keras.utils.set_random_seed(seed)
    gan = _build(method, setting, source, seed, steps)
    used = _fit(gan, setting, source, steps)
    labels = np.arange(SAMPLES) % (source.num_classes or 1)
    conditional = gan.condition is not None
    samples = gan.generate(SAMPLES, seed=seed, **({"labels": labels} if conditional else {}))
    write_samples(directory, key, samples[:200])
    made = _features(samples, source)
    real = real_features(key["dataset"], setting.image_size, data_dir)
    assert made.logits is not None, "the classifier has them"
    right = class_accuracy(made.logits, labels).value if conditional else float("nan")
    return {
        "distance": frechet_distance(real.features, made.features),
        "right": 100 * right,
        "steps": steps,
        "minutes": used / 60,
        "g_parameters": gan.generator.count_params(),
        "d_parameters": gan.discriminator.count_params(),
    }


def _affordable_steps(method: Method, setting: Setting, source: BaseSource, seed: int) -> int:
    gan = _build(method, setting, source, seed, steps=_WARM + _TIMED)
    _fit(gan, setting, source, _WARM)
    seconds = _fit(gan, setting, source, _TIMED) / _TIMED
    return max(1, round(60 * setting.minutes / seconds))


def _build(method: Method, setting: Setting, source: BaseSource, seed: int, steps: int) -> GAN:
    return GAN.from_recipe(
        method.recipe,
        source.example_shape,
        num_classes=source.num_classes,
        steps=steps,
        latent_dim=setting.latent_dim,
        model=method.model,
        width=method.width,
        seed=seed,
        jit_compile=False,
    )


def _fit(gan: GAN, setting: Setting, source: BaseSource, steps: int) -> float:
    """Trains, and returns the seconds of processor time."""
    batches = source.batches(setting.batch_size * gan.d_steps, seed=gan.seed)
    before = time.process_time()
    stop = callbacks.StopOnNonFinite()
    gan.fit(batches, steps_per_epoch=steps, verbose=0, callbacks=[stop])
    return time.process_time() - before


def _features(images: np.ndarray, source: BaseSource) -> FeatureSet:
    """Returns what the classifier of the data sees in images [n, height, width, channels]."""
    found = extractors.get("classifier", source)(extractors.quantised(images))
    return FeatureSet(found.features, logits=found.logits)
