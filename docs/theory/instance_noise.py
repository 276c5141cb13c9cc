"""Noise on the discriminator's inputs: what it makes of the divergence, and of a training run."""

from __future__ import annotations

import dataclasses

import figure_style
import keras
import numpy as np
import tensorflow as tf
from ensembles import Discriminators
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measurements import Expected, Number, near

from tfgan_losses import losses
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    divergence_of,
    jensen_shannon,
    wasserstein_1d,
)

DISTANCES = np.linspace(0, 6, 61)
STDS = (0.0, 0.5, 1.0, 2.0)
# The data of the runs is N(2, 0.1^2); the generator starts at N(0, 0.1^2), 20 deviations away.
TARGET, STD = 2.0, 0.1
SEEDS, BATCH, STEPS = 8, 64, 500
_STEP = 1e-4


@dataclasses.dataclass(frozen=True)
class Setting:
    """How a generator is trained.

    Attributes:
        label: In the figure.
        loss: For `losses.get`.
        noise: Standard deviation of the noise at first; it falls linearly to 0 at 4/5 of the steps.
        steps_of_d: Updates of the discriminator before each of the generator.
    """

    label: str
    loss: str = "minimax"
    noise: float = 0.0
    steps_of_d: int = 10


SETTINGS = (
    Setting("minimax, k = 10"),
    Setting("minimax, k = 10, noise", noise=1.0),
    Setting("non-saturating, k = 10", "non_saturating"),
    Setting("minimax, k = 1", steps_of_d=1),
    Setting("minimax, k = 1, noise", noise=1.0, steps_of_d=1),
)


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything that the page reports.

    Attributes:
        divergences: JSD of two points with noise, for each of `STDS`, [distances].
        slopes: Of the JSD with noise 1 in the distance, by differences, [distances - 1].
        gradients: Half of the generator's gradient at the best D, at each tenth of them.
        best_ratio: The distance, in standard deviations of the noise, where the slope is largest
            for a given distance.
        means: Of the generator after each step, for each of `SETTINGS`, [steps, seeds].
        wasserstein: Between samples of the data and of the trained generator, [settings, seeds].
    """

    divergences: dict[float, np.ndarray]
    slopes: np.ndarray
    gradients: np.ndarray
    best_ratio: float
    means: list[np.ndarray]
    wasserstein: np.ndarray


def measure() -> Results:
    """The divergences by formula, then the runs."""
    runs = [run(setting) for setting in SETTINGS]
    some = DISTANCES[1:]
    slopes = np.array([slope(distance, 1.0) for distance in some])
    return Results(
        divergences={
            std: np.array([noisy_divergence(distance, std) for distance in DISTANCES])
            for std in STDS
        },
        slopes=slopes,
        gradients=np.array([half_gradient(distance, 1.0) for distance in some[::10]]),
        # d JSD / d distance = j'(u) / std = u j'(u) / distance, u = distance / std.
        best_ratio=float(some[np.argmax(some * slopes)]),
        means=[means for means, _ in runs],
        wasserstein=np.array([final for _, final in runs]),
    )


def noisy_pair(distance: float, std: float) -> tuple[Density, Density]:
    """The point 0 and the point `distance`, each with noise N(0, std^2) added, on one grid."""
    if std == 0:
        if distance == 0:
            return Density([0.0], [1.0]), Density([0.0], [1.0])
        grid = [0.0, distance]
        return Density(grid, [1.0, 0.0]), Density(grid, [0.0, 1.0])
    grid = np.linspace(-8 * std, 8 * std + distance, 1601)
    return Gaussian(0, std).on(grid), Gaussian(distance, std).on(grid)


def noisy_divergence(distance: float, std: float) -> float:
    """JSD of `noisy_pair`, in nats."""
    return jensen_shannon(*noisy_pair(distance, std))


def slope(distance: float, std: float) -> float:
    """Of `noisy_divergence` in the distance, by central differences."""
    after, before = (noisy_divergence(distance + step, std) for step in (_STEP, -_STEP))
    return (after - before) / (2 * _STEP)


def half_gradient(distance: float, std: float) -> float:
    """Half of what minimax's generator gets at the best discriminator: its loss is 2 JSD."""
    p, q = noisy_pair(distance, std)
    potential = divergence_of("minimax").potential(p, q)
    after, before = (Gaussian(distance + step, std).on(p.grid) for step in (_STEP, -_STEP))
    return (after.expectation(potential) - before.expectation(potential)) / (4 * _STEP)


def run(
    setting: Setting, *, seeds: int = SEEDS, steps: int = STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """Trains the generator m + s z by plain gradient descent, the discriminator by Adam.

    Returns:
        m after each step, [steps, seeds], and the final Wasserstein distances, [seeds].
    """
    loss, discriminators = losses.get(setting.loss), Discriminators(seeds)
    generator = tf.Variable(tf.tile([[[0.0], [STD]]], [seeds, 1, 1]))
    optimizer = keras.optimizers.Adam(5e-3, beta_1=0.5)
    optimizer.build(discriminators.variables)
    draws = tf.random.Generator.from_seed(0)
    shape = [seeds, BATCH, 1]

    def inputs(mean: tf.Tensor, std: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        return mean + std * draws.normal(shape) + noise * draws.normal(shape)

    def update_discriminators(noise: tf.Tensor) -> None:
        real, fake = inputs(TARGET, STD, noise), inputs(generator[:, :1], generator[:, 1:], noise)
        with tf.GradientTape() as tape:
            outputs = discriminators(real), discriminators(fake)
            # Each seed's network has a term of its own.
            total = tf.reduce_sum(loss.discriminator_loss(*outputs)) / BATCH
        variables = discriminators.variables
        optimizer.apply(tape.gradient(total, variables), variables)

    @tf.function
    def step(noise: tf.Tensor) -> None:
        for _ in range(setting.steps_of_d):
            update_discriminators(noise)
        with tf.GradientTape() as tape:
            outputs = discriminators(inputs(generator[:, :1], generator[:, 1:], noise))
            total = tf.reduce_sum(loss.generator_loss(outputs, outputs)) / BATCH
        generator.assign_sub(0.05 * tf.convert_to_tensor(tape.gradient(total, generator)))

    means = []
    for number in range(steps):
        step(tf.constant(setting.noise * max(0.0, 1 - number / (0.8 * steps)), tf.float32))
        means.append(generator.numpy()[:, 0, 0])
    normal = np.random.default_rng(0).standard_normal(2000)
    final = [
        wasserstein_1d(TARGET + STD * normal, mean + std * normal)
        for mean, std in generator.numpy()[:, :, 0]
    ]
    return np.array(means), np.array(final)


def draw(results: Results) -> Figure:
    """The divergence against the distance, and the runs: on their way and at their end."""
    figure, (theory, way, end) = figure_style.panels(3, width=3.2, height=3.0)
    for number, (std, values) in enumerate(results.divergences.items()):
        figure_style.line(
            theory, DISTANCES, values, number, f"noise {std:g}" if std else "no noise"
        )
    theory.set(title="JSD of two points", xlabel="distance of the points", ylabel="nats")
    theory.legend(loc="lower right")
    for number, (setting, means) in enumerate(zip(SETTINGS[:3], results.means, strict=False)):
        figure_style.line(way, np.arange(STEPS), np.median(means, axis=1), number, setting.label)
        way.fill_between(
            np.arange(STEPS),
            means.min(axis=1),
            means.max(axis=1),
            alpha=0.25,
            lw=0,
            color=figure_style.COLORS[number],
        )
    way.axhline(TARGET, color=figure_style.GREY, lw=0.8)
    way.text(STEPS, TARGET + 0.08, "data", ha="right")
    way.set(
        title="k = 10 steps of D for each of G", xlabel="steps of G", ylabel="mean of the generator"
    )
    way.legend(loc="center right", bbox_to_anchor=(1, 0.3))
    _draw_ends(end, results)
    return figure


def _draw_ends(axes: Axes, results: Results) -> None:
    for number, final in enumerate(results.wasserstein):
        place = np.full(SEEDS, -number) + np.linspace(-0.15, 0.15, SEEDS)
        axes.plot(final, place, "o^sDv"[number], ms=4, color=figure_style.COLORS[number])
    axes.set(xscale="log", title="8 seeds each", xlabel="final distance to the data, W₁")
    axes.set_yticks(-np.arange(len(SETTINGS)), [setting.label for setting in SETTINGS])


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    error = 2 * abs(results.slopes[::10] - results.gradients).max()
    near_by, none = noisy_divergence(0.01, 1.0) / (0.01**2 / 8), noisy_divergence(0.01, 0.0)
    log_2 = near(np.log(2), within=1e-12, text="log 2 = 0.693147")
    rows = [
        Number("JSD of two points 0.01 apart, no noise", none, log_2, "{:.6f}"),
        Number(
            "the same with noise 1, over distance² / 8", near_by, near(1, within=1e-4), "{:.5f}"
        ),
        Number(
            "G's gradient at the best D less that of 2 JSD", error, near(0, within=1e-6), "{:.1e}"
        ),
        Number(
            "distance / noise of the steepest JSD",
            results.best_ratio,
            near(2.5, within=0.1),
            "{:.1f}",
        ),
    ]
    # Noise damps the swinging of k = 1 about the data.
    half = np.median(results.wasserstein[3]) / 2
    expected = (
        Expected("all stay above 1.5", lowest=1.5),
        *[Expected("all below 0.1", highest=0.1)] * 2,
        Expected("all below 0.2", highest=0.2),
        Expected("all below 0.1, median below half of that", highest=[0.1, 0.1, half]),
    )
    for setting, final, where in zip(SETTINGS, results.wasserstein, expected, strict=True):
        what = f"{setting.label}: final W₁ of {SEEDS} seeds, 2 at first"
        values = [final.min(), final.max(), np.median(final)]
        rows.append(Number(what, values, where, "{:.3f} to {:.3f}, median {:.3f}"))
    return rows
