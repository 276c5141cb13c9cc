"""One update of one network of a GAN: its gradients, and what its optimiser makes of them."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.training.accumulation import mean_over_parts

Report = dict[str, tf.Tensor]


def part_of(
    examples: tf.Tensor, labels: Any, part: int, *, d_steps: int, accumulate: int
) -> tuple[tf.Tensor, Any]:
    """Every d_steps-th example, so that the parts do not depend on the number of replicas.

    A last batch that cannot be divided starts again from its first example, so that all parts
    have one size and none is empty.

    Args:
        examples: [batch, ...].
        labels: [batch] or [batch, num_classes], or None.
        part: Which one, in [0, d_steps).
        d_steps: How many there are.
        accumulate: What the size of a part is to be a multiple of.

    Returns:
        Examples, float32, and labels of the part.
    """
    examples = tf.cast(examples, tf.float32)
    divisor = d_steps * accumulate
    if divisor == 1:
        return examples, labels
    size = tf.shape(examples)[0]
    rounded_up = (size + divisor - 1) // divisor * divisor
    chosen = tf.range(part, rounded_up, d_steps) % size
    return tf.gather(examples, chosen), None if labels is None else tf.gather(labels, chosen)


def update_discriminator(gan: keras.Model, real: tf.Tensor, labels: Any, update: Any) -> Report:
    """One update of the discriminator.

    Args:
        gan: A compiled `GAN`.
        real: Real examples of this update.
        labels: Their labels, or None.
        update: Number of the update, for its random draws.

    Returns:
        What to report: means over this replica's examples.
    """
    variables = gan.discriminator.trainable_variables

    def gradients_of(real: tf.Tensor, labels: Any) -> tuple[list, Report]:
        given = gan.pair.given(real, labels, "critic", update)
        fake = gan.pair.generate(real, given, "critic", update)
        with tf.GradientTape() as tape:
            total, report = gan.objective.discriminator_total(
                *gan.pair.discriminate_both(real, fake, given, gan.objective.gradients_at),
                real,
                fake,
                given=given,
                seed=gan.seed,
                update=update,
            )
            scaled = gan.d_optimizer.scale_loss(total)
        return tape.gradient(scaled, variables), report

    gradients, report = mean_over_parts(gradients_of, gan.accumulate, real, labels)
    gan.d_optimizer.apply(gradients, variables)
    if gan.objective.constraint is not None:
        gan.objective.constraint(variables)
    return report


def update_generator(gan: keras.Model, real: tf.Tensor, labels: Any) -> Report:
    """One update of the generator; arguments and result as of `update_discriminator`."""
    variables = gan.generator.trainable_variables

    def gradients_of(real: tf.Tensor, labels: Any) -> tuple[list, Report]:
        given = gan.pair.given(real, labels, "generator", gan.step)
        with tf.GradientTape() as tape:
            fake = gan.pair.generate(real, given, "generator", gan.step)
            fake_outputs = real_outputs = gan.pair.discriminate(fake, given)
            if gan.objective.g_loss.needs_real:
                # Apart: in one pass, gradients would go back through the real half, too.
                with tape.stop_recording():
                    real_outputs = gan.pair.discriminate(real, given)
            total, report = gan.objective.generator_total(real_outputs, fake_outputs, given=given)
            scaled = gan.g_optimizer.scale_loss(total)
        g_fake = tf.reduce_mean(tf.cast(fake_outputs["logits"], tf.float32))
        return tape.gradient(scaled, variables), {**report, "g_fake": g_fake}

    gradients, report = mean_over_parts(gradients_of, gan.accumulate, real, labels)
    gan.g_optimizer.apply(gradients, variables)
    return report
