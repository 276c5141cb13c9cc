"""One training of `mixtures.py`: its setting, its networks, its measures."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import keras
import numpy as np

from parts.result_files import Key, write_samples
from parts.trainings import Measures
from tfgan_losses import GAN, callbacks, datasets, gan_types, penalties, schedules
from tfgan_losses.metrics import mixture_coverage

SAMPLES = 2500
_STEPS_PER_EXECUTION = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What all gan_types of a table share.

    Attributes:
        steps: Generator updates.
        batch_size: Real points for each update of the discriminator.
        model: Networks, a family of `models`.
        width: Units of each hidden layer of both networks; None for the family's own.
        latent_dim: Latent variables.
        ema_decay: Of the average that samples are drawn from.
        scaled: Whether real points are divided by their root mean square coordinate.
        learning_rate: Of both networks.
        adam: (beta_1, beta_2) of Adam for both networks.
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
    ema_decay: float = 0.995
    scaled: bool = True
    learning_rate: float = 2e-3
    adam: tuple[float, float] = (0.0, 0.99)
    learning_rate_end: float = 0.0
    gamma: float = 0.1
    gamma_end: float = 1.0
    jit_compile: bool = True


SETTINGS = {
    "table": Setting(),
    "long": Setting(steps=10_000, batch_size=256),
    "converged": Setting(steps=30_000, batch_size=256, gamma_end=0.1),
}
_ZERO_CENTERED = ("r1", "r2", "zero_centered")


def train(key: Key, *, directory: Path) -> Measures:
    """Trains one gan_type on one mixture with one seed; leaves its samples.

    Args:
        key: One of `mixtures.all_keys`.
        directory: Where samples are kept.

    Returns:
        `measure` of the samples.

    Raises:
        FloatingPointError: If the training diverges.
    """
    setting, seed = Setting(**key["recipe"]), key["seed"]
    source = datasets.load(key["dataset"])
    keras.utils.set_random_seed(seed)
    gan = build_gan(gan_types.get(key["gan_type"]), setting, source.example_shape, seed)
    points = source.batches(setting.batch_size * gan.d_steps, seed=seed)
    scale = _root_mean_square(source.mixture) if setting.scaled else 1.0
    stop = callbacks.StopOnNonFinite()
    gan.fit(
        points.map(lambda x: x / scale), steps_per_epoch=setting.steps, verbose=0, callbacks=[stop]
    )
    samples = scale * gan.generate(SAMPLES, seed=seed, batch_size=SAMPLES)
    write_samples(directory, key, samples)
    return measure(samples, source.mixture)


def build_gan(
    recipe: gan_types.GANType, setting: Setting, example_shape: tuple[int, ...], seed: int
) -> GAN:
    """Returns the compiled GAN of a recipe with what the setting says for all of them."""
    return GAN.from_recipe(
        dataclasses.replace(recipe, ema_decay=setting.ema_decay),
        example_shape,
        steps=setting.steps,
        latent_dim=setting.latent_dim,
        model=setting.model,
        width=setting.width,
        seed=seed,
        penalties=_with_gamma(recipe, setting),
        g_optimizer=_adam(setting),
        d_optimizer=_adam(setting),
        jit_compile=setting.jit_compile,
        # A part of the steps, since Keras runs the last execution in full.
        steps_per_execution=math.gcd(setting.steps, _STEPS_PER_EXECUTION),
    )


def _with_gamma(recipe: gan_types.GANType, setting: Setting) -> list[penalties.Penalty]:
    """Returns the recipe's penalties, zero-centred ones with the weight of the setting."""
    updates = setting.steps * recipe.d_steps
    gamma = keras.optimizers.schedules.ExponentialDecay(setting.gamma, updates, setting.gamma_end)
    return [
        type(penalty)(**{**penalty.get_config(), "weight": gamma})
        if penalty.name in _ZERO_CENTERED
        else penalty
        for penalty in penalties.get_all(recipe.penalties)
    ]


def _adam(setting: Setting) -> keras.optimizers.Adam:
    first, (beta_1, beta_2) = setting.learning_rate, setting.adam
    # As long as the run, in updates of its network.
    rate = schedules.Cosine(start=first, end=setting.learning_rate_end * first)
    return keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2)


def measure(samples: np.ndarray, mixture: datasets.Mixture) -> Measures:
    """Returns modes, percentage of high quality and reverse KL, as numbers of JSON."""
    found = mixture_coverage(samples, mixture.centers, mixture.sigma)
    return {
        "modes": found.modes,
        "high_quality": 100 * found.high_quality,
        "reverse_kl": found.reverse_kl,
    }


def _root_mean_square(mixture: datasets.Mixture) -> float:
    """Returns that of the coordinates of its points: 2.83 for grid25, 0.707 for ring8."""
    return math.sqrt(float(np.mean(np.square(mixture.centers))) + mixture.sigma**2)
