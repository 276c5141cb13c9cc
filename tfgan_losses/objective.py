"""What the two networks minimise: losses, penalties and constraint of one `GAN.compile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import constraints, losses, penalties as penalty_registry, random


class Objective:
    """The losses of both networks, and what is added to the discriminator's.

    Args:
        loss: The adversarial loss; see `GAN.compile` for all arguments.
        d_loss: The discriminator's loss if it is another one.
        g_loss: The generator's loss if it is another one.
        penalties: Penalties on the discriminator.
        constraint: Constraint on the discriminator's variables.

    Raises:
        ValueError: If a name or option is unknown, or a loss is missing.
    """

    def __init__(
        self,
        loss: Any = None,
        *,
        d_loss: Any = None,
        g_loss: Any = None,
        penalties: Any = (),
        constraint: Any = None,
    ):
        d_loss, g_loss = _choose_losses(loss, d_loss, g_loss)
        self.d_loss, self.g_loss = losses.get(d_loss), losses.get(g_loss)
        # The Keras losses reduce, and divide by the number of replicas.
        self._d_half, self._g_half = self.d_loss.discriminator, self.g_loss.generator
        self.penalties = penalty_registry.get_all(penalties)
        self.constraint = constraints.get(constraint)

    @property
    def report_keys(self) -> list[str]:
        """What a step reports, in the order in which it is computed."""
        keys = ["d_real", "d_fake", *(p.name for p in self.penalties), "d_loss", "g_loss"]
        return [*keys, "w_distance"] if self.d_loss.estimates_distance else keys

    def discriminator_total(
        self,
        logits: tuple[tf.Tensor, tf.Tensor],
        critic: Callable[[Any], Any],
        real: tf.Tensor,
        fake: tf.Tensor,
        *,
        seed: int,
        update: Any,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The discriminator's loss and what to report of it.

        Args:
            logits: Raw outputs for real and for generated examples.
            critic: The discriminator as a function of examples only.
            real: Real examples.
            fake: Generated examples.
            seed: Seed of the run.
            update: Discriminator updates so far.

        Returns:
            The scalar to differentiate, which is this replica's share, and a dict of scalars:
            mean outputs, every penalty's part of the loss, and the loss.
        """
        terms = {"d_loss": self._d_half(*logits)}
        for penalty in self.penalties:
            own_seed = random.step_seed(seed, update, penalty.name)
            values = penalty(critic, real, fake, seed=own_seed, step=update)
            terms[penalty.name] = tf.reduce_mean(values) / _replicas()
        total = tf.add_n(list(terms.values()))
        real_mean, fake_mean = (tf.reduce_mean(tf.cast(x, tf.float32)) for x in logits)
        report = {name: term * _replicas() for name, term in {**terms, "d_loss": total}.items()}
        return total, {"d_real": real_mean, "d_fake": fake_mean, **report}

    def generator_total(self, logits: tuple[Any, Any]) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The generator's loss, this replica's share, and what to report of it."""
        total = self._g_half(*logits)
        return total, {"g_loss": total * _replicas()}

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal objective."""
        serialize = keras.saving.serialize_keras_object
        return {
            "d_loss": serialize(self.d_loss),
            "g_loss": serialize(self.g_loss),
            "penalties": [serialize(penalty) for penalty in self.penalties],
            "constraint": serialize(self.constraint),
        }


def _replicas() -> int:
    """Keras' optimisers add up the gradients of all replicas, so each has to count for a part."""
    return tf.distribute.get_strategy().num_replicas_in_sync


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
