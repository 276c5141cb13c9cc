"""What LSGAN measures and what its generator follows, for its two codings."""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from measurements import Expected, Number, above, near

from tfgan_losses import losses
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    divergence_of,
    mixture,
    pearson_chi2,
)

GRID = np.linspace(-10, 16, 521)
DISTANCES = np.linspace(0, 6, 25)
# b - c = 1 and b - a = 2, as the theorem asks for; and the coding that everybody uses.
PEARSON = "least_squares(a=-1, b=1, c=0, scale=0.5)"
ZERO_ONE = "least_squares(a=0, b=1, c=1, scale=0.5)"
SHARES = np.linspace(0.02, 0.98, 49)


@dataclasses.dataclass(frozen=True)
class Results:
    """For both codings.

    Attributes:
        chi2: Pearson's chi^2 of 2 q against p + q for two Gaussians at each of `DISTANCES`.
        losses: Twice the generator's loss at the best D, over real and generated examples.
        followed: What the generator follows if it puts each of `SHARES` on the first of two equal
            modes, with the best discriminator held.
        chi2_of_shares: Pearson's chi^2 there.
    """

    chi2: np.ndarray
    losses: dict[str, np.ndarray]
    followed: dict[str, np.ndarray]
    chi2_of_shares: np.ndarray


def measure() -> Results:
    """All by the library's loss."""
    p = Gaussian(0, 1).on(GRID)
    moved = [Gaussian(x, 1).on(GRID) for x in DISTANCES]
    pairs = [two_modes(share) for share in SHARES]
    codings = (PEARSON, ZERO_ONE)
    return Results(
        chi2=np.array([chi2_of_the_paper(p, q) for q in moved]),
        losses={
            spec: np.array([twice_generator_loss(spec, p, q) for q in moved]) for spec in codings
        },
        followed={
            spec: np.array([divergence_of(spec).followed(*pair) for pair in pairs])
            for spec in codings
        },
        chi2_of_shares=np.array([chi2_of_the_paper(*pair) for pair in pairs]),
    )


def chi2_of_the_paper(p: Density, q: Density) -> float:
    """sum (2 q - (p + q))^2 / (p + q): both have mass 2, so it is twice chi^2(q || m)."""
    return 2 * pearson_chi2(q, mixture(p, q))


def twice_generator_loss(spec: str, p: Density, q: Density) -> float:
    """2 C(G) = 2 (E_p + E_q) of the generator's loss at the best discriminator.

    The paper adds the term of the real examples: it has no gradient with respect to G.
    """
    outputs = tf.constant(divergence_of(spec).optimal_outputs(p, q))
    values = losses.get(spec).generator_loss(outputs, outputs).numpy()
    return 2 * (p.expectation(values) + q.expectation(values))


def two_modes(share: float) -> tuple[Density, Density]:
    """Data with two equal modes, and a generator with `share` of its samples on the first."""
    return Density([0, 1], [0.5, 0.5]), Density([0, 1], [share, 1 - share])


def draw(results: Results) -> Figure:
    """The generator's loss at the best D against chi^2, and what it follows."""
    figure, (left, right) = figure_style.panels(2, width=3.7, height=3.0)
    figure_style.line(left, DISTANCES, results.chi2, 4, "χ²(2q ‖ p + q)")
    for number, (spec, marker, label) in enumerate(
        ((PEARSON, "o", "−1, 1, 0 coding"), (ZERO_ONE, "^", "0, 1, 1 coding"))
    ):
        color = figure_style.COLORS[number]
        left.plot(DISTANCES, results.losses[spec], marker, ms=4, color=color, label=label)
        figure_style.line(right, SHARES, results.followed[spec], number, label)
    left.set(title="2 C(G) at the best D", xlabel="distance of the means")
    right.axhline(0, color=figure_style.GREY, linewidth=0.8)
    right.set(title="what the generator follows", xlabel="samples on the first of two equal modes")
    for axes in (left, right):
        axes.legend()
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    pearson, other = (abs(results.losses[x] - results.chi2).max() for x in (PEARSON, ZERO_ONE))
    least = {spec: (x.min(), SHARES[x.argmin()]) for spec, x in results.followed.items()}
    one_mode = max(least[PEARSON][1], 1 - least[PEARSON][1])
    return [
        Number("2 C(G) less chi^2, coding -1, 1, 0", pearson, near(0, within=1e-9), "{:.1e}"),
        Number("the same, coding 0, 1, 1", other, above(0.5, "not 0: above 0.5")),
        Number(
            "least that the generator follows, coding -1, 1, 0",
            [least[PEARSON][0], one_mode],
            Expected(
                "below -0.01 with above 0.90; a divergence would have 0 with 0.50",
                [-np.inf, 0.9],
                [-0.01, 1],
            ),
            "{:.4f} with {:.2f} on one mode",
        ),
        Number(
            "the same, coding 0, 1, 1",
            least[ZERO_ONE],
            near([0, 0.5], within=1e-9, text="0 with 0.50"),
            "{:.1e} with {:.2f}",
        ),
    ]
