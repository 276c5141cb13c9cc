"""One update of one network of a GAN: its gradients, and what its optimiser makes of them."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses.training import optimizers
from tfgan_losses.training.accumulation import Gradients, mean_over_parts
from tfgan_losses.training.inspection import activity_losses, weight_losses
from tfgan_losses.training.terms import Network
from tfgan_losses.training.two_player_model import TwoPlayerModel
from tfgan_losses.training.view import View
from tfgan_losses.types import Outputs, Report, Scalar, Tensor


def part_of(
    examples: Tensor, labels: Tensor | None, part: Scalar, *, d_steps: int, divisor: int
) -> tuple[Tensor, Tensor | None]:
    """Every d_steps-th example, so that the parts do not depend on the number of replicas.

    A last batch that cannot be divided starts again from its first example, so that all parts
    have one size and none is empty.

    Args:
        examples: [batch, ...].
        labels: [batch] or [batch, num_classes], or None.
        part: Which one, int32 in [0, d_steps).
        d_steps: How many there are.
        divisor: What the size of a part is to be a multiple of.

    Returns:
        Examples, float32, and labels of the part.
    """
    divisor *= d_steps
    if divisor == 1:
        return tf.cast(examples, tf.float32), labels
    size = tf.shape(examples)[0]
    rounded_up = (size + divisor - 1) // divisor * divisor
    # XLA takes no range that starts at a tensor.
    chosen = (tf.range(0, rounded_up, d_steps) + part) % size
    real = tf.cast(tf.gather(examples, chosen), tf.float32)
    return real, None if labels is None else tf.gather(labels, chosen)


def update_discriminator(
    gan: TwoPlayerModel, real: Tensor, labels: Tensor | None, update: Scalar
) -> Report:
    """One update of the discriminator.

    Args:
        gan: A compiled `GAN`.
        real: Real examples of this update.
        labels: Their labels, or None.
        update: Number of the update.

    Returns:
        What to report: this replica's shares of means over all examples.
    """
    variables = gan.discriminator.trainable_variables
    gan.pair.seed_layers("discriminator", update)

    def gradients_of(real: Tensor, labels: Tensor | None) -> tuple[Gradients, Report]:
        given = gan.pair.given(real, labels, "discriminator", update)
        latents = gan.pair.latents(real, "discriminator", update)
        view = _view(gan, "discriminator", update, d_update=update)
        real = gan.pair.stand_for_real(real, given, "discriminator", update, view)
        real, fake = gan.pair.packed(real), gan.pair.packed(gan.pair.generate(latents, given))
        with tf.GradientTape() as tape:
            found = gan.pair.discriminate_both(real, fake, given, gan.objective.gradients_at, view)
            seen = gan.pair.seen(
                "discriminator",
                update,
                updates=gan.objective.updates.get("discriminator"),
                real=real,
                fake=fake,
                real_outputs=found.real,
                fake_outputs=found.fake,
                critic=found.critic,
                latents=latents,
                given=given,
            )
            total, report = gan.objective.discriminator_total(
                seen, regularisation=[*found.losses, *weight_losses(gan.discriminator)]
            )
            scaled = gan.d_optimizer.scale_loss(total)
        return tape.gradient(scaled, variables), report

    gradients, report = mean_over_parts(gradients_of, gan.accumulate, real, labels)
    optimizers.apply(gan.d_optimizer, gradients, variables)
    if gan.objective.constraint is not None:
        gan.objective.constraint(variables)
    gan.objective.end_update("discriminator", report, update, examples=tf.shape(real)[0])
    return report


def update_generator(
    gan: TwoPlayerModel, real: Tensor, labels: Tensor | None, update: Scalar
) -> Report:
    """One update of the generator; arguments and result as of `update_discriminator`."""
    variables = gan.generator.trainable_variables
    gan.pair.seed_layers("generator", update)

    def gradients_of(real: Tensor, labels: Tensor | None) -> tuple[Gradients, Report]:
        given = gan.pair.given(real, labels, "generator", update)
        latents = gan.pair.latents(real, "generator", update)
        view = _view(gan, "generator", update, d_update=gan.d_updates)
        with tf.GradientTape() as tape:
            fake = gan.pair.generate(latents, given)
            losses = activity_losses(gan.generator)
            fake = gan.pair.packed(fake)
            fake_outputs = gan.pair.discriminate(view.of(fake, "fake"), given)
            real_outputs: Outputs = {}
            if gan.objective.generator_needs_real:
                # Apart: in one pass, gradients would go back through the real half, too.
                with tape.stop_recording():
                    real = gan.pair.stand_for_real(real, given, "generator", update, view)
                    real = gan.pair.packed(real)
                    real_outputs = gan.pair.discriminate(view.of(real, "real"), given)
            else:
                real = gan.pair.packed(real)
            seen = gan.pair.seen(
                "generator",
                update,
                updates=gan.objective.updates.get("generator"),
                real=real,
                fake=fake,
                real_outputs=real_outputs,
                fake_outputs=fake_outputs,
                critic=gan.pair.critic(given, view, {"real": real, "fake": fake}),
                latents=latents,
                given=given,
            )
            total, report = gan.objective.generator_total(
                seen, regularisation=[*losses, *weight_losses(gan.generator)]
            )
            scaled = gan.g_optimizer.scale_loss(total)
        return tape.gradient(scaled, variables), report

    gradients, report = mean_over_parts(gradients_of, gan.accumulate, real, labels)
    optimizers.apply(gan.g_optimizer, gradients, variables)
    gan.objective.end_update("generator", report, update, examples=tf.shape(real)[0])
    return report


def _view(gan: TwoPlayerModel, network: Network, update: Scalar, *, d_update: Scalar) -> View:
    return gan.pair.view(
        gan.objective.augmentations,
        network,
        update,
        d_update=d_update,
        d_updates=gan.objective.updates.get("discriminator"),
    )
