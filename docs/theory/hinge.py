"""What the hinge loss measures, without and with a limit on the discriminator's slope."""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
from matplotlib.figure import Figure
from measurements import Number, near

from tfgan_losses.divergences import Gaussian, divergence_of, total_variation, wasserstein_1d

# No point of it lies halfway between two means, where p - q has the sign of a rounding error.
GRID = np.linspace(-9.013, 14, 461)
DISTANCES = np.linspace(0, 6, 25)
SLOPES = (0.1, 0.3, 1.0, 3.0)
_STEP = 1e-4


@dataclasses.dataclass(frozen=True)
class Results:
    """Of two Gaussians of standard deviation 1, for each of `DISTANCES` between their means.

    Attributes:
        measured: What the hinge loss measures, [distances].
        total_variation: [distances].
        measured_with_slope: The same for discriminators of each slope in `SLOPES`.
        wasserstein: [distances].
        gradient: Of the generator's loss with respect to its mean, discriminator held.
        gradient_of_tv: Of 2 TV, by central differences.
    """

    measured: np.ndarray
    total_variation: np.ndarray
    measured_with_slope: dict[float, np.ndarray]
    wasserstein: np.ndarray
    gradient: np.ndarray
    gradient_of_tv: np.ndarray


def measure() -> Results:
    """Moves q away from p."""
    p = Gaussian(0, 1).on(GRID)
    moved = [Gaussian(x, 1).on(GRID) for x in DISTANCES]
    free = divergence_of("hinge")
    return Results(
        measured=np.array([free.measured(p, q) for q in moved]),
        total_variation=np.array([total_variation(p, q) for q in moved]),
        measured_with_slope={
            slope: np.array([divergence_of("hinge", lipschitz=slope).measured(p, q) for q in moved])
            for slope in SLOPES
        },
        wasserstein=np.array([wasserstein_1d(p, q) for q in moved]),
        gradient=np.array([generator_gradient(x) for x in DISTANCES[1:]]),
        gradient_of_tv=np.array([gradient_of_twice_tv(x) for x in DISTANCES[1:]]),
    )


def generator_gradient(mean: float) -> float:
    """Of the generator's loss with respect to its mean, with the best discriminator held."""
    p, q = Gaussian(0, 1).on(GRID), Gaussian(mean, 1).on(GRID)
    potential = divergence_of("hinge").potential(p, q)
    after, before = (Gaussian(mean + step, 1).on(GRID) for step in (_STEP, -_STEP))
    return (after.expectation(potential) - before.expectation(potential)) / (2 * _STEP)


def gradient_of_twice_tv(mean: float) -> float:
    """By central differences."""
    p = Gaussian(0, 1).on(GRID)
    after, before = (total_variation(p, Gaussian(mean + s, 1).on(GRID)) for s in (_STEP, -_STEP))
    return (after - before) / _STEP


def draw(results: Results) -> Figure:
    """Both divergences against the distance of the means."""
    figure, (free, limited) = figure_style.panels(2, width=3.6, height=2.9)
    figure_style.line(free, DISTANCES, 2 * results.total_variation, 4, "2 TV(p, q)")
    free.plot(
        DISTANCES, results.measured, "o", ms=4, color=figure_style.BLUE, label="hinge loss, best D"
    )
    free.set(title="any discriminator", xlabel="distance of the means", ylabel="measured")
    for number, (slope, values) in enumerate(results.measured_with_slope.items()):
        figure_style.line(limited, DISTANCES, values, number, f"slope ≤ {slope:g}")
    figure_style.line(limited, DISTANCES, 0.3 * results.wasserstein, 4, "0.3 W₁(p, q)")
    limited.set(
        title="discriminators of limited slope", xlabel="distance of the means", ylim=(0, 2.1)
    )
    for axes in (free, limited):
        axes.legend(loc="lower right")
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    error = abs(results.measured - 2 * results.total_variation).max()
    gradient_error = abs(results.gradient - results.gradient_of_tv).max()
    weak = abs(results.measured_with_slope[0.1] - 0.1 * results.wasserstein).max()
    rows = [
        ("loss of the best D less 2 - 2 TV, at most", error, 1e-9),
        ("gradient of G less that of 2 TV", gradient_error, 1e-4),
        ("slope ≤ 0.1: measured less 0.1 W₁, up to 6 apart", weak, 1e-6),
    ]
    return [Number(what, value, near(0, within=reach), "{:.1e}") for what, value, reach in rows]
