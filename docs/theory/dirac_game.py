"""The smallest GAN there is as a dynamical system: its fields, steps, paths and eigenvalues."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from tfgan_losses import losses, penalties

# Of a player in each of n games, [n, 1].
Place: TypeAlias = tf.Tensor | tf.Variable

RATE, STEPS, START = 0.2, 600, (0.9, 0.2)


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


def field(
    specs: str,
    theta: Place,
    psi: Place,
    loss: str = "non_saturating",
    noise: float = 0.0,
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


def step(
    game: Game, theta: Place, psi: Place, rate: float, *, simultaneous: bool
) -> tuple[tf.Tensor, tf.Tensor]:
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
    def train() -> tf.Tensor:
        theta, psi = (tf.reshape(tf.constant(x, tf.float32), [1, 1]) for x in start)
        places = tf.TensorArray(tf.float32, steps)
        for number in tf.range(steps):
            theta, psi = step(game, theta, psi, rate, simultaneous=simultaneous)
            places = places.write(number, tf.concat([theta[0], psi[0]], 0))
        return places.stack()

    # A concrete function, since calls of a new tf.function for each game make TensorFlow warn.
    return np.concatenate([[start], train.get_concrete_function()().numpy()])


def jacobian(function: Callable[[Place, Place], tuple[tf.Tensor, tf.Tensor]]) -> np.ndarray:
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


def creeping_distance(time: float, start: tuple[float, float] = START) -> float:
    """Of (theta, psi) from (0, 0), non-saturating and without penalty, to first order."""
    return (1 / np.sum(np.square(start)) + time / 8) ** -0.5
