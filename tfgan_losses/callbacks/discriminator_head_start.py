"""More discriminator updates where the generator would learn from an untrained one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.training.checks import check_positive
from tfgan_losses.types import Logs

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source


class DiscriminatorHeadStart(StepCallback):
    """Trains the discriminator alone before some steps, as the script of WGAN does.

    Before each of the `first` steps, and before every `every`-th, the discriminator
    is updated until it has had `updates` of them, on real examples of its own. They are functions
    of the step, so a resumed run sees the same ones. `GAN.d_updates` counts them, and so do the
    schedules of the discriminator: `compile(d_updates=...)` takes what `count_updates` says.

    Args:
        source: Real data: has `batches(batch_size, seed=..., start=...)`.
        batch_size: Real examples for each update.
        updates: Discriminator updates, those of the step itself included.
        first: How many steps get a head start at the beginning.
        every: And every so many get one later.

    Raises:
        ValueError: If a number is not an integer >= 1; in training, under several replicas.

    References:
        Arjovsky et al., 2017, Wasserstein GAN; 100, 25 and 500 are those of the authors' script.
    """

    def __init__(
        self,
        source: Source,
        batch_size: int,
        *,
        updates: int = 100,
        first: int = 25,
        every: int = 500,
    ):
        super().__init__()
        check_positive(batch_size=batch_size, updates=updates, first=first, every=every)
        self.source, self.batch_size = source, batch_size
        self.updates, self.first, self.every = updates, first, every

    def count_updates(self, steps: int, d_steps: int) -> int:
        """Returns the discriminator updates of a run, those of its steps included.

        Args:
            steps: Steps of the run, from 0 on.
            d_steps: Discriminator updates in each of them.
        """
        begun = sum(self._is_begun_with(step) for step in range(steps))
        return steps * d_steps + begun * self._batches(d_steps) * d_steps

    def _is_begun_with(self, step: int) -> bool:
        return step < self.first or step % self.every == 0

    def _batches(self, d_steps: int) -> int:
        """Returns the batches of one head start, of `d_steps` updates each."""
        return max(self.updates - d_steps, 0) // d_steps

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Prepares the updates of this model."""
        super().on_train_begin(logs)
        replicas = self.model.distribute_strategy.num_replicas_in_sync
        if replicas > 1:
            raise ValueError(
                "Expected one device for a head start of the discriminator. "
                f"Received: a strategy of {replicas} replicas"
            )
        self._update = tf.function(self.model.train_discriminator, reduce_retracing=True)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Trains the discriminator if this step is one of those."""
        if self._is_begun_with(self.step):
            self._train_discriminator()

    def steps_until_due(self) -> float:
        """Returns the steps to the next that begins with a head start."""
        return 1 if self.step + 1 < self.first else self.steps_until(self.every)

    def _train_discriminator(self) -> None:
        gan = self.model
        batches = self._batches(gan.d_steps)
        # Another order than the run's own, which is that of gan.seed.
        data = self.source.batches(
            self.batch_size * gan.d_steps, seed=gan.seed + 1, start=self.step * batches
        )
        for batch in gan.looked_at(data.take(batches)):
            self._update(*gan.unpack(batch))
