"""The smallest GAN there is, whose training can be solved: Mescheder et al., 2018, sections 2, 3.

Real data is one point at 0, the generator one point at theta, the discriminator D(x) = psi x. The
only equilibrium is (0, 0).
"""

from __future__ import annotations

import dataclasses

import figure_style
import numpy as np
import tensorflow as tf
from dirac_game import (
    GAMES,
    RATE,
    START,
    STEPS,
    Game,
    creeping_distance,
    eigenvalue_error,
    expected_modulus,
    field,
    largest_modulus,
    path,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from measurements import Number, above, near

_DRAWN = 190
PLACES = np.linspace(-2, 2, 8)
STEPS_OF_D = (1, 5, 20, 100)


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything that the page reports.

    Attributes:
        fields: For each of `GAMES` the velocity of theta, and of psi in all steps of D, at all
            pairs of `PLACES`, [2, 64].
        paths: For each of `GAMES` the simultaneous and the alternating path, [STEPS + 1, 2] each.
        eigenvalue_error: Of the field's Jacobians from the closed forms, the largest.
        growth: Of the distance in a step of simultaneous minimax descent near (0, 0).
        moduli: Largest |eigenvalue| of an alternating step with R1, for each of `STEPS_OF_D`.
        moduli_without: The same of minimax without penalty.
    """

    fields: dict[str, np.ndarray]
    paths: dict[str, tuple[np.ndarray, np.ndarray]]
    eigenvalue_error: float
    growth: float
    moduli: list[float]
    moduli_without: list[float]


def measure() -> Results:
    """Plays all the games."""
    places = np.float32(np.stack(np.meshgrid(PLACES, PLACES)).reshape(2, -1, 1))
    fields = {
        name: np.squeeze(field(game.penalties, *map(tf.constant, places), game.loss, game.noise))
        * [[1], [game.steps_of_d]]
        for name, game in GAMES.items()
    }
    several = [{"steps_of_d": k} for k in STEPS_OF_D]
    return Results(
        fields=fields,
        paths={name: (path(game, simultaneous=True), path(game)) for name, game in GAMES.items()},
        eigenvalue_error=max(eigenvalue_error(x) for x in GAMES.values() if x.pull is not None),
        growth=largest_modulus(GAMES["minimax"], simultaneous=True),
        moduli=[largest_modulus(dataclasses.replace(GAMES["r1"], **k)) for k in several],
        moduli_without=[largest_modulus(Game(loss="minimax", **k)) for k in several],
    )


def draw(results: Results) -> Figure:
    """A panel for each game."""
    figure, panels = figure_style.panels(4, 2, width=2.3, height=2.5)
    for axes, (name, game) in zip(panels, GAMES.items(), strict=True):
        _draw_field(axes, results.fields[name])
        simultaneous, alternating = results.paths[name]
        inside = abs(simultaneous).max(axis=1) < 2.3
        last = len(inside) if inside.all() else np.argmin(inside)
        axes.plot(*simultaneous[: min(last, _DRAWN)].T, "--", color=figure_style.ORANGE, lw=1.2)
        axes.plot(*alternating[:_DRAWN].T, "-", color=figure_style.BLUE, lw=1.4)
        axes.plot(*START, "o", ms=4, color=figure_style.BLUE)
        axes.plot(0, 0, "+", ms=9, mew=1.6, color=figure_style.GREEN)
        axes.set(title=f"{game.title}\n{game.verdict}", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
        axes.set(xticks=(-2, 0, 2), yticks=(-2, 0, 2), aspect="equal")
    for axes in panels[4:]:
        axes.set_xlabel("generator θ")
    for axes in panels[::4]:
        axes.set_ylabel("discriminator ψ")
    handles = [
        Line2D([], [], color=figure_style.BLUE, label="alternating descent"),
        Line2D([], [], color=figure_style.ORANGE, ls="--", label="simultaneous descent"),
        Line2D([], [], color=figure_style.GREEN, ls="", marker="+", ms=9, label="equilibrium"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _draw_field(axes: Axes, velocities: np.ndarray) -> None:
    """Arrows of one length, since only the direction is meant, as one line with gaps."""
    theta, psi = np.meshgrid(PLACES, PLACES)
    centres = theta.ravel() + 1j * psi.ravel()
    directions = velocities[0] + 1j * velocities[1]
    directions /= np.maximum(abs(directions), 1e-9)
    tip, barb = 0.16, 0.12 * np.exp(0.85j * np.pi)
    shape = np.array([-tip, tip, tip + barb, tip, tip + barb.conjugate(), np.nan])
    points = np.ravel(centres[:, None] + directions[:, None] * shape)
    axes.plot(points.real, points.imag, color=figure_style.GREY, alpha=0.6, lw=0.8)


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    distances = {name: np.linalg.norm(both, axis=2) for name, both in results.paths.items()}
    circle, (cycle, creeping) = distances["minimax"][1], distances["non_saturating"][:, -1]
    settled = distances["wgan_gp"][1, -STEPS // 2 :].min()
    first, grows, end = circle[0], np.sqrt(1 + RATE**2 / 4), np.sqrt(2 * RATE)
    left = [expected_modulus(k, GAMES["r1"].pull) for k in STEPS_OF_D]
    error, steps = results.eigenvalue_error, ", ".join(map(str, STEPS_OF_D))
    return [
        Number("eigenvalues at (0, 0), off by at most", error, near(0, within=1e-5), "{:.1e}"),
        Number(
            f"minimax, simultaneous: growth in a step of h = {RATE}",
            results.growth,
            near(grows, within=1e-6, text="√(1 + h²/4)"),
            "{:.6f}",
        ),
        Number(
            f"minimax, alternating, k = {steps}: the same",
            results.moduli_without,
            near(1, within=1e-5),
            "{:.4f}",
        ),
        Number(
            f"minimax, alternating: distance in {STEPS} steps",
            [circle.min(), circle.max()],
            near(first, percent=3, text=f"{first:.3f}, as at first,"),
            "{:.3f} to {:.3f}",
        ),
        Number(
            "non-saturating, alternating: distance at the end",
            creeping,
            near(creeping_distance(STEPS * RATE), percent=3),
            "{:.4f}",
        ),
        Number(
            "non-saturating, simultaneous: the same",
            cycle,
            near(end, percent=5, text=f"√(2h) = {end:.4f}"),
            "{:.4f}",
        ),
        Number("WGAN-GP: distance in the last half, at least", settled, above(0.5)),
        Number(
            rf"R1, $\gamma$ = 0.2, k = {steps}: a step of G leaves",
            results.moduli,
            near(left, within=1e-5),
            "{:.4f}",
        ),
    ]
