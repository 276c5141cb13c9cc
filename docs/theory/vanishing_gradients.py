"""What the generator learns from a good discriminator as its samples move away from the data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import figure_style
import keras
import numpy as np
import tensorflow as tf
from ensembles import Discriminators, best_gradient, generator_gradient
from matplotlib.figure import Figure
from measurements import Expected, Number, below, near

from tfgan_losses import losses, penalties
from tfgan_losses.divergences import Gaussian, jensen_shannon

GRID = np.linspace(-12, 22, 681)
DISTANCES = np.linspace(0.25, 10, 40)
TRAINED_DISTANCES = (1.0, 2.0, 4.0, 6.0, 8.0, 10.0)
LOSSES = ("minimax", "non_saturating", "wasserstein")
_NETWORKS = 24  # for each of TRAINED_DISTANCES
_BATCH = 128
_STEPS = 600


@dataclasses.dataclass(frozen=True)
class Results:
    """Data N(0, 1), generator z + theta with theta at `DISTANCES`.

    Attributes:
        divergences: JSD in nats, [distances].
        exact: For each of `LOSSES` the gradient of G's loss in theta at the best D, [distances].
        means: The same at trained networks, mean over networks, [trained distances].
        deviations: Standard deviation over the networks, [trained distances].
    """

    divergences: np.ndarray
    exact: dict[str, np.ndarray]
    means: dict[str, np.ndarray]
    deviations: dict[str, np.ndarray]


def measure() -> Results:
    """Best discriminators by formula, then trained ones."""
    data = Gaussian(0, 1).on(GRID)
    trained = trained_gradients()
    return Results(
        divergences=np.array([jensen_shannon(data, Gaussian(x, 1).on(GRID)) for x in DISTANCES]),
        exact={name: np.array([best_gradient(name, x) for x in DISTANCES]) for name in LOSSES},
        means={name: gradients.mean(axis=1) for name, gradients in trained.items()},
        deviations={name: gradients.std(axis=1) for name, gradients in trained.items()},
    )


def trained_gradients() -> dict[str, np.ndarray]:
    """The generator's gradient at trained networks, [trained distances, networks] for each loss."""
    theta = np.repeat(TRAINED_DISTANCES, _NETWORKS).astype("float32")
    classifiers, critics = (
        trained_discriminators(name, theta) for name in ("minimax", "wasserstein")
    )
    # minimax and non_saturating differ in the generator's loss alone.
    networks = dict(zip(LOSSES, (classifiers, classifiers, critics), strict=True))
    return {
        name: generator_gradient(name, outputs, theta).reshape(len(TRAINED_DISTANCES), _NETWORKS)
        for name, outputs in networks.items()
    }


def trained_discriminators(name: str, theta: np.ndarray) -> Discriminators:
    """One for each place of the generator, with a penalty of slopes above 1 for `wasserstein`."""
    loss, networks = losses.get(name), Discriminators(len(theta))
    terms = penalties.get_all("lipschitz_penalty(weight=100)" if name == "wasserstein" else [])
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, _STEPS))
    optimizer.build(networks.variables)
    shape = (len(theta), _BATCH, 1)

    @tf.function
    def step(seed: tf.Tensor) -> None:
        real = tf.random.stateless_normal(shape, [0, seed])
        fake = tf.random.stateless_normal(shape, [1, seed]) + theta[:, None, None]
        with tf.GradientTape() as tape:
            values = loss.discriminator_loss(networks(real), networks(fake))
            for term in terms:  # of single examples: a list of all networks' is as good
                rows = [tf.reshape(x, [-1, 1]) for x in (real, fake)]
                seeds = tf.stack([tf.constant(2, tf.int64), tf.cast(seed, tf.int64)])
                values += tf.reshape(term(as_rows(networks, shape), *rows, seed=seeds), shape)
            total = tf.reduce_sum(values) / _BATCH
        optimizer.apply(tape.gradient(total, networks.variables), networks.variables)

    for seed in range(_STEPS):
        step(tf.constant(seed))
    return networks


def as_rows(networks: Discriminators, shape: tuple[int, ...]) -> Callable[[tf.Tensor], tf.Tensor]:
    """The networks as a critic of rows [networks * n, 1]."""
    return lambda x: tf.reshape(networks(tf.reshape(x, shape)), [-1, 1])


def draw(results: Results) -> Figure:
    """Gradients against the distance, at the best and at trained discriminators."""
    figure, (best, trained) = figure_style.panels(2, width=3.7, height=3.1)
    for number, name in enumerate(LOSSES):
        figure_style.line(best, DISTANCES, results.exact[name], number, name)
        trained.errorbar(
            TRAINED_DISTANCES,
            results.means[name],
            yerr=results.deviations[name],
            color=figure_style.COLORS[number],
            linestyle=figure_style.DASHES[number],
            marker="o^s"[number],
            markersize=4,
            capsize=3,
            label=name,
        )
    gap = np.log(2) - results.divergences
    figure_style.line(best, DISTANCES, np.maximum(gap, 1e-12), 4, "log 2 − JSD")
    best.set(title="at the best discriminator", ylabel="gradient of G's loss")
    trained.set(title="at 24 trained discriminators each")
    for axes in (best, trained):
        axes.set(xlabel="distance of the means", yscale="log", ylim=(1e-5, 30))
    best.legend(loc="lower left")
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    gap, at_8 = np.log(2) - results.divergences[-1], list(TRAINED_DISTANCES).index(8.0)
    minimax, non_saturating = (best_gradient(name, 8.0) for name in LOSSES[:2])
    means, exact = results.means, results.exact["wasserstein"]
    spread = results.deviations["non_saturating"] / abs(means["non_saturating"])
    ratios = [
        means[name][i] / best_gradient(name, x)
        for name in LOSSES[:2]
        for i, x in enumerate(TRAINED_DISTANCES[:2])
    ]
    return [
        Number("log 2 - JSD at a distance of 10", gap, below(1e-5, "→ 0: below 1e-5"), "{:.1e}"),
        Number("minimax: gradient at 8, best D", minimax, below(1e-3, "→ 0: below 1e-3"), "{:.1e}"),
        Number(
            "minimax: gradient at 8 and at 10, trained D",
            means["minimax"][at_8:],
            Expected("→ 0: below 2e-3; 1e-3", highest=[2e-3, 1e-3]),
            "{:.1e}",
        ),
        Number("non_saturating: gradient at 8, best D", non_saturating, near(8, percent=1)),
        Number(
            "minimax, at 1 and at 2; non_saturating, too: gradient, trained D ÷ best D",
            ratios,
            near(1, percent=25),
            "{:.2f}",
        ),
        Number(
            "non_saturating: spread over trained D, part of the mean, at 1 and at 8",
            [spread[0], spread[at_8]],
            Expected("grows from below 0.05 to above 0.1", [0, 0.1], [0.05, np.inf]),
        ),
        Number(
            "wasserstein: gradient, best D",
            [exact.min(), exact.max()],
            near(1, within=1e-9),
            "{:.3f} to {:.3f}",
        ),
        # Slopes above 1 cost 100 (slope - 1)^2: the best is 1 + W / 200.
        Number(
            f"… trained D at {', '.join(f'{x:g}' for x in TRAINED_DISTANCES)}",
            means["wasserstein"],
            near(1 + np.array(TRAINED_DISTANCES) / 200, percent=2, text="1 + distance / 200"),
        ),
    ]
