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
from pages import Number

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
    error, steps = f"{results.eigenvalue_error:.1e}", ", ".join(map(str, STEPS_OF_D))
    expected = _join([expected_modulus(k, GAMES["r1"].pull) for k in STEPS_OF_D])
    grows, range_ = f"{results.growth:.6f}", f"{circle.min():.3f} to {circle.max():.3f}"
    slowly = f"{creeping_distance(STEPS * RATE):.4f} within 3 %"
    rows = [
        ("eigenvalues at (0, 0), off by at most", error, "0 within 1e-5"),
        ("minimax, simultaneous: growth in a step of h = 0.2", grows, "√(1 + h²/4) within 1e-6"),
        (f"minimax, alternating, k = {steps}: the same", _join(results.moduli_without), "1"),
        (f"minimax, alternating: distance in {STEPS} steps", range_, f"{circle[0]:.3f} at first"),
        ("non-saturating, alternating: distance at the end", f"{creeping:.4f}", slowly),
        ("non-saturating, simultaneous: the same", f"{cycle:.4f}", "√(2h) = 0.6325 within 5 %"),
        ("WGAN-GP: distance in the last half, at least", f"{settled:.3f}", "above 0.5"),
        (rf"R1, $\gamma$ = 0.2, k = {steps}: a step of G leaves", _join(results.moduli), expected),
    ]
    return [Number(*row) for row in rows]


def _join(values: list[float]) -> str:
    return " ".join(f"{x:.4f}" for x in values)
