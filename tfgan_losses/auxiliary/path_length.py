"""Path length: a step in the space of styles, or latents, moves examples as far everywhere."""

from __future__ import annotations

import math
import weakref
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.conditioning import Condition
from tfgan_losses.penalties.measures import norm_from_squared, squared_norm
from tfgan_losses.training.terms import Network, Seen
from tfgan_losses.types import Report, Scalar, Tensor


@registry.register("path_length")
class PathLength(Auxiliary):
    """StyleGAN2: G adds weight (|J^T y| - a)^2, with J = dG(w)/dw and y noise of its output.

    w are the styles of a generator that has a mapping network, such as that of the family
    "stylegan2", and the latents, its inputs, of any other one. Where each layer has a style, mixed
    ones too, |J^T y|^2 is the mean over the layers.

    y ~ N(0, 1) / sqrt(height * width), or / sqrt(features) for points. a is the moving average of
    all lengths so far; it is moved after an update, by the lengths of the global batch, where the
    paper's code moves it before: so that nothing is exchanged in the update itself, and the term
    can be lazy under replicas and evaluated in parts.

    Args:
        weight: gamma_pl; 2 in the authors' code.
        decay: How far the average goes to the mean of an update, in (0, 1]; 0.01.
        every: See `Term`; 4 in the authors' code. It costs a pass forward and two back.

    Raises:
        ValueError: If the weight is negative or the decay out of range.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("path_length(every=8)")
        path_length(weight=2.0, every=8, decay=0.01)

    References:
        Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN,
        arXiv:1912.04958, section 3.2 and appendix B.
    """

    networks = ("generator",)

    def __init__(self, *, weight: schedules.Number = 2.0, decay: float = 0.01, every: int = 4):
        super().__init__(weight=weight, every=every)
        if not 0.0 < decay <= 1.0:
            raise ValueError(f"Expected decay in (0, 1]. Received: decay={decay}")
        self.decay = decay
        self.average = keras.Variable(
            0.0, trainable=False, dtype="float32", aggregation="only_first_replica", name="average"
        )
        # Of an update; both the term and its report ask for them.
        self._known: weakref.WeakKeyDictionary[Seen, Tensor] = weakref.WeakKeyDictionary()

    @property
    def variables(self) -> list[keras.Variable]:
        """The average length a."""
        return [self.average]

    def lengths(self, seen: Seen) -> Tensor:
        """|J^T y| of each example, [batch], differentiable."""
        if seen not in self._known:
            self._known[seen] = self._measure(seen)
        return self._known[seen]

    def _measure(self, seen: Seen) -> Tensor:
        inputs, generate, layers = seen.latents, seen.generator, 1
        if seen.styles is not None:
            inputs, generate = seen.styles(seen.latents)
            layers = inputs.shape[1]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            examples = tf.cast(generate(inputs), tf.float32)
            shape = examples.shape[1:].as_list()
            places = math.prod(shape[:-1] if len(shape) > 1 else shape)
            noise = random.normal(tf.shape(examples)[0], shape, seen.seed_for("path length"))
            moved = tf.reduce_sum(examples * noise) / math.sqrt(places)
        zero = tf.UnconnectedGradients.ZERO
        slopes = tape.gradient(moved, inputs, unconnected_gradients=zero)
        return norm_from_squared(squared_norm(slopes) / layers)

    def values(self, seen: Seen) -> Tensor:
        """(|J^T y| - a)^2, [batch]."""
        return tf.square(self.lengths(seen) - tf.convert_to_tensor(self.average))

    def report_keys(self, network: Network, condition: Condition | None) -> tuple[str, ...]:
        """The mean length of an update."""
        return ("mean_path_length",)

    def report(self, seen: Seen) -> Report:
        """The lengths, [batch]."""
        return {"mean_path_length": self.lengths(seen)}

    def end_update(self, report: Report, update: Scalar) -> None:
        """Moves the average to the mean of the update, if it was one of those of `every`."""
        moved = self.average + self.decay * (report["mean_path_length"] - self.average)
        self.average.assign(tf.where(self.is_due(update), moved, self.average))

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "decay": self.decay}
