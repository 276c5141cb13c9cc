"""The two networks as functions of a batch, whatever inputs and outputs they have."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.augmentations.base import Augmentation, Side
from tfgan_losses.conditioning import Condition
from tfgan_losses.training import inspection
from tfgan_losses.training.critic import Critic, outputs_and_gradients
from tfgan_losses.training.packing import packed
from tfgan_losses.training.styles import split
from tfgan_losses.training.terms import Network, Seen
from tfgan_losses.training.view import View
from tfgan_losses.types import Outputs, Scalar, Tensor

# The names of streams decide the draws, and stay.
_STREAMS: dict[Network, str] = {"discriminator": "critic", "generator": "generator"}


class Discriminated(NamedTuple):
    """What the discriminator says of real and of generated examples.

    Attributes:
        real: Its outputs for real examples by name, `"logits"` among them.
        fake: Those for generated ones.
        critic: Its logits as a function of examples, for penalties.
        losses: What its layers added to its losses in these passes, scalars.
    """

    real: Outputs
    fake: Outputs
    critic: Critic
    losses: list[Tensor]


class Pair:
    """What a step asks of its networks: samples for a batch, and outputs by name.

    Args:
        generator: Maps latents, or a list of latents and of what is given, to examples.
        discriminator: Maps examples, or a list of examples and of what is given, to logits or to
            a dict of outputs with `"logits"`.
        latent_dim: Number of latent variables.
        condition: What the networks are conditioned on, or None.
        seed: Of all draws but that of `fixed_latents`.
        fixed_seed: Of that one, the seed of the run; None for `seed`.
        training: Whether the networks are called in training mode; if not, their state stays.
        pack: So many examples the discriminator sees as one; see `packing`.

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
        fixed_seed: int | None = None,
        training: bool = True,
        pack: int = 1,
    ):
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim, self.condition, self.seed = latent_dim, condition, seed
        self.fixed_seed = seed if fixed_seed is None else fixed_seed
        self.training, self.pack = training, pack
        self.joint_pass = inspection.treats_examples_alone(discriminator)
        self.d_takes_condition = inspection.count_inputs(discriminator) == 2

    def seed_layers(self, network: Network, update: Scalar) -> None:
        """Starts the draws of an update that layers make by themselves, such as those of Dropout.

        Keras goes on from here, so that they are a function of (seed, update), too. Each replica
        draws for its own part of a batch, hence other numbers than one device with all of it.
        Only layers with a `keras.random.SeedGenerator` of their own are reached, as Keras' are.

        Args:
            network: Whose update begins.
            update: Its number.
        """
        states = inspection.seed_states(self.generator, self.discriminator)
        if not states:
            return
        seed = random.step_seed(self.seed, update, f"{_STREAMS[network]} layers")
        for state, value in zip(states, random.layer_seeds(len(states), seed), strict=True):
            state.assign(value)

    def latents(self, real: Tensor, network: Network, update: Scalar) -> Tensor:
        """Latents for as many samples as there are real examples, [batch, latent_dim].

        Args:
            real: Real examples of the update.
            network: Whose update it is; each network has draws of its own.
            update: Its number.
        """
        seed = random.step_seed(self.seed, update, f"{_STREAMS[network]} latents")
        return random.normal(tf.shape(real)[0], [self.latent_dim], seed)

    def fixed_latents(self) -> Tensor:
        """Latents [1, latent_dim] that are the same in every update of the run.

        Those of the generator's `reconstruction_latents()` if it has such a method, as `Pyramid`
        has; else those of `GAN.generate(1, seed=gan.seed)`.
        """
        own = getattr(self.generator, "reconstruction_latents", None)
        return own() if own else random.sample_latents(1, self.latent_dim, self.fixed_seed)

    def given(
        self, real: Tensor, labels: Tensor | None, network: Network, update: Scalar
    ) -> Tensor | None:
        """What a batch is conditioned on: codes, or its labels, so that a pair shares one.

        Args:
            real: As for `latents`, like `network` and `update`.
            labels: Labels of the real examples.
            network: Whose update it is.
            update: Its number.

        Returns:
            [batch, condition.size], or None without a condition.

        Raises:
            ValueError: If labels are needed and missing.
        """
        if self.condition is None:
            return None
        if self.condition.source == "codes":
            seed = random.step_seed(self.seed, update, f"{_STREAMS[network]} codes")
            uniforms = random.uniform(tf.shape(real)[0], [self.condition.factors], seed)
            return self.condition.encode(self.condition.from_uniforms(uniforms))
        if labels is None:
            raise ValueError("Expected batches (examples, labels). Received: no labels")
        return self.condition.encode(labels)

    def generate(self, latents: Tensor, given: Tensor | None) -> Tensor:
        """Samples of latents, under what is given."""
        return self.generator(_beside(latents, given), training=self.training)

    def view(
        self,
        augmentations: Sequence[Augmentation],
        network: Network,
        update: Scalar,
        *,
        d_update: Scalar,
        d_updates: int | None,
    ) -> View:
        """What the discriminator sees in an update of a network; see `View`."""
        return View(
            augmentations,
            network=network,
            seed=self.seed,
            update=update,
            d_update=d_update,
            d_updates=d_updates,
            pack=self.pack,
        )

    def packed(self, examples: Tensor) -> Tensor:
        """Examples as the discriminator is called on them: in packs, if there are any."""
        return packed(examples, self.pack)

    def stand_for_real(
        self, real: Tensor, given: Tensor | None, network: Network, update: Scalar, view: View
    ) -> Tensor:
        """What the objective takes for the real examples of an update."""

        def generate() -> Tensor:
            seed = random.step_seed(self.seed, update, f"{_STREAMS[network]} stand-in latents")
            latents = random.normal(tf.shape(real)[0], [self.latent_dim], seed)
            return tf.stop_gradient(self.generate(latents, given))

        return view.stand_for_real(real, generate)

    def discriminate(self, examples: Tensor, given: Tensor | None) -> Outputs:
        """All outputs by name, of examples or of packs of them."""
        inputs = _beside(examples, given if self.d_takes_condition else None)
        outputs = self.discriminator(inputs, training=self.training)
        return outputs if isinstance(outputs, dict) else {"logits": outputs}

    def discriminate_both(
        self,
        real: Tensor,
        fake: Tensor,
        given: Tensor | None,
        gradients_at: Collection[str] = (),
        view: View | None = None,
    ) -> Discriminated:
        """Outputs for real and for generated examples, and the critic for penalties.

        They share a pass if no layer would mix them, unless gradients at only one are asked for.

        Args:
            real: Real examples.
            fake: As many generated ones.
            given: What both are conditioned on.
            gradients_at: `"real"`, `"fake"` or both, where the critic shall know its gradients.
            view: What the discriminator sees of them; None for the examples as they are.
        """
        view = view or View()
        examples: dict[Side, Tensor] = {"real": real, "fake": fake}
        losses: list[Tensor] = []

        def make_pass(
            x: Tensor, given: Tensor | None, see: Callable[[Tensor], Tensor], differentiate: bool
        ) -> tuple[Outputs, Tensor | None]:
            made = self._pass(x, given, see, differentiate)
            losses.extend(inspection.activity_losses(self.discriminator))
            return made

        if self.joint_pass and len(gradients_at) != 1:
            both = tf.concat([real, tf.cast(fake, real.dtype)], axis=0)
            twice = None if given is None else tf.concat([given, given], axis=0)
            outputs, gradients = make_pass(both, twice, view.of_both, bool(gradients_at))
            halves = {key: tf.split(x, 2) for key, x in outputs.items()}
            found = [{key: half[i] for key, half in halves.items()} for i in range(2)]
            slopes = [None, None] if gradients is None else tf.split(gradients, 2)
        else:
            passes = [
                make_pass(x, given, functools.partial(view.of, side=key), key in gradients_at)
                for key, x in examples.items()
            ]
            found, slopes = zip(*passes, strict=True)
        known = zip(examples.values(), slopes, strict=True)
        gradients = [(x, g) for x, g in known if g is not None]
        critic = self.critic(given, view, examples, gradients)
        return Discriminated(found[0], found[1], critic, losses)

    def critic(
        self,
        given: Tensor | None,
        view: View | None = None,
        examples: Mapping[Side, Tensor] | None = None,
        known: Collection[tuple[Tensor, Tensor]] = (),
    ) -> Critic:
        """The logits under what is given as a function of examples; see `Critic`.

        Args:
            given: What the discriminator is conditioned on.
            view: What it sees of examples; None for these as they are.
            examples: Those of the update. Asked for these very tensors, the critic sees them as
                the loss does; all others have draws of their own.
            known: As for `Critic`.
        """
        view, sides = view or View(), examples or {}

        def discriminate(x: Tensor) -> Outputs:
            found = (side for side, own in sides.items() if own is x)
            side: Side = next(found, "elsewhere")
            return self.discriminate(view.of(x, side), given)

        return Critic(discriminate, known)

    def seen(
        self,
        network: Network,
        update: Scalar,
        *,
        updates: int | None,
        given: Tensor | None,
        **found: Any,
    ) -> Seen:
        """What terms may look at in an update; `found` is what `Seen` has beside these."""
        return Seen(
            network=network,
            update=update,
            updates=updates,
            given=given,
            condition=self.condition,
            seed=self.seed,
            generator=lambda latents: self.packed(self.generate(latents, given)),
            styles=self._styles(given),
            fixed_latents=self.fixed_latents,
            **found,
        )

    def _styles(
        self, given: Tensor | None
    ) -> Callable[[Tensor], tuple[Tensor, Callable[[Tensor], Tensor]]] | None:
        """See `Seen.styles`."""
        parts = split(self.generator)
        if parts is None:
            return None
        mapping, synthesis = parts

        def divide(latents: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
            def synthesize(styles: Tensor) -> Tensor:
                return self.packed(synthesis([styles, latents], training=self.training))

            return mapping(_beside(latents, given), training=self.training), synthesize

        return divide

    def _pass(
        self,
        examples: Tensor,
        given: Tensor | None,
        see: Callable[[Tensor], Tensor],
        differentiate: bool,
    ) -> tuple[Outputs, Tensor | None]:
        if not differentiate:
            return self.discriminate(see(examples), given), None
        return outputs_and_gradients(lambda x: self.discriminate(see(x), given), examples)


def _beside(tensor: Tensor, given: Tensor | None) -> Tensor | list[Tensor]:
    """What a network with or without a second input is called on."""
    return tensor if given is None else [tensor, given]
