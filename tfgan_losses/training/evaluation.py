"""Both losses on held-out examples, with the averaged generator and without moving any state."""

from __future__ import annotations

from tfgan_losses.training.inspection import activity_losses, weight_losses
from tfgan_losses.training.packing import rounded_up
from tfgan_losses.training.terms import Network, Seen
from tfgan_losses.training.two_player_model import TwoPlayerModel
from tfgan_losses.types import Report, Scalar, Tensor


def evaluate_batch(
    gan: TwoPlayerModel, real: Tensor, labels: Tensor | None, batch: Scalar
) -> tuple[Report, Tensor]:
    """Losses of one batch, all terms included whatever their `every`, with their present weights.

    The discriminator sees examples as in training: it never learnt to judge them as they are. So
    its outputs for held-out examples compare with those that a step reports. Augmentations draw
    by the number of the batch, have their present state, and put nothing in the place of a real
    example.

    Args:
        gan: A compiled `GAN`.
        real: Held-out examples [batch, ...].
        labels: Their labels, or None.
        batch: Its number in this evaluation, for the draws.

    Returns:
        What to report, this replica's shares of means over all examples; and the generated
        examples, as many as there are real ones.
    """
    pair, objective = gan.evaluation_pair, gan.objective
    given = pair.given(real, labels, "discriminator", batch)
    latents = pair.latents(real, "discriminator", batch)
    generated = pair.generate(latents, given)
    generator_losses = activity_losses(pair.generator) + weight_losses(gan.generator)
    # Every example counts: the last pack may be filled up with the first ones.
    real, fake = (pair.packed(rounded_up(x, pair.pack)) for x in (real, generated))
    view = pair.view(
        objective.augmentations,
        "discriminator",
        batch,
        d_update=gan.d_updates,
        d_updates=objective.updates.get("discriminator"),
    )
    found = pair.discriminate_both(real, fake, given, view=view)
    discriminator_losses = found.losses + weight_losses(gan.discriminator)

    def seen(network: Network, update: Scalar) -> Seen:
        return pair.seen(
            network,
            update,
            updates=objective.updates.get(network),
            real=real,
            fake=fake,
            real_outputs=found.real,
            fake_outputs=found.fake,
            critic=found.critic,
            latents=latents,
            given=given,
        )

    _, of_discriminator = objective.discriminator_total(
        seen("discriminator", gan.d_updates), regularisation=discriminator_losses, lazily=False
    )
    _, of_generator = objective.generator_total(
        seen("generator", gan.g_updates), regularisation=generator_losses, lazily=False
    )
    return of_discriminator | of_generator, generated
