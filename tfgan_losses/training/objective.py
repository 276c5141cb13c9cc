"""What the two networks minimise: losses, penalties and the rest of one `GAN.compile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import (
    auxiliary as auxiliary_registry,
    constraints,
    losses,
    penalties as penalty_registry,
    random,
    replicas,
    schedules,
)
from tfgan_losses.conditioning import Condition

Outputs = dict[str, tf.Tensor]
Total = tuple[tf.Tensor, dict[str, tf.Tensor]]


class Objective:
    """The losses of both networks, and what is added to them.

    Args:
        loss: The adversarial loss; see `GAN.compile` for all arguments.
        d_loss: The discriminator's loss if it is another one.
        g_loss: The generator's loss if it is another one.
        penalties: Penalties on the discriminator.
        auxiliary: Auxiliary objectives of both networks.
        constraint: Constraint on the discriminator's variables.
        condition: What the networks are conditioned on.

    Raises:
        ValueError: If a name or option is unknown, a loss is missing, or a schedule does not know
            its length.
    """

    def __init__(
        self,
        loss: Any = None,
        *,
        d_loss: Any = None,
        g_loss: Any = None,
        penalties: Any = (),
        auxiliary: Any = (),
        constraint: Any = None,
        condition: Condition | None = None,
    ):
        d_loss, g_loss = _choose_losses(loss, d_loss, g_loss)
        self.d_loss, self.g_loss = losses.get(d_loss), losses.get(g_loss)
        # The Keras losses reduce, and divide by the number of replicas.
        self._d_half, self._g_half = self.d_loss.discriminator, self.g_loss.generator
        self.penalties = penalty_registry.get_all(penalties)
        self.auxiliary = auxiliary_registry.get_all(auxiliary)
        self.constraint = constraints.get(constraint)
        self.condition = condition
        for penalty in self.penalties:
            schedules.check_length(f"the weight of {penalty.name}", penalty.weight)

    @property
    def variables(self) -> list[keras.Variable]:
        """State of the loss that training changes, such as BEGAN's k."""
        return self.d_loss.variables

    @property
    def gradients_at(self) -> frozenset[str]:
        """At which examples, `"real"` or `"fake"`, penalties take gradients in every update."""
        return frozenset(p.at for p in self.penalties if p.at is not None and p.every == 1)

    @property
    def report_keys(self) -> list[str]:
        """What a step reports, in the order in which it is computed."""
        extra = [key for term in self.auxiliary for key in term.report_keys(self.condition)]
        keys = ["d_real", "d_fake", *(p.name for p in self.penalties), "d_loss", "g_loss", *extra]
        return [*keys, *self.d_loss.report_keys, *(["w_distance"] * self.d_loss.estimates_distance)]

    def discriminator_total(
        self,
        real_outputs: Outputs,
        fake_outputs: Outputs,
        critic: Callable[[Any], Any],
        real: tf.Tensor,
        fake: tf.Tensor,
        *,
        given: tf.Tensor | None,
        seed: int,
        update: Any,
    ) -> Total:
        """The discriminator's loss and what to report of it.

        Args:
            real_outputs: Outputs of the discriminator for real examples, `"logits"` among them.
            fake_outputs: Its outputs for generated ones.
            critic: The discriminator's logits as a function of examples only.
            real: Real examples.
            fake: Generated examples.
            given: What both are conditioned on.
            seed: Seed of the run.
            update: Discriminator updates so far.

        Returns:
            The scalar to differentiate, which is this replica's share, and a dict of scalars:
            mean outputs, every penalty's part of the loss, and the loss.
        """
        logits = real_outputs["logits"], fake_outputs["logits"]
        terms = {"d_loss": self._d_half(*logits)}
        for penalty in self.penalties:
            own_seed = random.step_seed(seed, update, penalty.name)
            values = penalty(critic, real, fake, seed=own_seed, step=update)
            terms[penalty.name] = tf.reduce_mean(values) / replicas.count()
        extra, extra_report = self._auxiliary(
            lambda term: term.discriminator_loss(real_outputs, fake_outputs, given, self.condition)
        )
        total = tf.add_n([*terms.values(), *extra])
        report = {
            "d_real": _mean(logits[0]),
            "d_fake": _mean(logits[1]),
            **{name: term * replicas.count() for name, term in terms.items()},
            "d_loss": total * replicas.count(),
        }
        return total, report | extra_report

    def generator_total(
        self, real_outputs: Outputs, fake_outputs: Outputs, *, given: tf.Tensor | None
    ) -> Total:
        """The generator's loss, this replica's share, and what to report of it."""
        adversarial = self._g_half(real_outputs["logits"], fake_outputs["logits"])
        extra, report = self._auxiliary(
            lambda term: term.generator_loss(fake_outputs, given, self.condition)
        )
        total = tf.add_n([adversarial, *extra])
        return total, {"g_loss": total * replicas.count(), **report}

    def end_step(self, d_real: tf.Tensor, g_fake: tf.Tensor) -> dict[str, tf.Tensor]:
        """Lets a loss with state see the mean outputs of a step's updates; what it reports.

        Both are means over all replicas.
        """
        return self.d_loss.end_step(d_real, g_fake) if self.variables else {}

    def _auxiliary(self, evaluate: Callable[[Any], Any]) -> tuple[list[tf.Tensor], dict]:
        """This replica's share of every auxiliary loss, and what to report."""
        found = [evaluate(term) for term in self.auxiliary]
        shares = [_mean(loss) / replicas.count() for loss, _ in found]
        return shares, {key: _mean(x) for _, report in found for key, x in report.items()}

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal objective, but for the condition."""
        serialize = keras.saving.serialize_keras_object
        return {
            "d_loss": serialize(self.d_loss),
            "g_loss": serialize(self.g_loss),
            "penalties": [serialize(penalty) for penalty in self.penalties],
            "auxiliary": [serialize(term) for term in self.auxiliary],
            "constraint": serialize(self.constraint),
        }


def _mean(values: Any) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(values, tf.float32))


def _choose_losses(loss: Any, d_loss: Any, g_loss: Any) -> tuple[Any, Any]:
    if loss is not None and d_loss is not None and g_loss is not None:
        raise ValueError("Expected loss, or both d_loss and g_loss. Received: all three")
    d_chosen = loss if d_loss is None else d_loss
    g_chosen = loss if g_loss is None else g_loss
    if d_chosen is None or g_chosen is None:
        raise ValueError(
            f"Expected loss, or both d_loss and g_loss; the losses are {losses.names()} and all of "
            f"keras.losses. Received: loss={loss!r}, d_loss={d_loss!r}, g_loss={g_loss!r}"
        )
    return d_chosen, g_chosen
