"""What the two networks do at this moment, in numbers: one function in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import random, sampling
from tfgan_losses.health import statistics
from tfgan_losses.health.loss_range import loss_range, slope_at_chance
from tfgan_losses.health.real_examples import are_points
from tfgan_losses.penalties import GradientPenalty, LipschitzPenalty
from tfgan_losses.penalties.measures import squared_norm
from tfgan_losses.training import data_checks
from tfgan_losses.training.critic import outputs_and_gradients
from tfgan_losses.training.packing import rounded_up
from tfgan_losses.training.pair import Pair
from tfgan_losses.training.view import View
from tfgan_losses.types import Outputs, Report, Tensor

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN


class Probe:
    """Looks at a GAN beside real examples, and moves nothing of it.

    The networks are called in training mode, as in a step, but what they would change, such as
    moving averages and the states of their seeds, stays. Latents are always the same, and so are
    the draws of augmentations, through which the discriminator sees examples as in training.

    Args:
        gan: A compiled GAN.
        examples: Real ones, float32 [n, ...].
        labels: Theirs, if the GAN is conditioned on labels.

    Raises:
        Exception: Whatever networks raise; later, too.
    """

    def __init__(self, gan: GAN, examples: np.ndarray, labels: np.ndarray | None):
        self._gan = gan
        self._of_points = are_points(examples.shape[1:])
        self._real = tf.constant(examples)
        self._real_packs = _packs_of(gan, self._real)
        seed = random.derived_seed(gan.seed, "health")
        values = _labels_of(gan, len(examples), labels)
        self._latents, self._given = latents_and_given(gan, len(examples), seed, values)
        self._alike = tf.ones([len(examples)] * 2)
        if values is not None:
            self._alike = tf.cast(tf.equal(values[:, None], values[None, :]), tf.float32)
        self._between = random.uniform(
            len(self._real_packs), [1] * (examples.ndim - 1), random.step_seed(seed, 0, "between")
        )
        self._at_chance = slope_at_chance(gan.objective.g_loss)
        self._constants = {**_of_loss(gan), **_of_penalties(gan)}
        self._wants_slope = gan.objective.d_loss.estimates_distance or bool(_of_penalties(gan))
        self._look = tf.function(self._compute, autograph=False)

    def __call__(self) -> dict[str, Any]:
        """Returns what `Look` has of it, by name, and the `sum_of_weights`."""
        numbers = self._look()
        values = tf.stack(list(numbers.values())).numpy().tolist()  # One way from the device.
        return {**self._constants, **dict(zip(numbers, values, strict=True))}

    def _compute(self) -> Report:
        weights = self._sum_of_weights()
        with keras.StatelessScope(collect_losses=True, initialize_variables=False):
            return {**self._of_networks(), "sum_of_weights": weights}

    def _sum_of_weights(self) -> Tensor:
        """Not finite if a weight is not; to ask with the rest costs next to nothing."""
        gan = self._gan
        networks = [gan.generator, gan.discriminator, gan.ema_generator]
        weights = [v for network in networks if network is not None for v in network.variables]
        floating = [v for v in weights if keras.backend.is_float_dtype(v.dtype)]
        return tf.add_n([tf.reduce_sum(tf.cast(v, tf.float32)) for v in floating])

    def _of_networks(self) -> Report:
        gan, pair = self._gan, self._gan.pair
        view = view_of(gan, pair)
        with tf.GradientTape() as tape:
            fake = pair.generate(self._latents, self._given)
            fake_packs = _packs_of(gan, fake)
            seen = view.of(fake_packs, "fake")
            fake_logits = one_each(pair.discriminate(seen, self._given)["logits"])
            with tape.stop_recording():
                seen = view.of(self._real_packs, "real")
                real_logits = one_each(pair.discriminate(seen, self._given)["logits"])
            loss = gan.objective.g_loss.generator_loss(real_logits, fake_logits)
            loss = tf.reduce_mean(loss)
        *slopes, signal = tape.gradient(loss, [*gan.generator.trainable_variables, fake_logits])
        found = {
            "d_loss": gan.objective.d_loss.discriminator_loss(real_logits, fake_logits),
            "d_real": real_logits,
            "d_fake": fake_logits,
            "g_gradient": tf.linalg.global_norm(
                [tf.cast(slope, tf.float32) for slope in slopes if slope is not None]
            ),
            "g_signal": tf.math.divide_no_nan(tf.reduce_sum(tf.abs(signal)), self._at_chance),
            **self._of_examples(tf.cast(fake, tf.float32)),
        }
        if not gan.objective.d_loss.autoencoding:
            found["told_apart"] = statistics.told_apart(real_logits, fake_logits)
        if self._wants_slope:
            found["slope"] = self._slope(pair, view, tf.cast(fake_packs, tf.float32))
        return {key: tf.reduce_mean(tf.cast(value, tf.float32)) for key, value in found.items()}

    def _of_examples(self, fake: Tensor) -> Report:
        points = {"real": statistics.as_points(self._real), "fake": statistics.as_points(fake)}
        within = {key: statistics.distances(x, x) for key, x in points.items()}
        across = statistics.distances(points["real"], points["fake"])
        if self._of_points:
            found = {"missed": statistics.missed(within["real"], across)}
        else:
            kinds = within["real"], across, within["fake"]
            found = {"neighbours": statistics.neighbours_of_own_kind(*kinds)}
        for key, x in points.items():
            found[f"{key}_diversity"] = statistics.diversity(within[key], self._alike)
            found[f"{key}_mean"] = tf.reduce_mean(x)
            found[f"{key}_spread"] = tf.math.reduce_std(x)
            found[f"{key}_largest"] = tf.reduce_max(tf.abs(x))
        return found

    def _slope(self, pair: Pair, view: View, fake: Tensor) -> Tensor:
        """Of the discriminator as a function of examples as they are, as penalties take it."""

        def discriminate(x: Tensor) -> Outputs:
            return pair.discriminate(view.of(x, "elsewhere"), self._given)

        points = self._real_packs + self._between * (fake - self._real_packs)
        slopes = outputs_and_gradients(discriminate, points)[1]
        return tf.sqrt(squared_norm(tf.cast(slopes, tf.float32)))


def view_of(gan: GAN, pair: Pair) -> View:
    """Returns what the discriminator sees at this moment, with the same draws every time."""
    return pair.view(
        gan.objective.augmentations,
        "discriminator",
        0,
        d_update=gan.d_updates,
        d_updates=gan.objective.updates.get("discriminator"),
    )


def latents_and_given(
    gan: GAN, count: int, seed: int, values: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Returns what a generator is called on, with what it is given apart, or None.

    Args:
        gan: The GAN.
        count: How many samples.
        seed: Of the latents, and of labels or codes if there are no `values`.
        values: These, as `condition.check` returns them.
    """
    inputs = sampling.generator_inputs(count, gan.latent_dim, gan.condition, seed, values)
    if isinstance(inputs, list):
        return inputs[0], inputs[1]
    return inputs, None


def _packs_of(gan: GAN, examples: Tensor) -> Tensor:
    """Returns what the discriminator is called on for examples: packs, if it sees any."""
    return gan.pair.packed(rounded_up(examples, gan.pack))


def _labels_of(gan: GAN, count: int, labels: np.ndarray | None) -> Tensor | None:
    """Returns labels as the condition takes them; None for a GAN that has no use for them."""
    if gan.condition is None or gan.condition.source != "labels":
        return None
    if labels is None:
        raise ValueError("Expected labels of the examples. Received: none")
    return data_checks.check_values(gan.condition, count, labels=labels)


def one_each(logits: Tensor) -> Tensor:
    """Returns the mean output of each example, float32 [n]: there may be one for each patch."""
    logits = tf.cast(tf.convert_to_tensor(logits), tf.float32)
    return tf.reduce_mean(tf.reshape(logits, [tf.shape(logits)[0], -1]), axis=1)


def _of_loss(gan: GAN) -> dict[str, float]:
    found = loss_range(gan.objective.d_loss)
    return {} if found is None else {"d_best": found.best, "d_chance": found.chance}


def _of_penalties(gan: GAN) -> dict[str, Any]:
    for term in gan.objective.penalties:
        if isinstance(term, GradientPenalty | LipschitzPenalty):
            may_be_low = isinstance(term, LipschitzPenalty)
            return {"slope_bound": getattr(term, "target", 1.0), "slope_may_be_low": may_be_low}
    return {}
