"""What clipping the weights does to a deep critic, and the gradient penalty does not.

After figure 1 (b) of Gulrajani et al., 2017, with the generator held: data plus noise.
"""

from __future__ import annotations

import dataclasses

import critics
import figure_style
import numpy as np
from clipped_critics import (
    LAYERS,
    Critic,
    aligned_gain,
    clipped,
    fake,
    from_usual_start,
    many,
    penalised,
    real,
)
from figure_style import COLORS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measurements import Expected, Number, above, below, between, near

LIMITS = (0.1, 0.01, 0.001)


@dataclasses.dataclass(frozen=True)
class Results:
    """Critics between the Swiss roll and the same with noise.

    Attributes:
        clipped: For each of `LIMITS`.
        penalised: With the gradient penalty.
        usual_start: Share of weights at the bounds for c = 0.01 in float32 from Keras' own
            initialiser: after the first clipping, and after training.
        usual_gap: E_p D - E_q D of that critic after training.
        exact: W1 of 8 batches of each kind by optimal assignment.
    """

    clipped: dict[float, Critic]
    penalised: Critic
    usual_start: tuple[float, float]
    usual_gap: float
    exact: float


def measure() -> Results:
    """Trains five critics."""
    usual_start, usual_gap = from_usual_start(0.01)
    return Results(
        clipped={limit: clipped(limit) for limit in LIMITS},
        penalised=penalised(),
        usual_start=usual_start,
        usual_gap=usual_gap,
        exact=critics.optimal_assignment(*(many(sampler) for sampler in (real, fake))),
    )


def draw(results: Results) -> Figure:
    """Gradient norms by layer, and histograms of weights."""
    figure, (gradients, histogram) = figure_style.panels(2, width=3.8, height=3.1)
    _draw_gradients(gradients, results)
    bins = np.linspace(-1.05, 1.05, 22)
    kinds = ((results.clipped[0.01], "clipped, c = 0.01"), (results.penalised, "gradient penalty"))
    for (critic, label), number, fill in zip(kinds, (1, 3), (0.45, 0.25), strict=True):
        weights = critic.weights[critic.felt]
        shares = np.full(len(weights), 100 / len(weights))
        color = figure_style.COLORS[number]
        histogram.hist(weights, bins, weights=shares, color=color, alpha=fill, label=label)
        line = {"histtype": "step", "lw": 1.5, "linestyle": figure_style.DASHES[number]}
        histogram.hist(weights, bins, weights=shares, color=color, **line)
    histogram.set(title="weights after training", ylabel="% of weights")
    histogram.set_xlabel("weight ÷ its bound (penalty: ÷ the largest)")
    histogram.legend(loc="upper center")
    return figure


def _draw_gradients(axes: Axes, results: Results) -> None:
    layers = np.arange(1, LAYERS + 1)
    for number, (limit, critic) in enumerate(results.clipped.items()):
        figure_style.line(axes, layers, critic.gradient_norms, number)
        height = (1e7, 3e-12, 1e-16)[number]
        axes.text((1.3, 3, 1.3)[number], height, f"c = {limit}", color=COLORS[number])
        aligned = critic.gradient_norms[-1] * aligned_gain(limit) ** (LAYERS - layers)
        axes.plot(layers, aligned, lw=0.8, color=figure_style.GREY)
    figure_style.line(axes, layers, results.penalised.gradient_norms, 3)
    axes.text(1.3, 1, "gradient penalty", color=COLORS[3])
    axes.text(5.5, 1e-20, "grey: c · width / 2 per layer")
    axes.set(
        title="gradient of the loss for activations",
        xlabel="hidden layer (12 is next to the output)",
        ylabel="norm",
        yscale="log",
        ylim=(1e-23, 1e9),
        xticks=[1, 3, 6, 9, 12],
    )


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    clipped_ones, penalty, exact = list(results.clipped.values()), results.penalised, results.exact
    limits, aligned = "; ".join(map(str, LIMITS)), np.array([aligned_gain(x) for x in LIMITS])
    before, after = np.multiply(100, results.usual_start)
    # Less if fewer than half of the units are active, more if more are.
    text = f"0.4 to 1.5 times c · width / 2: {'; '.join(f'{x:.2g}' for x in aligned)}"
    return [
        Number(
            f"gain per layer, c = {limits}",
            [critic.gain for critic in clipped_ones],
            Expected(text, 0.4 * aligned, 1.5 * aligned),
            "{:.2g}",
        ),
        Number(
            "gradient norm, layer 1 ÷ layer 12",
            [critic.ratio for critic in clipped_ones],
            Expected(
                "1e5 to 1e8; 1e-10 to 1e-5; 1e-25 to 1e-15", [1e5, 1e-10, 1e-25], [1e8, 1e-5, 1e-15]
            ),
            "{:.0e}",
        ),
        Number(
            "layers that change it in this direction, of 11",
            [critic.steady_layers for critic in clipped_ones],
            Expected("all", LAYERS - 1, LAYERS - 1),
            "{:.0f}",
        ),
        Number(
            "gradient norm, layer 1 ÷ layer 12, with the penalty",
            penalty.ratio,
            between(0.1, 10, "1 within a factor of 10"),
            "{:.2g}",
        ),
        Number(
            "weights that the loss feels",
            [100 * critic.felt.mean() for critic in clipped_ones],
            between(10, 50, "10 to 50 %"),
            "{:.0f} %",
        ),
        Number(
            "… of these within 5 % of ±c",
            [100 * critic.at_bounds for critic in clipped_ones],
            above(90, "above 90 %"),
            "{:.0f} %",
        ),
        Number(
            "… of the largest, with the penalty",
            100 * penalty.at_bounds,
            below(5, "below 5 %"),
            "{:.1f} %",
        ),
        Number(
            "E D(data) - E D(fake), c = 0.1; 0.01",
            [critic.gap for critic in clipped_ones[:2]],
            Expected("any power of ten: above 1000; below 1e-6", [1e3, 0], [np.inf, 1e-6]),
            "{:.2g}",
        ),
        Number(
            "… with the penalty",
            penalty.gap,
            near(exact, percent=20, text=f"W₁ = {exact:.2g}"),
            "{:.2g}",
        ),
        Number(
            "float32, usual start, c = 0.01: at ±c before; after training",
            [before, after],
            Expected(
                "95.6 % within 1 %; the same within 0.5 %: it cannot learn",
                [94.6, before - 0.5],
                [96.6, before + 0.5],
            ),
            "{:.1f} %",
        ),
        Number(
            "… E D(data) - E D(fake)",
            abs(results.usual_gap),
            near(0, within=1e-12),
            "{:.1e}",
        ),
    ]
