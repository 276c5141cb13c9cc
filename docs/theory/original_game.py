"""The best discriminator of the original game, by formula, by search and by training."""

from __future__ import annotations

import dataclasses

import figure_style
import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from measurements import Number, below, near
from scipy.special import expit

from tfgan_losses import GAN
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    divergence_of,
    jensen_shannon,
    optimal_discriminator,
    value,
)

GRID = np.linspace(-10, 14, 481)
REAL, GENERATED = Gaussian(0, 1), Gaussian(1.5, 1.3)
DISTANCES = np.linspace(0, 6, 25)
# The network is held against the formula where the mean of the two densities is above it.
_LEAST_DENSITY = 0.02


@dataclasses.dataclass(frozen=True)
class Results:
    """The optimum for `REAL` and `GENERATED` on `GRID`, and the value of the game.

    Attributes:
        formula: p / (p + q), [n].
        searched: The sigmoid of the outputs that minimise the loss point by point, [n].
        trained: That of a network's outputs, [n].
        compared: Where the network is compared, boolean [n].
        values: V(D*, G) for a generator at each of `DISTANCES`.
        divergences: 2 JSD - 2 log 2 there.
    """

    formula: np.ndarray
    searched: np.ndarray
    trained: np.ndarray
    compared: np.ndarray
    values: np.ndarray
    divergences: np.ndarray


def measure() -> Results:
    """Searches, trains, and moves the generator away."""
    p, q = REAL.on(GRID), GENERATED.on(GRID)
    moved = [Gaussian(x, 1).on(GRID) for x in DISTANCES]
    return Results(
        formula=optimal_discriminator(p, q),
        searched=expit(divergence_of("gan").optimal_outputs(p, q)),
        trained=expit(trained_outputs(GRID)),
        compared=is_compared(p, q),
        values=np.array([value(p, x, optimal_discriminator(p, x)) for x in moved]),
        divergences=np.array([value_by_divergence(p, x) for x in moved]),
    )


def is_compared(p: Density, q: Density) -> np.ndarray:
    """Where there is enough of both to hold a network against the formula, boolean [n]."""
    return (p.probabilities + q.probabilities) / 2 / (GRID[1] - GRID[0]) > _LEAST_DENSITY


def value_by_divergence(p: Density, q: Density) -> float:
    """2 JSD(p, q) - 2 log 2, in nats."""
    return 2 * jensen_shannon(p, q) - 2 * np.log(2)


def trained_outputs(points: np.ndarray, *, steps: int = 3000, seed: int = 0) -> np.ndarray:
    """Raw outputs at points [n] of a discriminator that `GAN.fit` trained, [n].

    Its generator is fixed: it maps normal latents to samples of `GENERATED`.
    """
    keras.utils.set_random_seed(seed)
    latents = keras.Input([1])
    generator = keras.Model(latents, GENERATED.std * latents + GENERATED.mean)
    discriminator = keras.Sequential(
        [
            keras.Input([1]),
            *(keras.layers.Dense(32, "tanh") for _ in range(2)),
            keras.layers.Dense(1),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    gan = GAN(generator, discriminator, latent_dim=1, seed=seed)
    gan.compile(
        "minimax",
        g_optimizer=keras.optimizers.SGD(0.0),
        d_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
    )
    seeds = tf.data.Dataset.range(steps).map(lambda i: tf.stack([tf.constant(seed, tf.int64), i]))
    real = seeds.map(lambda s: REAL.std * tf.random.stateless_normal([2048, 1], s) + REAL.mean)
    gan.fit(real, verbose=0)
    return np.ravel(discriminator(points[:, None].astype("float32")))


def draw(results: Results) -> Figure:
    """D* three ways, and the value of the game against the distance of two Gaussians."""
    figure, (left, right) = figure_style.panels(2, width=3.6, height=2.9)
    for density, number, label in ((REAL, 0, "p, data"), (GENERATED, 1, "q, generator")):
        heights = density.on(GRID).probabilities / (GRID[1] - GRID[0])
        figure_style.line(left, GRID, heights, number, label)
    figure_style.line(left, GRID, results.formula, 4, "p / (p + q)")
    some = np.flatnonzero(results.compared)[::8]
    label = "D, trained"
    left.plot(GRID[some], results.trained[some], "o", ms=4, color=figure_style.GREEN, label=label)
    left.set(title="the best discriminator", xlabel="x", xlim=(-4, 6), ylim=(0, 1.02))
    figure_style.line(right, DISTANCES, results.divergences, 4, "2 JSD − 2 log 2")
    right.plot(DISTANCES, results.values, "o", ms=4, color=figure_style.BLUE, label="V(D*, G)")
    right.set(title="the value of the game", xlabel="distance of the means", ylabel="nats")
    for axes in (left, right):
        axes.legend()
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    searched = abs(results.searched - results.formula).max()
    trained = abs(results.trained - results.formula)[results.compared].max()
    values = abs(results.values - results.divergences).max()
    network = "network less p / (p + q), where (p + q) / 2 > 0.02"
    equal = near(-2 * np.log(2), within=1e-9, text="-2 log 2 = -1.386294")
    return [
        Number(
            "output that is best point by point less p / (p + q)",
            searched,
            near(0, within=1e-9),
            "{:.1e}",
        ),
        Number(network, trained, below(0.03), "{:.4f}"),
        Number("V(D\\*, G) less 2 JSD - 2 log 2", values, near(0, within=1e-9), "{:.1e}"),
        Number("V(D\\*, G) for p = q", results.values[0], equal, "{:.6f}"),
    ]
