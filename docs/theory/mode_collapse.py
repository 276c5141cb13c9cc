"""What the usual generator descends, and why it would rather miss a mode than miss the data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import figure_style
import numpy as np
from matplotlib.figure import Figure
from measurements import Number, above, below, near

from tfgan_losses.divergences import (
    Density,
    Gaussian,
    divergence_of,
    jensen_shannon,
    kl,
    mixture,
)

GRID = np.linspace(-22, 22, 441)
DATA = mixture(Gaussian(-3, 0.5).on(GRID), Gaussian(3, 0.5).on(GRID))
# Of the mixture.
DATA_STD = np.sqrt(3**2 + 0.5**2)
START = (0.5, 1.5)  # mean and standard deviation of the generator
SHARES = np.linspace(0, 0.5, 26)
# A sample out of place lands where the data is this much rarer than at a mode.
RARITY = 1e-6
LOSS = divergence_of("non_saturating")
_STEP = 1e-4
_RATE, _UPDATES = 0.05, 300


@dataclasses.dataclass(frozen=True)
class Results:
    """Costs of two kinds of mistakes, and where two generators end.

    Attributes:
        missed: What `non_saturating` follows if the generator gives this part, `SHARES`, of the
            samples of one of two modes to the other, [shares].
        misplaced: The same if this part of the samples is where the data hardly is, [shares].
        missed_kl: KL(data || generator) for the first.
        misplaced_kl: KL(data || generator) for the second.
        collapse: Mean and standard deviation of a Gaussian that follows the gradient of
            `non_saturating` at the best discriminator, [updates + 1, 2].
        covering: Of one that follows KL(data || generator), maximum likelihood, [updates + 1, 2].
    """

    missed: np.ndarray
    misplaced: np.ndarray
    missed_kl: np.ndarray
    misplaced_kl: np.ndarray
    collapse: np.ndarray
    covering: np.ndarray


def measure() -> Results:
    """Costs by the library, and two descents."""
    follows = LOSS.followed
    return Results(
        missed=np.array([follows(*missed_mode(share)) for share in SHARES]),
        misplaced=np.array([follows(*misplaced_samples(share)) for share in SHARES]),
        missed_kl=np.array([kl(*missed_mode(share)) for share in SHARES]),
        misplaced_kl=np.array([kl(*misplaced_samples(share)) for share in SHARES]),
        collapse=descend(generator_gradient),
        covering=descend(likelihood_gradient),
    )


def missed_mode(share: float) -> tuple[Density, Density]:
    """Data of two modes, and a generator that moves `share` of all samples to the first."""
    return Density([0, 1], [0.5, 0.5]), Density([0, 1], [0.5 + share, 0.5 - share])


def misplaced_samples(share: float) -> tuple[Density, Density]:
    """The same data, and a generator with `share` of its samples where the data hardly is."""
    mode = (1 - RARITY) / 2
    return Density([0, 1, 2], [mode, mode, RARITY]), Density(
        [0, 1, 2], [(1 - share) / 2, (1 - share) / 2, share]
    )


def generator_gradient(mean: float, std: float) -> np.ndarray:
    """Of E[-log D(G(z))] in mean and standard deviation, with the best discriminator held, [2]."""
    held = LOSS.potential(DATA, Gaussian(mean, std).on(GRID))
    return differences(lambda q: q.expectation(held), mean, std)


def divergence_gradient(mean: float, std: float) -> np.ndarray:
    """Of KL(generator || data) - 2 JSD, [2]."""
    return differences(lambda q: kl(q, DATA) - 2 * jensen_shannon(DATA, q), mean, std)


def likelihood_gradient(mean: float, std: float) -> np.ndarray:
    """Of KL(data || generator), [2]."""
    return differences(lambda q: kl(DATA, q), mean, std)


def differences(function: Callable[[Density], float], mean: float, std: float) -> np.ndarray:
    """Central differences of a function of a Gaussian in its two parameters, [2]."""
    ways = ((_STEP, 0.0), (0.0, _STEP))
    values = [
        function(Gaussian(mean + sign * a, std + sign * b).on(GRID))
        for a, b in ways
        for sign in (1, -1)
    ]
    return np.array([values[0] - values[1], values[2] - values[3]]) / (2 * _STEP)


def descend(gradient: Callable[[float, float], np.ndarray]) -> np.ndarray:
    """Gradient descent from `START`, [updates + 1, 2]."""
    path = [np.array(START)]
    for _ in range(_UPDATES):
        path.append(path[-1] - _RATE * gradient(*path[-1]))
    return np.array(path)


def draw(results: Results) -> Figure:
    """The costs of two mistakes, and two generators on their way."""
    figure, (costs, paths) = figure_style.panels(2, width=3.7, height=3.1)
    for number, values, label, place in (
        (1, results.misplaced, "implausible sample, −log D", (0.255, 2.5)),
        (3, results.misplaced_kl, "implausible, likelihood", (0.12, 0.5)),
        (4, results.missed_kl, "missed mode, likelihood", (0.2, 1.15)),
        (0, results.missed, "missed mode, −log D", (0.27, -0.11)),
    ):
        figure_style.line(costs, SHARES, values, number)
        costs.annotate(label, place, color=figure_style.COLORS[number], fontsize=8)
    costs.set(xlabel="part of the samples", ylabel="nats", ylim=(-0.18, 3))
    costs.set_title("what a mistake costs")
    updates = np.arange(len(results.collapse))
    for number, path, label in (
        (0, results.collapse, "−log D"),
        (1, results.covering, "likelihood"),
    ):
        color = figure_style.COLORS[number]
        paths.fill_between(updates, *_band(path), color=color, alpha=0.25, linewidth=0)
        figure_style.line(paths, updates, path[:, 0], number, label)
    for mode in (-3, 3):
        paths.axhline(mode, color=figure_style.GREY, linewidth=0.8, linestyle=":")
        paths.annotate("mode", (updates[-1], mode), fontsize=8, ha="right", va="bottom")
    paths.set(
        title="a Gaussian learns two modes", xlabel="update", ylabel="mean ± standard deviation"
    )
    paths.legend(loc="lower left")
    return figure


def _band(path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return path[:, 0] - path[:, 1], path[:, 0] + path[:, 1]


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    error = abs(generator_gradient(*START) - divergence_gradient(*START)).max()
    whole, tenth = results.missed[-1], list(SHARES.round(2)).index(0.1)
    exact = np.log(2) - 2 * jensen_shannon(*missed_mode(0.5))
    return [
        Number(
            "gradient of -log D, D held, less that of KL - 2 JSD",
            error,
            near(0, within=1e-4),
            "{:.1e}",
        ),
        Number(
            "cost of a mode that is missed whole, -log D",
            whole,
            near(exact, within=1e-9, text=f"log 2 - 2 JSD = {exact:.4f}"),
            "{:.4f}",
        ),
        Number(
            "cost of a tenth of a mode's samples missing",
            results.missed[tenth],
            below(whole / 10, "less than a tenth of it"),
            "{:.4f}",
        ),
        Number(
            "cost of a tenth out of place",
            results.misplaced[tenth],
            above(3 * whole, "more than three times a whole mode"),
            "{:.4f}",
        ),
        Number(
            "-log D ends at",
            results.collapse[-1],
            near([3, 0.5], within=0.02, text="one mode, 3 ± 0.5,"),
            "{:.3f} ± {:.3f}",
        ),
        Number(
            "likelihood ends at",
            results.covering[-1],
            near([0, DATA_STD], within=0.1, text=f"both, 0 ± {DATA_STD:.3f},"),
            "{:.3f} ± {:.3f}",
        ),
    ]
