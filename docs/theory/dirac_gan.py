"""The smallest GAN there is, whose training can be solved: Mescheder et al., 2018, sections 2, 3.

Real data is one point at 0, the generator one point at theta, the discriminator D(x) = psi x. The
only equilibrium is (0, 0).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import figure_style
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pages import Number

from tfgan_losses import losses, penalties

RATE, STEPS, START = 0.2, 600, (0.9, 0.2)
_DRAWN = 190
PLACES = np.linspace(-2, 2, 8)
STEPS_OF_D = (1, 5, 20, 100)


@dataclasses.dataclass(frozen=True)
class Game:
    """What is trained.

    Attributes:
        title: Of the panel.
        verdict: What alternating descent does.
        loss: For `losses.get`.
        penalties: For `penalties.get_all`.
        noise: Standard deviation of the instance noise on all inputs of D.
        steps_of_d: Updates of the discriminator before each of the generator.
        pull: c of the page, the second derivative of D's loss in psi; None if it has none.
    """

    title: str = ""
    verdict: str = ""
    loss: str = "non_saturating"
    penalties: str = ""
    noise: float = 0.0
    steps_of_d: int = 1
    pull: float | None = 0.0


_BOTH = "r1(weight=0.2), r2(weight=0.2)"
GAMES = {
    "minimax": Game("minimax", "circles", "minimax"),
    "minimax_5": Game("minimax, 5 steps of D", "still circles", "minimax", steps_of_d=5),
    "non_saturating": Game("non-saturating", "creeps in"),
    "wgan": Game("WGAN", "circles", "wasserstein"),
    "wgan_gp": Game(
        "WGAN-GP", "never settles", "wasserstein", "gradient_penalty(weight=0.5)", pull=None
    ),
    "noise": Game(r"instance noise, $\sigma$ = 0.6", "converges", noise=0.6, pull=0.18),
    "r1": Game(r"R1 (or R2), $\gamma$ = 0.2", "converges", penalties="r1(weight=0.2)", pull=0.2),
    "r1_r2": Game(r"R1 + R2, $\gamma$ = 0.2", "converges", penalties=_BOTH, pull=0.4),
}


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


def field(
    specs: str | tuple, theta: Any, psi: Any, loss: str = "non_saturating", noise: float = 0.0
) -> tuple[tf.Tensor, tf.Tensor]:
    """Minus the gradient of each player's loss: what gradient descent follows.

    Args:
        specs: Penalties, for `penalties.get_all`.
        theta: Where the generator puts its point, [n, 1], for n games that are played apart.
        psi: The slope of each discriminator, [n, 1].
        loss: For `losses.get`. One that looks at the batch needs n = 1.
        noise: Standard deviation of normal noise on real and generated inputs of D. The loss is
            then its expectation, by quadrature; the loss has to be a sum of a real and a fake part.

    Returns:
        The velocities of theta and of psi, [n, 1] each.
    """
    loss = losses.get(loss)
    nodes, weights = normal_quadrature(noise)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([theta, psi])
        real, fake = tf.zeros_like(theta), tf.identity(theta)
        outputs = psi * (real + nodes), psi * (fake + nodes)
        d_loss = tf.reduce_sum(weights * loss.discriminator_loss(*outputs))
        for term in penalties.get_all(specs):
            seed = tf.constant([0, 0], tf.int64)
            d_loss += tf.reduce_sum(term(lambda x: psi * x, real, fake, seed=seed))
        g_loss = tf.reduce_sum(weights * loss.generator_loss(*outputs))
    return -tape.gradient(g_loss, theta), -tape.gradient(d_loss, psi)


def normal_quadrature(std: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of an expectation over N(0, std^2), float32 [nodes]; one node if std = 0.

    Exact for polynomials up to degree 63 (Gauss-Hermite).
    """
    if std == 0:
        return np.zeros(1, np.float32), np.ones(1, np.float32)
    nodes, weights = np.polynomial.hermite_e.hermegauss(32)
    return np.float32(std * nodes), np.float32(weights / weights.sum())


def step(game: Game, theta: Any, psi: Any, rate: float, *, simultaneous: bool) -> tuple:
    """One update of the generator and its `steps_of_d` of the discriminator; [n, 1] each."""
    own = {"loss": game.loss, "noise": game.noise}
    new_psi = psi
    for _ in range(game.steps_of_d):
        new_psi = new_psi + rate * field(game.penalties, theta, new_psi, **own)[1]
    seen = psi if simultaneous else new_psi
    return theta + rate * field(game.penalties, theta, seen, **own)[0], new_psi


def path(
    game: Game,
    *,
    simultaneous: bool = False,
    steps: int = STEPS,
    rate: float = RATE,
    start: tuple[float, float] = START,
) -> np.ndarray:
    """(theta, psi) from `start` on, [steps + 1, 2]."""

    @tf.function
    def train():
        theta, psi = (tf.reshape(tf.constant(x, tf.float32), [1, 1]) for x in start)
        places = tf.TensorArray(tf.float32, steps)
        for number in tf.range(steps):
            theta, psi = step(game, theta, psi, rate, simultaneous=simultaneous)
            places = places.write(number, tf.concat([theta[0], psi[0]], 0))
        return places.stack()

    # A concrete function, since calls of a new tf.function for each game make TensorFlow warn.
    return np.concatenate([[start], train.get_concrete_function()().numpy()])


def jacobian(function: Any) -> np.ndarray:
    """Of a function of (theta, psi), both [1, 1], at (0, 0): [2, 2]."""
    variables = tf.Variable([[0.0]]), tf.Variable([[0.0]])
    with tf.GradientTape(persistent=True) as tape:
        parts = function(*variables)
    rows = [
        [tf.squeeze(tape.gradient(part, v, unconnected_gradients="zero")) for v in variables]
        for part in parts
    ]
    return np.array(rows, "float64")


def largest_modulus(game: Game, *, rate: float = RATE, simultaneous: bool = False) -> float:
    """Of the eigenvalues of one step at (0, 0): what a step multiplies small distances by."""
    matrix = jacobian(lambda *place: step(game, *place, rate, simultaneous=simultaneous))
    return float(abs(np.linalg.eigvals(matrix)).max())


def eigenvalues(pull: float, product: float = 0.25) -> np.ndarray:
    """The roots of x^2 + pull x + product, complex [2]: the eigenvalues of the field at (0, 0).

    Args:
        pull: How strongly the discriminator's loss pulls psi to 0: gamma for R1 or R2, 2 gamma for
            both, sigma^2 / 2 for instance noise with a cross-entropy.
        product: Of the slopes of the two losses at 0: 1/4 for cross-entropies, 1 for WGAN.
    """
    root = np.sqrt(complex(pull**2 / 4 - product))
    return np.array([-pull / 2 - root, -pull / 2 + root])


def eigenvalue_error(game: Game) -> float:
    """How far the eigenvalues of the field at (0, 0) are from the closed form."""
    matrix = jacobian(lambda *x: field(game.penalties, *x, loss=game.loss, noise=game.noise))
    expected = eigenvalues(game.pull, 1.0 if game.loss == "wasserstein" else 0.25)
    measured = np.linalg.eigvals(matrix).astype(complex)
    return float(abs(np.sort_complex(measured) - np.sort_complex(expected)).max())


def expected_modulus(steps_of_d: int, pull: float, rate: float = RATE) -> float:
    """`largest_modulus` of alternating descent on a cross-entropy in closed form.

    D's updates shrink psi by 1 - rate * pull each, and add the geometric series of what theta
    pushes; G's update then sees the new psi.
    """
    kept = (1 - rate * pull) ** steps_of_d
    push = rate / 2 * ((1 - kept) / (rate * pull) if pull else steps_of_d)
    matrix = [[1 - rate / 2 * push, rate / 2 * kept], [-push, kept]]
    return float(abs(np.linalg.eigvals(matrix)).max())


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


def creeping_distance(time: float, start: tuple[float, float] = START) -> float:
    """Of (theta, psi) from (0, 0), non-saturating and without penalty, to first order."""
    return (1 / np.sum(np.square(start)) + time / 8) ** -0.5


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
