"""The Wasserstein distance where others are constant, and as a critic estimates it."""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
from figure_style import COLORS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measurements import Expected, Number, between, near
from w1_estimates import (
    DATA,
    METHODS,
    STARTS,
    Estimate,
    estimate,
    penalised_distance,
    reached,
    slope_between_points,
)

from tfgan_losses.divergences import (
    Density,
    Gaussian,
    jensen_shannon,
    kl,
    total_variation,
    wasserstein_1d,
)

OFFSETS = np.linspace(-1, 1, 41)
SHIFTS, STDS = (0.5, 1.0, 2.0, 4.0), (1.5, 2.0, 4.0)
MOVED = tuple(Gaussian(shift, 1) for shift in SHIFTS)
STRETCHED = tuple(Gaussian(0, std) for std in STDS)


# Marker, size and whether it is filled: those that meet can be told apart.
_MARKERS = {
    "gp": ("o", 10, False),
    "gp100": ("D", 9, False),
    "lp": ("x", 6, True),
    "spectral": ("s", 4, True),
    "clipping": ("^", 6, True),
}


@dataclasses.dataclass(frozen=True)
class Results:
    """What was measured.

    Attributes:
        lines: Each divergence of the two parallel lines for each of `OFFSETS`.
        moved: For each method the estimates between `DATA` and `MOVED`.
        stretched: The same for `STRETCHED`.
        slopes_between_points: Of critics between two narrow Gaussians 2 apart, weights 1 and 10.
        reached: How many of `STARTS` critics come within 5 % of W1 under a penalty of constant
            weight: on the line, and in the plane, whose second coordinate is noise.
    """

    lines: dict[str, np.ndarray]
    moved: dict[str, list[Estimate]]
    stretched: dict[str, list[Estimate]]
    slopes_between_points: tuple[float, float]
    reached: tuple[int, int]


def measure() -> Results:
    """Evaluates the divergences of the parallel lines and trains the critics."""
    return Results(
        lines=parallel_lines(OFFSETS),
        moved={name: [estimate(m, q) for q in MOVED] for name, m in METHODS.items()},
        stretched={name: [estimate(m, q) for q in STRETCHED] for name, m in METHODS.items()},
        slopes_between_points=tuple(
            slope_between_points(distance=2.0, weight=weight) for weight in (1.0, 10.0)
        ),
        reached=(reached(1), reached(2)),
    )


def parallel_lines(offsets: np.ndarray) -> dict[str, np.ndarray]:
    """Divergences of (0, U) and (offset, U) with U ~ U(0, 1), [offsets] each.

    Arjovsky et al., 2017, example 1.
    """
    places = np.union1d(offsets, [0.0])
    heights = np.linspace(0, 1, 11)
    grid = np.stack(np.meshgrid(places, heights, indexing="ij"), -1).reshape(-1, 2)

    def line(offset: float) -> Density:
        return Density(grid, (grid[:, 0] == offset) / len(heights))

    data = line(0.0)
    found = {
        name: np.array([divergence(data, line(x)) for x in offsets])
        for name, divergence in (("JS", jensen_shannon), ("TV", total_variation), ("KL", kl))
    }
    # Of the projections on the first axis, which keep the distance: see the page.
    found["W1"] = np.array([wasserstein_1d([0.0], [x]) for x in offsets])
    return found


def draw(results: Results) -> Figure:
    """The parallel lines, and estimates over W1 for shifts and for scales."""
    figure, (lines, moved, stretched) = figure_style.panels(3, width=3.2, height=3.2)
    for number, (name, label) in enumerate((("W1", "W₁ = |θ|"), ("TV", "TV"), ("JS", "JS"))):
        values = np.where(OFFSETS == 0, np.nan, results.lines[name])
        figure_style.line(lines, OFFSETS, values, number)
        height = (0.45, 1.03, np.log(2) + 0.03)[number]
        lines.text((-0.36, -0.95, -0.95)[number], height, label, color=COLORS[number])
    lines.plot(0, 0, "o", color=figure_style.GREY)
    lines.text(0.13, -0.02, "all 0 at θ = 0")
    lines.text(-0.95, 1.15, "KL = ∞")
    lines.set(title="two parallel lines", xlabel="their distance θ", ylim=(-0.05, 1.25))
    _draw_estimates(moved, SHIFTS, MOVED, results.moved)
    _draw_estimates(stretched, STDS, STRETCHED, results.stretched)
    moved.set(title="N(0, 1) and N(θ, 1)", xlabel="θ", ylabel="estimate ÷ W₁")
    stretched.set(title="N(0, 1) and N(0, σ²)", xlabel="σ")
    figure.legend(*moved.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _draw_estimates(
    axes: Axes, x: tuple, others: tuple[Gaussian, ...], estimates: dict[str, list[Estimate]]
) -> None:
    for weight in (10, 100):
        formula = [penalised_distance(q, weight) / wasserstein_1d(DATA, q) for q in others]
        label = "W₁ + ∫ (P - Q)² / r / (2 weight)" if weight == 10 else None
        axes.plot(x, formula, lw=4, alpha=0.6, color=figure_style.GREY, label=label)
    for number, (name, method) in enumerate(METHODS.items()):
        ratios = [e.gap / e.exact for e in estimates[name]]
        marker, size, filled = _MARKERS[name]
        style = {"color": COLORS[number], "marker": marker, "ms": size, "lw": 1}
        style["mfc"] = COLORS[number] if filled else "none"
        axes.plot(x, ratios, ls="", label=method.label, **style)
    bounds = [e.gap / e.steepest / e.exact for e in estimates["clipping"]]
    style["mfc"] = "none"
    axes.plot(x, bounds, ls=":", label="clipping ÷ its largest slope", **style)
    axes.axhline(1, lw=0.8, color=figure_style.GREY)
    axes.set(xscale="log", xticks=x, xticklabels=[f"{v:g}" for v in x], ylim=(-0.05, 1.3))
    axes.minorticks_off()


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    lines = {name: values[OFFSETS == 0.5][0] for name, values in results.lines.items()}
    every = {name: results.moved[name] + results.stretched[name] for name in METHODS}
    biased = [penalised_distance(q, 10) / wasserstein_1d(DATA, q) for q in MOVED]
    formula = [penalised_distance(q, 10) for q in MOVED + STRETCHED] * 2
    said = [e.gap for e in every["gp"] + every["lp"]]
    corrected = [(e.gap - 2 * e.penalty) / e.exact for e in every["lp"]]
    bounds = [e.gap / e.steepest / e.exact for x in every.values() for e in x]
    steep = [e.gap / e.steepest / e.exact for e in every["clipping"]]
    spectral = {key: getattr(results, key)["spectral"] for key in ("moved", "stretched")}
    steepest = [e.steepest for e in every["spectral"]]
    line, plane = results.reached
    slopes = near([2, 1.1], percent=2, text="1 + W₁ / (2 weight) = 2; 1.1")
    return [
        Number(
            "lines 0.5 apart: JS; KL; W₁",
            [lines["JS"], lines["KL"], lines["W1"]],
            near([np.log(2), np.inf, 0.5], within=1e-12, text="log 2 = 0.6931; inf; 0.5"),
            "{:.4f}",
        ),
        Number(
            f"penalty, weight 10: estimate ÷ W₁, shifts {'; '.join(f'{x:g}' for x in SHIFTS)}",
            _ratios(results.moved["gp"]),
            near(biased, percent=1),
        ),
        _row(
            "… ÷ the formula, two-sided and one-sided, all pairs",
            np.divide(said, formula),
            near(1, percent=1),
        ),
        _row("… weight 100, all pairs: estimate ÷ W₁", _ratios(every["gp100"]), near(1, percent=5)),
        _row("one-sided, less twice the penalty, all pairs", corrected, near(1, percent=2)),
        Number(
            "slope between two points 2 apart, weight 1; 10", results.slopes_between_points, slopes
        ),
        Number(
            f"of {STARTS} starts within 5 % of W₁ at constant weight: line; plane",
            [line, plane],
            Expected("fewer on the line", [0, line + 1], STARTS),
            "{:.0f}",
        ),
        _row("spectral normalisation: shifts", _ratios(spectral["moved"]), near(1, percent=1)),
        _row("… scales", _ratios(spectral["stretched"]), between(0.5, 0.7)),
        _row("… largest slope, all pairs", steepest, between(0, 1.01, "1 within 0.01, or less")),
        _row("clipping", _ratios(every["clipping"]), between(0, 0.01, "any factor: below 0.01")),
        _row("… ÷ its largest slope", steep, between(0.5, 1)),
        _row("every critic ÷ its largest slope", bounds, between(0, 1, "at most 1")),
    ]


def _ratios(estimates: list[Estimate]) -> list[float]:
    return [e.gap / e.exact for e in estimates]


def _row(what: str, values: list[float] | np.ndarray, expected: Expected) -> Number:
    return Number(what, [min(values), max(values)], expected, "{:.3f} to {:.3f}")
