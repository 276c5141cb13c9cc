"""One training of `mixtures.py`: its setting, its networks, its measures."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
from result_files import write_samples

from tfgan_losses import GAN, callbacks, datasets, gan_types, models, schedules
from tfgan_losses.metrics import mixture_coverage

SAMPLES = 2500
_STEPS_PER_EXECUTION = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """The setting that all gan_types of a table share. None leaves it to the gan_type or network.

    Attributes:
        steps: Generator updates.
        batch_size: Real points for each update of the discriminator.
        model: Networks, a family of `models`.
        width: Units of each hidden layer of both networks.
        latent_dim: Latent variables.
        ema_decay: Of the average that samples are drawn from, a number or the spec of a schedule.
        scaled: Whether real points are divided by their root mean square coordinate.
        learning_rate: Of both networks.
        adam: (beta_1, beta_2) of Adam for both networks, instead of the gan_type's optimiser.
        learning_rate_end: Last learning rate in parts of the first, half a cosine between them.
        gamma: Weight of the zero-centred penalties of the gan_type, whose papers' are for images.
        gamma_end: Its last value in parts of the first, geometric in between.
        jit_compile: Whether to compile with XLA.
    """

    steps: int = 3000
    batch_size: int = 128
    model: str = "deep_mlp"
    width: int | None = None
    latent_dim: int = 2
    ema_decay: float | str | None = 0.995
    scaled: bool = True
    learning_rate: float | None = 2e-3
    adam: tuple[float, float] | None = (0.0, 0.99)
    learning_rate_end: float = 0.0
    gamma: float | None = 0.1
    gamma_end: float = 1.0
    jit_compile: bool = True


RECIPES = {
    "table": Recipe(),
    "long": Recipe(steps=10_000, batch_size=256),
    "converged": Recipe(steps=30_000, batch_size=256, gamma_end=0.1),
}
_ZERO_CENTERED = ("r1", "r2", "zero_centered")


def train(key: dict[str, Any], *, directory: Path) -> dict[str, Any]:
    """Trains one gan_type on one mixture with one seed; leaves its samples.

    Raises:
        FloatingPointError: If the training diverges.
    """
    row, recipe, seed = gan_types.get(key["gan_type"]), Recipe(**key["recipe"]), key["seed"]
    source = datasets.load(key["dataset"])
    keras.utils.set_random_seed(seed)
    ema_decay = row.ema_decay if recipe.ema_decay is None else recipe.ema_decay
    gan = GAN(
        *build_networks(row, recipe, source.example_shape),
        latent_dim=recipe.latent_dim,
        d_steps=row.d_steps,
        ema_decay=schedules.over(schedules.get(ema_decay), recipe.steps),
        seed=seed,
    )
    gan.compile(
        **compile_arguments(row, recipe),
        jit_compile=recipe.jit_compile,
        # A part of the steps, since Keras runs the last execution in full.
        steps_per_execution=math.gcd(recipe.steps, _STEPS_PER_EXECUTION),
    )
    points = source.batches(recipe.batch_size * row.d_steps, seed=seed)
    scale = _root_mean_square(source.mixture) if recipe.scaled else 1.0
    stop = callbacks.StopOnNonFinite()
    gan.fit(
        points.map(lambda x: x / scale), steps_per_epoch=recipe.steps, verbose=0, callbacks=[stop]
    )
    samples = scale * gan.generate(SAMPLES, seed=seed, batch_size=SAMPLES)
    write_samples(directory, key, samples)
    return measure(samples, source.mixture)


def measure(samples: np.ndarray, mixture: datasets.Mixture) -> dict[str, Any]:
    """Modes, percentage of high quality and reverse KL, as numbers of JSON."""
    found = mixture_coverage(samples, mixture.centers, mixture.sigma)
    return {
        "modes": found.modes,
        "high_quality": 100 * found.high_quality,
        "reverse_kl": found.reverse_kl,
    }


def build_networks(
    row: gan_types.GANType, recipe: Recipe, example_shape: tuple[int, ...]
) -> tuple[keras.Model, keras.Model]:
    """Generator and discriminator, the same for all gan_types of one kind of discriminator.

    Of the normalisations only the spectral one stays: the others are for images, as in train.py.
    """
    shared = {"example_shape": example_shape, "width": recipe.width}
    generator = models.build_generator(
        recipe.model, latent_dim=recipe.latent_dim, normalization="none", **shared
    )
    discriminator = models.build_discriminator(
        recipe.model,
        normalization="spectral" if row.d_normalization == "spectral" else "none",
        **row.discriminator_arguments(None),
        **shared,
    )
    return generator, discriminator


def compile_arguments(row: gan_types.GANType, recipe: Recipe) -> dict[str, Any]:
    """The gan_type's arguments of `GAN.compile` with what the recipe changes in them."""
    arguments = row.compile_arguments(recipe.steps)
    d_updates = recipe.steps * row.d_steps
    arguments["g_optimizer"] = _optimizer(row, recipe, recipe.steps)
    arguments["d_optimizer"] = _optimizer(row, recipe, d_updates)
    for penalty in arguments["penalties"]:
        if recipe.gamma is not None and penalty.name in _ZERO_CENTERED:
            penalty.weight = keras.optimizers.schedules.ExponentialDecay(
                recipe.gamma, d_updates, recipe.gamma_end
            )
    return arguments


def _optimizer(row: gan_types.GANType, recipe: Recipe, updates: int) -> keras.optimizers.Optimizer:
    rate = recipe.learning_rate
    if rate is not None and recipe.learning_rate_end != 1.0:
        rate = schedules.Cosine(start=rate, end=recipe.learning_rate_end * rate, steps=updates)
    if recipe.adam is None:
        return row.make_optimizer(rate, steps=updates)
    beta_1, beta_2 = recipe.adam
    return keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2)


def _root_mean_square(mixture: datasets.Mixture) -> float:
    """Of the coordinates of its points: 2.83 for grid25, 0.707 for ring8."""
    return math.sqrt(float(np.mean(np.square(mixture.centers))) + mixture.sigma**2)
