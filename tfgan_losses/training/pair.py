"""The two networks as functions of a batch, whatever inputs and outputs they have."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.conditioning import Condition
from tfgan_losses.penalties.input_gradients import Critic, Outputs, outputs_and_gradients
from tfgan_losses.training import checks


class Pair:
    """What a training step asks of its networks: samples for a batch, and outputs by name.

    Args:
        generator: Maps latents, or a list of latents and of what is given, to examples.
        discriminator: Maps examples, or a list of examples and of what is given, to logits or to
            a dict of outputs with `"logits"`.
        latent_dim: Number of latent variables.
        condition: What the networks are conditioned on, or None.
        seed: Of all draws.

    Attributes:
        joint_pass: Whether real and generated examples go through the discriminator together.
        d_takes_condition: Whether the discriminator has a second input.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        latent_dim: int,
        condition: Condition | None,
        seed: int,
    ):
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim, self.condition, self.seed = latent_dim, condition, seed
        self.joint_pass = checks.treats_examples_alone(discriminator)
        self.d_takes_condition = checks.count_inputs(discriminator) == 2

    def latents(self, real: tf.Tensor, who: str, draw: Any) -> tf.Tensor:
        """Latents for as many samples as there are real examples, [batch, latent_dim].

        Args:
            real: Real examples of the update.
            who: `"critic"` or `"generator"`, whose update it is; each has draws of its own.
            draw: Number of the update.
        """
        seed = random.step_seed(self.seed, draw, f"{who} latents")
        return random.normal(tf.shape(real)[0], [self.latent_dim], seed)

    def given(self, real: tf.Tensor, labels: Any, who: str, draw: Any) -> tf.Tensor | None:
        """What a batch is conditioned on: codes, or its labels, so that a pair shares one.

        Args:
            real: As for `latents`, like `who` and `draw`.
            labels: Labels of the real examples.
            who: Whose update it is.
            draw: Number of the update.

        Returns:
            [batch, condition.size], or None without a condition.

        Raises:
            ValueError: If labels are needed and missing.
        """
        if self.condition is None:
            return None
        if self.condition.source == "codes":
            seed = random.step_seed(self.seed, draw, f"{who} codes")
            uniforms = random.uniform(tf.shape(real)[0], [self.condition.factors], seed)
            return self.condition.encode(self.condition.from_uniforms(uniforms))
        if labels is None:
            raise ValueError("Expected batches (examples, labels). Received: no labels")
        return self.condition.encode(labels)

    def generate(self, real: tf.Tensor, given: tf.Tensor | None, who: str, draw: Any) -> tf.Tensor:
        """Samples for a batch, in training mode; arguments as of `given`."""
        return self.generator(_beside(self.latents(real, who, draw), given), training=True)

    def discriminate(self, examples: tf.Tensor, given: tf.Tensor | None) -> Outputs:
        """All outputs by name, in training mode."""
        inputs = _beside(examples, given if self.d_takes_condition else None)
        outputs = self.discriminator(inputs, training=True)
        return outputs if isinstance(outputs, dict) else {"logits": outputs}

    def discriminate_both(
        self,
        real: tf.Tensor,
        fake: tf.Tensor,
        given: tf.Tensor | None,
        gradients_at: Collection[str] = (),
    ) -> tuple[Outputs, Outputs, Critic]:
        """Outputs for real and for generated examples, and the critic for penalties.

        They share a pass if no layer would mix them, unless gradients at only one are asked for.

        Args:
            real: Real examples.
            fake: As many generated ones.
            given: What both are conditioned on.
            gradients_at: `"real"`, `"fake"` or both, where the critic shall know its gradients.
        """
        examples = {"real": real, "fake": fake}
        if self.joint_pass and len(gradients_at) != 1:
            both = tf.concat([real, tf.cast(fake, real.dtype)], axis=0)
            twice = None if given is None else tf.concat([given, given], axis=0)
            outputs, gradients = self._pass(both, twice, bool(gradients_at))
            halves = {key: tf.split(x, 2) for key, x in outputs.items()}
            found = [{key: half[i] for key, half in halves.items()} for i in range(2)]
            slopes = [None, None] if gradients is None else tf.split(gradients, 2)
        else:
            passes = [self._pass(x, given, key in gradients_at) for key, x in examples.items()]
            found, slopes = zip(*passes, strict=True)
        known = zip(examples.values(), slopes, strict=True)
        critic = Critic(
            lambda x: self.discriminate(x, given), [(x, g) for x, g in known if g is not None]
        )
        return *found, critic

    def _pass(
        self, examples: tf.Tensor, given: tf.Tensor | None, differentiate: bool
    ) -> tuple[Outputs, tf.Tensor | None]:
        if not differentiate:
            return self.discriminate(examples, given), None
        return outputs_and_gradients(lambda x: self.discriminate(x, given), examples)


def _beside(tensor: tf.Tensor, given: tf.Tensor | None) -> Any:
    """What a network with or without a second input is called on."""
    return tensor if given is None else [tensor, given]
