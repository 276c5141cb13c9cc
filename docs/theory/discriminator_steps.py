"""What the steps of D for each step of G change: the estimate of the JSD, and G's gradient."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import figure_style
import keras
import numpy as np
import tensorflow as tf
from ensembles import Discriminators, best_gradient, generator_gradient
from matplotlib.figure import Figure
from measurements import Expected, Number, below, between, falling

from tfgan_losses import losses
from tfgan_losses.divergences import Gaussian, jensen_shannon, value

# Data N(0, 1), generator N(theta, 1).
GRID = np.linspace(-9, 17, 651)
NEAR, FAR = 1.5, 8.0
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
# The generator moves from one side of the data to the other.
PATH = np.linspace(2.0, -2.0, 81)
STEPS_OF_D = (1, 2, 5, 20)
LOSSES = ("minimax", "non_saturating")
SEEDS, BATCH = 8, 64


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything that the page reports.

    Attributes:
        divergence: JSD at the distance `NEAR`, in nats.
        estimates: Of it after each of `COUNTS` steps, in expectation, [counts, seeds].
        memorised: The same of discriminators that see 32 examples of each kind again and again, on
            these examples and in expectation, [counts, 2, seeds].
        far: For each of `LOSSES` the generator's gradient at the distance `FAR`, [counts, seeds].
        far_exact: At the best discriminator.
        followed: For each of `STEPS_OF_D` and `LOSSES` the gradient along `PATH`, [places, seeds].
        exact: For each of `LOSSES` the same at the best discriminator, [places].
    """

    divergence: float
    estimates: np.ndarray
    memorised: np.ndarray
    far: dict[str, np.ndarray]
    far_exact: dict[str, float]
    followed: dict[int, dict[str, np.ndarray]]
    exact: dict[str, np.ndarray]


class Training:
    """One discriminator for each seed, trained by Adam on the library's loss.

    Args:
        examples: How many of each kind there are; None draws new ones at every step.
        seeds: Networks, which do not know of each other.
    """

    def __init__(self, *, examples: int | None = None, seeds: int = SEEDS):
        self.discriminators = Discriminators(seeds)
        self._optimizer = keras.optimizers.Adam(2e-3, beta_1=0.5)
        self._optimizer.build(self.discriminators.variables)
        self._draws = tf.random.Generator.from_seed(0)
        self._shape = [2, seeds, examples or BATCH, 1]
        self.examples = self._draws.normal(self._shape) if examples else None

    @tf.function
    def run(self, theta: tf.Tensor, steps: tf.Tensor) -> None:
        """So many updates of D between N(0, 1) and N(theta, 1); both scalars."""
        loss, variables = losses.get("minimax"), self.discriminators.variables
        for _ in tf.range(steps):
            fresh = self.examples is None
            real, latents = tf.unstack(self._draws.normal(self._shape) if fresh else self.examples)
            with tf.GradientTape() as tape:
                outputs = self.discriminators(real), self.discriminators(latents + theta)
                total = tf.reduce_sum(loss.discriminator_loss(*outputs)) / self._shape[2]
            self._optimizer.apply(tape.gradient(total, variables), variables)

    def at(self, theta: float, measure: Callable[[], np.ndarray]) -> np.ndarray:
        """What `measure` says after each of `COUNTS` steps, [counts, ...]."""
        done, measured = 0, []
        for count in COUNTS:
            self.run(tf.constant(theta, tf.float32), tf.constant(count - done))
            done = count
            measured.append(measure())
        return np.array(measured)

    def gradient(self, name: str, theta: float) -> np.ndarray:
        """The generator's with the loss `name`, [seeds]."""
        places = np.full(self._shape[1], theta, np.float32)
        return generator_gradient(name, self.discriminators, places)

    def estimates(self, theta: float) -> np.ndarray:
        """(V + 2 log 2) / 2 with both expectations exact, [seeds]: at most the JSD."""
        p, q = Gaussian(0, 1).on(GRID), Gaussian(theta, 1).on(GRID)
        places = np.tile(np.float32(GRID)[:, None], [self._shape[1], 1, 1])
        probabilities = tf.sigmoid(tf.cast(self.discriminators(places), tf.float64)).numpy()
        return np.array([value(p, q, row) / 2 + np.log(2) for row in probabilities[..., 0]])

    def estimates_on_examples(self, theta: float) -> np.ndarray:
        """The same with means over the examples, [seeds]."""
        real, latents = tf.unstack(self.examples)
        outputs = self.discriminators(real), self.discriminators(latents + theta)
        loss = losses.get("minimax").discriminator_loss(*outputs)
        return np.log(2) - tf.reduce_mean(loss, [1, 2]).numpy() / 2


def follow(steps_of_d: int, *, seeds: int = SEEDS) -> dict[str, np.ndarray]:
    """The gradients while the generator walks along `PATH`, [places, seeds] for each loss."""
    training = Training(seeds=seeds)
    training.run(tf.constant(PATH[0], tf.float32), tf.constant(500))
    gradients = {name: [] for name in LOSSES}
    for theta in PATH:
        training.run(tf.constant(theta, tf.float32), tf.constant(steps_of_d))
        for name in LOSSES:
            gradients[name].append(training.gradient(name, theta))
    return {name: np.array(values) for name, values in gradients.items()}


def measure() -> Results:
    """Trains all discriminators."""
    near, few, far = Training(), Training(examples=32), Training()

    def both() -> np.ndarray:
        return np.array([far.gradient(name, FAR) for name in LOSSES])

    far_gradients = far.at(FAR, both)
    return Results(
        divergence=jensen_shannon(Gaussian(0, 1).on(GRID), Gaussian(NEAR, 1).on(GRID)),
        estimates=near.at(NEAR, lambda: near.estimates(NEAR)),
        memorised=few.at(
            NEAR, lambda: np.array([few.estimates_on_examples(NEAR), few.estimates(NEAR)])
        ),
        far={name: far_gradients[:, number] for number, name in enumerate(LOSSES)},
        far_exact={name: best_gradient(name, FAR) for name in LOSSES},
        followed={steps: follow(steps) for steps in STEPS_OF_D},
        exact={name: np.array([best_gradient(name, x) for x in PATH]) for name in LOSSES},
    )


def errors(results: Results, name: str) -> tuple[list[float], list[float]]:
    """Bias and root mean square of the gradient along `PATH`, parts of that of the exact one.

    Both for each of `STEPS_OF_D`. The bias is that of the mean over the seeds.
    """
    exact = results.exact[name]
    size = np.sqrt(np.mean(exact**2))
    differences = [results.followed[k][name] - exact[:, None] for k in STEPS_OF_D]
    bias = [float(np.sqrt(np.mean(x.mean(axis=1) ** 2)) / size) for x in differences]
    return bias, [float(np.sqrt(np.mean(x**2)) / size) for x in differences]


def draw(results: Results) -> Figure:
    """The estimate against k, the gradient on the way, and the gradient far away against k."""
    figure, (estimate, way, far) = figure_style.panels(3, width=3.2, height=3.0)
    figure_style.line(estimate, COUNTS, results.estimates.mean(axis=1), 0, "new examples")
    on_these, on_others = results.memorised.mean(axis=2).T
    figure_style.line(estimate, COUNTS, on_these, 1, "the same 32 again")
    figure_style.line(estimate, COUNTS, on_others, 2, "that D on new ones")
    for height, text in ((results.divergence, "JSD"), (np.log(2), "log 2")):
        estimate.axhline(height, color=figure_style.GREY, lw=0.8)
        estimate.text(1, height + 0.01, text)
    estimate.set(title="estimate of the JSD", ylabel="nats", ylim=(-0.2, 0.8))
    estimate.legend(loc="upper left", bbox_to_anchor=(0, 0.85))
    for number, steps in enumerate((1, 5, 20)):
        gradient = results.followed[steps]["minimax"].mean(axis=1)
        figure_style.line(way, PATH, gradient, number, f"k = {steps}")
    figure_style.line(way, PATH, results.exact["minimax"], 4, "best D")
    way.set(title="minimax, generator moving", ylabel="gradient of G", xlim=(2, -2))
    way.set_xlabel("mean of the generator, data at 0")
    way.legend()
    for number, name in enumerate(LOSSES):
        figure_style.line(far, COUNTS, results.far[name].mean(axis=1), number, name)
    far.axhline(results.far_exact["minimax"], color=figure_style.GREY, lw=0.8)
    far.text(2000, results.far_exact["minimax"] * 0.85, "minimax, best D", ha="right", va="top")
    far.set(title="data 8 deviations away", ylabel="gradient of G", yscale="log", ylim=(1e-4, 2))
    far.legend(loc="upper left")
    for axes in (estimate, far):
        axes.set(xscale="log", xlabel="steps of D")
    return figure


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    jsd, (on_these, on_others) = results.divergence, results.memorised[-1]
    means = np.array([results.estimates[COUNTS.index(k)].mean() for k in (1, 10, 100, 1000)])
    rises = np.maximum(-falling(-means), [-np.inf, -np.inf, -np.inf, jsd - 0.02])
    far = results.far["minimax"].mean(axis=1)
    return [
        Number(
            "estimate of the JSD, k = 1, 10, 100, 1000",
            means,
            Expected(
                f"rises from below 0.05 to {jsd:.3f} within 0.02", rises, [0.05, jsd, jsd, jsd]
            ),
        ),
        Number(
            f"largest estimate of {SEEDS} seeds less the JSD",
            (results.estimates - jsd).max(),
            below(0, "at most 0"),
            "{:.1e}",
        ),
        Number(
            "trained on the same 32, k = 2000: on these",
            [on_these.min(), on_these.max()],
            between(jsd + 0.03, np.log(2), "more than the JSD + 0.03, less than log 2"),
            "{:.3f} to {:.3f}",
        ),
        Number(
            "the same, on new ones",
            [on_others.min(), on_others.max()],
            below(jsd / 2, "less than half of the JSD"),
            "{:.3f} to {:.3f}",
        ),
        *(_followed(results, name) for name in LOSSES),
        Number(
            "minimax, far away: largest gradient",
            [far.max(), COUNTS[far.argmax()]],
            Expected("at k from 10 to 200", [0, 10], [np.inf, 200]),
            "{:.1e}, k = {:.0f}",
        ),
        Number(
            "the same after 2000 steps",
            far[-1],
            below(
                far.max() / 8,
                f"less than an eighth of it, falling to {results.far_exact['minimax']:.1e}",
            ),
            "{:.1e}",
        ),
        Number(
            "non_saturating, far away, after 2000 steps",
            results.far["non_saturating"][-1].mean(),
            between(
                0.3,
                results.far_exact["non_saturating"] / 2,
                "above 0.3, but far from 8 at the best D",
            ),
            "{:.2f}",
        ),
    ]


def _followed(results: Results, name: str) -> Number:
    bias = 100 * np.array(errors(results, name)[0])
    limit = 6 if name == "minimax" else np.inf
    highest = np.minimum(falling(bias), [np.inf, np.inf, bias[0] / 1.3, min(limit, bias[2] / 1.3)])
    text = "falls from above 15 %, by a factor above 1.3 to 5 and again to 20"
    return Number(
        f"{name}: G's gradient off by, k = 1, 2, 5, 20",
        bias,
        Expected(text + (", below 6 %" if name == "minimax" else ""), [15, 0, 0, 0], highest),
        "{:.1f} %",
    )
