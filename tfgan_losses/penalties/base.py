"""What every penalty has in common: it looks at the discriminator as a function of examples."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tfgan_losses import augmentations, random, schedules
from tfgan_losses.penalties.measures import squared_norm
from tfgan_losses.registry import Registry
from tfgan_losses.training.critic import input_gradients
from tfgan_losses.training.terms import Seen, Term
from tfgan_losses.types import Examples, Logits, Scalar, Seed, Tensor

Critic = Callable[[Examples], Logits]


class Penalty(Term):
    """A term of the discriminator's loss that looks at the discriminator as a function.

    A subclass implements `penalize`. In a training loop of one's own a penalty is called.

    Args:
        weight: Factor of the term; the papers' lambda or gamma. A number, or a schedule over the
            updates of the discriminator: `"r1(weight=cosine(start=1, end=0.1))"`.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative or `every` is not a positive integer.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses.penalties import Penalty
        >>> class SquaredOutputs(Penalty):
        ...     def penalize(self, critic, real, fake, seed):
        ...         return tf.square(critic(real))[:, 0]
        >>> real, fake = tf.constant([[2.0]]), tf.constant([[0.0]])
        >>> SquaredOutputs(weight=0.5)(lambda x: x, real, fake).numpy()
        array([2.], dtype=float32)
    """

    per_example = True

    def penalize(self, critic: Critic, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """The unweighted penalty of each example, float32 [batch].

        Args:
            critic: Maps [batch, ...] examples to raw outputs; labels and `training` closed over.
            real: Float32 real examples [batch, ...].
            fake: Float32 generated examples, the same shape.
            seed: Int64 [2], for the draws.
        """
        raise NotImplementedError

    def values(self, seen: Seen) -> Tensor:
        """`penalize` in an update, [batch]."""
        real, fake = _as_pair(seen.real, seen.fake)
        return self.penalize(seen.critic, real, fake, seen.seed_for(self.name))

    def weight_at(self, step: Scalar, real: Tensor) -> Scalar:
        """The weight at a step of a loop of one's own, which has these real examples."""
        return schedules.at(self.weight, step)

    def __call__(
        self,
        critic: Critic,
        real: Examples,
        fake: Examples,
        *,
        seed: Seed | None = None,
        step: Scalar | None = None,
    ) -> Tensor:
        """The weighted penalty of each example, float32 [batch]; its mean belongs in the loss.

        Args:
            critic: Maps [batch, ...] examples to raw outputs; labels and `training` closed over.
            real: Real examples [batch, ...].
            fake: Generated examples, the same shape.
            seed: Int64 [2]; None draws one.
            step: Discriminator updates so far, for `every` and for a weight that changes. None
                evaluates the penalty now, with its first weight.

        Raises:
            ValueError: If the shapes of `real` and `fake` differ.
        """
        real, fake = _as_pair(real, fake)
        seed = random.fresh_seed() if seed is None else seed
        weight = self.weight_at(0 if step is None else step, real)
        if step is None or self.every == 1:
            return weight * self.penalize(critic, real, fake, seed)
        return tf.cond(
            self.is_due(step),
            lambda: self.every * weight * self.penalize(critic, real, fake, seed),
            lambda: tf.zeros(tf.shape(real)[:1]),
        )


def _as_pair(real: Examples, fake: Examples) -> tuple[Tensor, Tensor]:
    real, fake = (tf.cast(tf.convert_to_tensor(x), tf.float32) for x in (real, fake))
    if not real.shape.is_compatible_with(fake.shape):
        raise ValueError(
            "Expected real and fake of the same shape. "
            f"Received: real.shape={real.shape}, fake.shape={fake.shape}"
        )
    return real, fake


class GradientNormPenalty(Penalty):
    """A function of the norm of dD/dx at some points: where, and which function.

    A subclass says `points` and `measure`, and `squared_norms` if it takes the norm otherwise.
    """

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """Where the gradient is taken, [batch, ...]."""
        raise NotImplementedError

    def measure(self, squared_norms: Tensor) -> Tensor:
        """The penalty for each squared gradient norm, [batch] -> [batch]."""
        raise NotImplementedError

    def squared_norms(self, gradients: Tensor) -> Tensor:
        """What `measure` is told of the gradients: [batch, ...] -> [batch]."""
        return squared_norm(gradients)

    def penalize(self, critic: Critic, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """`measure` of the squared gradient norms at `points`, [batch]."""
        gradients = input_gradients(critic, self.points(real, fake, seed))
        return self.measure(self.squared_norms(gradients))


# Here, after the class that all its entries are instances of.
registry = Registry("penalty", base=Term, options=(schedules.registry, augmentations.registry))
