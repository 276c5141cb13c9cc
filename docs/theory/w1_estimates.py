"""What critics say of the distance of two Gaussians, and what a penalised one has to say."""

from __future__ import annotations

from typing import NamedTuple

import critics
import numpy as np

from tfgan_losses import penalties
from tfgan_losses.divergences import Gaussian, wasserstein_1d
from tfgan_losses.layers import spectrally_normalize

DATA = Gaussian(0, 1)


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
    penalty: str | tuple[str, ...] = ()
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


def reached(dimension: int, shift: float = 0.5, *, starts: int = STARTS) -> int:
    """How many of several critics come within 5 % of W1 under a penalty of constant weight.

    Between two Gaussians `shift` apart along the first axis; all other axes are noise.
    """
    q, options = Gaussian(shift, 1), {"dimension": dimension}
    count = 0
    for seed in range(starts):
        critic = critics.network(dimension, seed=seed)
        penalty = "gradient_penalty(weight=10)"
        critics.train(critic, *samplers(q, **options), steps=STEPS, penalty=penalty, seed=seed)
        of_real, of_fake = (
            critics.outputs(critic, sampler([0, 0])).mean()
            for sampler in samplers(q, batch=100_000, **options)
        )
        count += abs(of_real - of_fake - shift) < 0.05 * shift
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
