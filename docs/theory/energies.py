"""What EBGAN and BEGAN measure, whose discriminators are reconstruction errors."""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
from matplotlib.figure import Figure
from measurements import Number, near

from tfgan_losses import losses
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    divergence_of,
    total_variation,
    wasserstein_1d,
)

GRID = np.linspace(-9.013, 14, 461)
DISTANCES = np.linspace(0, 6, 25)
MARGIN = 10.0
# The middles of 60 cells of [0, 1].
CELLS = (np.arange(60) + 0.5) / 60
WIDTHS = np.arange(2, 61, 2) / 60
KS = (0.1, 0.3, 0.6, 1.0)


@dataclasses.dataclass(frozen=True)
class Results:
    """EBGAN between Gaussians, BEGAN between uniform distributions.

    Attributes:
        energy_losses: EBGAN's least loss of D for N(0, 1) against N(x, 1) at each of `DISTANCES`.
        total_variations: TV there.
        equilibrium: For each k of `KS` what BEGAN measures between uniform data on [0, 1] and a
            generator that is uniform on an interval of each of `WIDTHS` in its middle.
        wasserstein: W1 of the same.
    """

    energy_losses: np.ndarray
    total_variations: np.ndarray
    equilibrium: dict[float, np.ndarray]
    wasserstein: np.ndarray


def measure() -> Results:
    """All by the library's losses."""
    p = Gaussian(0, 1).on(GRID)
    moved = [Gaussian(x, 1).on(GRID) for x in DISTANCES]
    energy_based = divergence_of(f"energy_based(margin={MARGIN})")
    return Results(
        energy_losses=np.array([energy_based.optimal_loss(p, q) for q in moved]),
        total_variations=np.array([total_variation(p, q) for q in moved]),
        equilibrium={k: np.array([began(k, width) for width in WIDTHS]) for k in KS},
        wasserstein=np.array([wasserstein_1d(*uniforms(width)) for width in WIDTHS]),
    )


def uniforms(width: float) -> tuple[Density, Density]:
    """Uniform on [0, 1], and on the middle of it."""
    inside = (abs(CELLS - 0.5) < width / 2 + 1e-9).astype(float)
    return Density.from_values(CELLS, np.ones(60)), Density(CELLS, inside / inside.sum())


def began(k: float, width: float) -> float:
    """What BEGAN's discriminator measures with slopes of at most 1 and its k held."""
    loss = losses.get("boundary_equilibrium")
    loss.k.assign(k)
    return divergence_of(loss).measured(*uniforms(width))


def draw(results: Results) -> Figure:
    """Both against what changes."""
    figure, (left, right) = figure_style.panels(2, width=3.7, height=3.0)
    expected = MARGIN * (1 - results.total_variations)
    figure_style.line(left, DISTANCES, expected, 4, "10 (1 − TV)")
    left.plot(
        DISTANCES, results.energy_losses, "o", ms=4, color=figure_style.BLUE, label="EBGAN, best D"
    )
    left.set(title="EBGAN: loss of D", xlabel="distance of the means")
    left.legend()
    for number, (k, values) in enumerate(results.equilibrium.items()):
        figure_style.line(right, WIDTHS, values, number, f"k = {k:g}")
    right.plot(
        WIDTHS, results.wasserstein, "o", ms=3, color=figure_style.GREY, label="W₁", zorder=0
    )
    right.set(title="BEGAN: measured", xlabel="part of the data that the generator covers")
    right.legend()
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    expected = MARGIN * (1 - results.total_variations)
    energy_error = abs(results.energy_losses - expected).max()
    free = max(max(results.equilibrium[k][k - 1e-9 <= WIDTHS]) for k in KS[:3])
    least = WIDTHS[np.argmax(results.equilibrium[0.3] < 1e-7)]
    transport = abs(results.equilibrium[1.0] - results.wasserstein).max()
    return [
        Number(
            "EBGAN: loss of the best D less 10 (1 - TV)",
            energy_error,
            near(0, within=1e-9),
            "{:.1e}",
        ),
        Number(
            "BEGAN: most that is measured if the generator covers k or more",
            free,
            near(0, within=1e-7),
            "{:.1e}",
        ),
        Number(
            "BEGAN, k = 0.3: a generator is free from",
            least,
            near(0.3, within=1e-9),
            "{:.2f} of the data",
        ),
        Number("BEGAN, k = 1, less W₁", transport, near(0, within=1e-6), "{:.1e}"),
    ]
