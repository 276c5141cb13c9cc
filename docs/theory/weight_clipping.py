"""What clipping the weights does to a deep critic, and the gradient penalty does not.

After figure 1 (b) of Gulrajani et al., 2017, with the generator held: data plus noise.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import critics
import figure_style
import keras
import numpy as np
import tensorflow as tf
from figure_style import COLORS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pages import Number
from sklearn.datasets import make_swiss_roll

from tfgan_losses import constraints, losses, random

LIMITS = (0.1, 0.01, 0.001)
LAYERS, WIDTH, BATCH, STEPS = 12, 64, 256, 400
# In the plane, and divided by about its standard deviation.
SWISS_ROLL = np.float32(make_swiss_roll(10_000, noise=0.25, random_state=0)[0][:, [0, 2]] / 7)
_EVALUATION_SEEDS = tf.constant([[1, 2], [1, 3]], tf.int64)


@dataclasses.dataclass(frozen=True)
class Critic:
    """A trained critic.

    Attributes:
        gradient_norms: |dL/da| of the adversarial loss L, for the activations a [batch, width] of
            each hidden layer from first to last, [layers].
        weights: All kernels in a row, divided by the limit or by the largest of them, [n].
        felt: Whether the loss of a batch depends on the weight: not if its unit is never active.
        gap: E_p D - E_q D.
    """

    gradient_norms: np.ndarray
    weights: np.ndarray
    felt: np.ndarray
    gap: float

    @property
    def ratio(self) -> float:
        """Gradient norm at the first hidden layer over that at the last."""
        return self.gradient_norms[0] / self.gradient_norms[-1]

    @property
    def gain(self) -> float:
        """What a layer multiplies the gradient with on its way back, the geometric mean."""
        return self.ratio ** (1 / (LAYERS - 1))

    @property
    def at_bounds(self) -> float:
        """Share of the weights that the loss feels within 5 % of the limit."""
        return share_at_bounds(self.weights[self.felt])


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


def deep_network(**options: Any) -> keras.Model:
    """A critic of `LAYERS` hidden layers of ReLUs."""
    return critics.network(2, width=WIDTH, layers=LAYERS, activation="relu", **options)


def uniform_within(limit: float) -> keras.Model:
    """A critic whose weights start between the bounds, in float64.

    In float32 the difference of a real and a generated example is lost in the rounding of the
    biases long before the last layer if the limit is 0.01.
    """
    config = {"minval": -limit, "maxval": limit}
    return deep_network(
        initializer={"class_name": "RandomUniform", "config": config}, dtype="float64"
    )


def clipped(limit: float, *, steps: int = STEPS) -> Critic:
    """Trains with RMSprop, as WGAN does, but so that the size of a gradient does not matter."""
    critic = uniform_within(limit)
    # The epsilon of 1e-7 would hold back every weight with a gradient below that.
    optimizer = keras.optimizers.RMSprop(limit / 50, epsilon=1e-60)
    constraint = constraints.get(f"weight_clipping(limit={limit})")
    critics.train(critic, real, fake, steps=steps, constraint=constraint, optimizer=optimizer)
    return examine(critic, limit)


def penalised(*, steps: int = STEPS) -> Critic:
    """Trains with the gradient penalty."""
    critic = deep_network()
    critics.train(critic, real, fake, steps=steps, penalty="gradient_penalty(weight=10)")
    return examine(critic, None)


def from_usual_start(limit: float) -> tuple[tuple[float, float], float]:
    """What comes of it with the settings of Keras: `Results.usual_start` and `usual_gap`."""
    critic = deep_network(initializer="glorot_uniform")
    constraint = constraints.get(f"weight_clipping(limit={limit})")
    constraint(critic.trainable_variables)
    before = share_at_bounds(kernels(critic) / limit)
    optimizer = keras.optimizers.RMSprop(limit / 50)
    critics.train(critic, real, fake, steps=STEPS, constraint=constraint, optimizer=optimizer)
    return (before, share_at_bounds(kernels(critic) / limit)), examine(critic, limit).gap


def real(seed: tf.Tensor) -> tf.Tensor:
    """Points of the Swiss roll, float32 [batch, 2]."""
    chosen = tf.cast(random.uniform(BATCH, [], seed) * len(SWISS_ROLL), tf.int32)
    return tf.gather(tf.constant(SWISS_ROLL), chosen)


def fake(seed: tf.Tensor) -> tf.Tensor:
    """Other points of it plus normal noise of standard deviation 1, float32 [batch, 2]."""
    points, noise = random.split(seed, 2)
    return real(points) + random.normal(BATCH, [2], noise)


def many(sampler: critics.Sampler) -> np.ndarray:
    """8 batches, [8 batch, 2]."""
    return np.concatenate([sampler(tf.constant([2, i], tf.int64)) for i in range(8)])


def examine(critic: keras.Model, limit: float | None) -> Critic:
    """Looks at a critic with a fixed batch; without a limit weights are relative to the largest."""
    points = tf.concat([f(s) for f, s in zip((real, fake), _EVALUATION_SEEDS, strict=True)], 0)
    dense = critic.layers[1:]
    with tf.GradientTape() as tape:
        activations = [dense[0](points)]
        for layer in dense[1:]:
            activations.append(layer(activations[-1]))
        logits = tf.split(activations[-1], 2)
        loss = tf.reduce_mean(losses.get("wasserstein").discriminator_loss(*logits))
    sources = [activations[:-1], [layer.kernel for layer in dense]]
    of_activations, of_kernels = tape.gradient(loss, sources)
    weights = kernels(critic)
    return Critic(
        gradient_norms=np.array([np.linalg.norm(np.float64(g)) for g in of_activations]),
        weights=weights / (limit or abs(weights).max()),
        felt=np.concatenate([np.ravel(g) for g in of_kernels]) != 0,
        gap=-float(loss),
    )


def kernels(critic: keras.Model) -> np.ndarray:
    """All kernels of a critic in a row, [n]."""
    return np.concatenate([layer.kernel.numpy().ravel() for layer in critic.layers[1:]])


def aligned_gain(limit: float) -> float:
    """c width / 2: what half of the weights +-c of a unit make of a gradient if no sign cancels."""
    return limit * WIDTH / 2


def share_at_bounds(relative_weights: np.ndarray) -> float:
    """Share of weights, divided by their limit, that are within 5 % of it."""
    return float(np.mean(abs(relative_weights) > 0.95))


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
    clipped_ones, penalty = list(results.clipped.values()), results.penalised
    gains = "; ".join(f"{aligned_gain(limit):.2g}" for limit in LIMITS)
    before, after = results.usual_start
    return [
        Number(
            f"gain per layer, c = {'; '.join(map(str, LIMITS))}",
            "; ".join(f"{critic.gain:.2g}" for critic in clipped_ones),
            f"near c · width / 2: {gains}",
        ),
        Number(
            "gradient norm, layer 1 ÷ layer 12",
            "; ".join(f"{critic.ratio:.0e}" for critic in clipped_ones),
            "above 1e5; below 1e-5; below 1e-15",
        ),
        Number("… with the penalty", f"{penalty.ratio:.2g}", "1 within a factor of 10"),
        Number(
            "weights within 5 % of ±c",
            "; ".join(f"{100 * critic.at_bounds:.0f} %" for critic in clipped_ones),
            "above 90 %",
        ),
        Number(
            "… of the largest, with the penalty", f"{100 * penalty.at_bounds:.1f} %", "below 5 %"
        ),
        Number(
            "E D(data) - E D(fake): c = 0.1; 0.01; penalty",
            "; ".join(f"{x.gap:.2g}" for x in (*clipped_ones[:2], penalty)),
            f"any power of ten; penalty: near W₁ = {results.exact:.2g}",
        ),
        Number(
            "float32, usual start, c = 0.01: at ±c before; after training",
            f"{100 * before:.1f} %; {100 * after:.1f} %",
            "the same: it cannot learn",
        ),
    ]
