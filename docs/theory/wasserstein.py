"""The Wasserstein distance where others are constant, and as a critic estimates it."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import critics
import figure_style
import numpy as np
from figure_style import COLORS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pages import Number

from tfgan_losses import penalties
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    jensen_shannon,
    kl,
    total_variation,
    wasserstein_1d,
)
from tfgan_losses.layers import spectrally_normalize

OFFSETS = np.linspace(-1, 1, 41)
SHIFTS, STDS = (0.5, 1.0, 2.0, 4.0), (1.5, 2.0, 4.0)
DATA = Gaussian(0, 1)
MOVED = tuple(Gaussian(shift, 1) for shift in SHIFTS)
STRETCHED = tuple(Gaussian(0, std) for std in STDS)
STEPS = 800


class Method(NamedTuple):
    """How a critic is kept from becoming steep.

    Attributes:
        label: For the figure.
        penalty: What `tfgan_losses.penalties.get_all` takes.
        constraint: What `tfgan_losses.constraints.get` takes.
        spectral: Whether the layers are spectrally normalised.
        activation: Of the hidden layers: smooth for the penalties, whose best slopes vary; else
            the usual ReLU.
    """

    label: str
    penalty: str | tuple = ()
    constraint: str | None = None
    spectral: bool = False
    activation: str = "elu"


# From 0, since a critic on the line cannot turn a slope around under the full weight.
_RISING = "gradient_penalty(weight=cosine(start=0, end={}, steps=500))"
METHODS = {
    "gp": Method("gradient penalty, weight 10", _RISING.format(10)),
    "gp100": Method("gradient penalty, weight 100", _RISING.format(100)),
    "lp": Method("one-sided penalty, weight 10", "lipschitz_penalty(weight=10)"),
    "spectral": Method("spectral normalisation", spectral=True, activation="relu"),
    "clipping": Method(
        "weight clipping", constraint="weight_clipping(limit=0.01)", activation="relu"
    ),
}
STARTS = 6
# Marker, size and whether it is filled: those that meet can be told apart.
_MARKERS = {
    "gp": ("o", 10, False),
    "gp100": ("D", 9, False),
    "lp": ("x", 6, True),
    "spectral": ("s", 4, True),
    "clipping": ("^", 6, True),
}


class Estimate(NamedTuple):
    """What a trained critic says of two distributions.

    Attributes:
        gap: E_p D - E_q D.
        steepest: Its largest slope. By duality gap / steepest is never above W1.
        penalty: The weighted penalty that is left.
        exact: W1.
    """

    gap: float
    steepest: float
    penalty: float
    exact: float


@dataclasses.dataclass(frozen=True)
class Results:
    """What was measured.

    Attributes:
        lines: Each divergence of the two parallel lines for each of `OFFSETS`.
        moved: For each method the estimates between `DATA` and `MOVED`.
        stretched: The same for `STRETCHED`.
        slope_between_points: Of a critic between two narrow Gaussians 2 apart, weight 1.
        reached: How many of `STARTS` critics come within 5 % of W1 under a penalty of constant
            weight: on the line, and in the plane, whose second coordinate is noise.
    """

    lines: dict[str, np.ndarray]
    moved: dict[str, list[Estimate]]
    stretched: dict[str, list[Estimate]]
    slope_between_points: float
    reached: tuple[int, int]


def measure() -> Results:
    """Evaluates the divergences of the parallel lines and trains the critics."""
    return Results(
        lines=parallel_lines(OFFSETS),
        moved={name: [estimate(m, q) for q in MOVED] for name, m in METHODS.items()},
        stretched={name: [estimate(m, q) for q in STRETCHED] for name, m in METHODS.items()},
        slope_between_points=slope_between_points(distance=2.0, weight=1.0),
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


def estimate(method: Method, q: Gaussian, *, steps: int = STEPS) -> Estimate:
    """Trains a critic between `DATA` and q."""
    critic = critics.network(1, activation=method.activation)
    critic = spectrally_normalize(critic) if method.spectral else critic
    options = {"penalty": method.penalty, "constraint": method.constraint}
    critics.train(critic, *samplers(q), steps=steps, **options)
    grid = grid_for(q)
    outputs = critics.outputs(critic, grid)
    x, y = (f([number, 0]) for number, f in enumerate(samplers(q, batch=100_000)))
    terms = penalties.get_all(method.penalty)
    return Estimate(
        gap=DATA.on(grid).expectation(outputs) - q.on(grid).expectation(outputs),
        steepest=critics.slopes(critic, grid).max(),
        penalty=sum(float(np.mean(t(critic, x, y, seed=[2, 0], step=steps))) for t in terms),
        exact=wasserstein_1d(DATA, q),
    )


def reached(dimension: int, *, starts: int = STARTS) -> int:
    """See `Results.reached`; the distance is that of `MOVED[0]`."""
    q, options = MOVED[0], {"dimension": dimension}
    count = 0
    for seed in range(starts):
        critic = critics.network(dimension, seed=seed)
        penalty = "gradient_penalty(weight=10)"
        critics.train(critic, *samplers(q, **options), steps=STEPS, penalty=penalty, seed=seed)
        of_real, of_fake = (
            critics.outputs(critic, sampler([0, 0])).mean()
            for sampler in samplers(q, batch=100_000, **options)
        )
        count += abs(of_real - of_fake - SHIFTS[0]) < 0.05 * SHIFTS[0]
    return count


def samplers(q: Gaussian, *, dimension: int = 1, **options: int) -> list[critics.Sampler]:
    """Of `DATA` and q; further coordinates are standard normal for both."""
    idle = dimension - 1
    return [
        critics.gaussian(
            [x.mean] + [0.0] * idle, [x.std] + [1.0] * idle, dimension=dimension, **options
        )
        for x in (DATA, q)
    ]


def slope_between_points(*, distance: float, weight: float) -> float:
    """The mean slope between two Gaussians that are almost points."""
    critic = critics.network(1)
    real, fake = critics.gaussian(0, 0.02), critics.gaussian(distance, 0.02)
    critics.train(critic, real, fake, steps=STEPS, penalty=f"gradient_penalty(weight={weight})")
    return critics.slopes(critic, distance * np.linspace(0.1, 0.9, 9)).mean()


def grid_for(q: Gaussian, points: int = 4001) -> np.ndarray:
    """Points [n] that hold `DATA` and q."""
    reach = 6.5 * max(DATA.std, q.std)
    return np.linspace(min(0, q.mean) - reach, max(0, q.mean) + reach, points)


def penalised_distance(q: Gaussian, weight: float) -> float:
    """What the best critic under a gradient penalty says: W1 + int (P - Q)^2 / r / (2 weight).

    P and Q are the distribution functions of `DATA` and q, r is the density of the points where
    the penalty looks at the slope.
    """
    grid = grid_for(q)
    step = grid[1] - grid[0]
    difference = np.array([DATA.probability_below(x) - q.probability_below(x) for x in grid])
    density = interpolates(q, grid) / step
    some = density > 1e-12
    excess = np.sum(np.square(difference[some]) / density[some]) * step / (2 * weight)
    return wasserstein_1d(DATA, q) + excess


def interpolates(q: Gaussian, grid: np.ndarray) -> np.ndarray:
    """Probabilities of a x + (1 - a) y with x from `DATA`, y from q and a ~ U(0, 1), [n]."""
    mixed = [
        Gaussian(a * DATA.mean + (1 - a) * q.mean, np.hypot(a * DATA.std, (1 - a) * q.std))
        for a in (np.arange(200) + 0.5) / 200
    ]
    return np.mean([gaussian.on(grid).probabilities for gaussian in mixed], axis=0)


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
    every = {name: results.moved[name] + results.stretched[name] for name in METHODS}
    lines = {name: values[OFFSETS == 0.5][0] for name, values in results.lines.items()}
    biased = [penalised_distance(q, 10) / wasserstein_1d(DATA, q) for q in MOVED]
    steep = [e.gap / e.steepest / e.exact for e in every["clipping"]]
    return [
        Number(
            "lines 0.5 apart: JS; KL; W₁",
            f"{lines['JS']:.4f}; {lines['KL']}; {lines['W1']}",
            "log 2 = 0.6931; inf; 0.5",
        ),
        Number(
            f"penalty, weight 10: estimate ÷ W₁, shifts {'; '.join(f'{x:g}' for x in SHIFTS)}",
            "; ".join(f"{e.gap / e.exact:.3f}" for e in results.moved["gp"]),
            f"{'; '.join(f'{x:.3f}' for x in biased)}, each within 1 %",
        ),
        Number("… weight 100, all pairs", _range(every["gp100"]), "1 within 5 %"),
        Number(
            "one-sided, less twice the penalty, all pairs", _corrected(every["lp"]), "1 within 2 %"
        ),
        Number(
            "slope between two points 2 apart, weight 1",
            f"{results.slope_between_points:.3f}",
            "1 + W₁ / (2 weight) = 2 within 2 %",
        ),
        Number(
            f"of {STARTS} starts within 5 % of W₁ at constant weight: line; plane",
            "; ".join(map(str, results.reached)),
            "fewer on the line",
        ),
        Number(
            "spectral normalisation: shifts; scales",
            f"{_range(results.moved['spectral'])}; {_range(results.stretched['spectral'])}",
            "1 within 1 %; below 0.7",
        ),
        Number(
            "clipping; the same ÷ its largest slope",
            f"{_range(every['clipping'])}; {min(steep):.2f} to {max(steep):.2f}",
            "any factor; at most 1",
        ),
    ]


def _range(estimates: list[Estimate]) -> str:
    ratios = [e.gap / e.exact for e in estimates]
    return f"{min(ratios):.3f} to {max(ratios):.3f}"


def _corrected(estimates: list[Estimate]) -> str:
    return _range([e._replace(gap=e.gap - 2 * e.penalty) for e in estimates])
