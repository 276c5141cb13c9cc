"""What the relativistic losses measure: pairs, and means that a single point can move."""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
from matplotlib.figure import Figure
from measurements import Number, near

from tfgan_losses.divergences import (
    Density,
    Gaussian,
    closed_form_of,
    divergence_of,
    kl,
    total_variation,
)

_LEAST_SQUARES = "relativistic_average(base='least_squares')"
_HINGE = "relativistic_average(base='hinge')"
# What each loss measures between distributions without a common point.
HIGHEST = {
    "hinge": 2.0,
    "relativistic": np.log(2),
    _LEAST_SQUARES: 2.0,
    _HINGE: 2.0,
}
ATOMS = 20
GRID = np.linspace(-9, 12, 106)


@dataclasses.dataclass(frozen=True)
class Results:
    """Between two distributions that differ in a part of their samples.

    Attributes:
        parts: The part that only one of both has, [parts], which is their total variation.
        measured: What each loss of `HIGHEST` measures, as a part of its highest value, [parts].
        closed_forms: The formulas of those that have one, in the same units, [parts].
        followed_errors: `followed_error` for some distances.
    """

    parts: np.ndarray
    measured: dict[str, np.ndarray]
    closed_forms: dict[str, np.ndarray]
    followed_errors: np.ndarray


def measure() -> Results:
    """All by the library's losses."""
    pairs = [differing_in(count) for count in range(ATOMS // 2 + 1)]
    divergences = {spec: divergence_of(spec) for spec in HIGHEST}
    forms = {spec: closed_form_of(x.loss).measured for spec, x in divergences.items()}
    return Results(
        parts=np.array([total_variation(*pair) for pair in pairs]),
        measured={
            spec: np.array([x.measured(*pair) for pair in pairs]) / HIGHEST[spec]
            for spec, x in divergences.items()
        },
        closed_forms={
            spec: np.array([form(*pair) for pair in pairs]) / HIGHEST[spec]
            for spec, form in forms.items()
            if form is not None
        },
        followed_errors=np.array([followed_error(mean) for mean in (0.1, 1.0, 3.0)]),
    )


def differing_in(count: int) -> tuple[Density, Density]:
    """p and q with `count` of `ATOMS` samples at a point of their own, the others shared."""
    own, shared = count / ATOMS, 1 - count / ATOMS
    return Density([0, 1, 2], [own, shared, 0]), Density([0, 1, 2], [0, shared, own])


def followed_error(mean: float) -> float:
    """What RSGAN's generator follows, less KL(q || p) - JSD(p x q, q x p), for two Gaussians."""
    p, q = Gaussian(0, 1).on(GRID), Gaussian(mean, 1.2).on(GRID)
    divergence = divergence_of("relativistic")
    return divergence.followed(p, q) - (kl(q, p) - divergence.measured(p, q))


def draw(results: Results) -> Figure:
    """What each loss measures against the part in which two distributions differ."""
    figure, (axes,) = figure_style.panels(1, width=5.2, height=3.2)
    labels = ("hinge", "RSGAN", "RaLSGAN", "RaHinge, and RaSGAN\nin the limit")
    for number, (label, values) in enumerate(zip(labels, results.measured.values(), strict=True)):
        figure_style.line(axes, results.parts, values, number)
        end = (results.parts[-1] + 0.01, values[-1])
        axes.annotate(label, end, color=figure_style.COLORS[number], fontsize=8, va="center")
    axes.set(
        title="any discriminator",
        xlabel="part of the samples in which the two differ",
        ylabel="measured / highest",
        xlim=(-0.02, 0.66),
    )
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    errors = {
        spec: abs(results.measured[spec] - form).max()
        for spec, form in results.closed_forms.items()
    }
    rahinge, hinge = (2 * results.measured[spec][1] for spec in (_HINGE, "hinge"))
    followed, zero = abs(results.followed_errors).max(), near(0, within=1e-9)
    return [
        Number("RSGAN less JSD(p⊗q, q⊗p)", errors["relativistic"], zero, "{:.1e}"),
        Number("RaLSGAN less 8T / (2 + 3T)", errors[_LEAST_SQUARES], zero, "{:.1e}"),
        Number("RaHinge if 1 of 20 samples differs, of 2", rahinge, near(2, within=1e-9), "{:.9f}"),
        Number("hinge for the same, of 2", hinge, near(0.1, within=1e-9)),
        Number("RSGAN's G less KL(q‖p) - JSD(p⊗q, q⊗p)", followed, zero, "{:.1e}"),
    ]
