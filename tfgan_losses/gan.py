"""One Keras model that trains any generator against any discriminator with any of the losses."""

from __future__ import annotations

import functools
import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import checks, random
from tfgan_losses.exponential_moving_average import average_of, update_average
from tfgan_losses.export import write_saved_model
from tfgan_losses.objective import Objective
from tfgan_losses.optimizers import build_pair


@keras.saving.register_keras_serializable("tfgan_losses")
class GAN(keras.Model):
    """A generator and a discriminator, trained against each other by `fit`.

    One step is one update of the generator. A batch of `fit` holds `d_steps` parts, so that every
    discriminator update before it sees other real examples. Batches are examples
    [d_steps * batch, ...], or pairs (examples, labels) of which an unconditional GAN ignores the
    labels.

    Args:
        generator: Maps latents [batch, latent_dim] to examples [batch, ...].
        discriminator: Maps examples to raw outputs, higher = more real; no sigmoid.
        latent_dim: Number of standard normal latent variables.
        d_steps: Discriminator updates for each generator update.
        ema_decay: Decay of an exponential moving average of the generator's variables and
            BatchNormalization statistics, in (0, 1); then `generate` and the export use the
            average. None keeps none.
        seed: Determines every draw of the training. None picks one, which is saved.

    Attributes:
        step: Generator updates done, an int64 variable.
        ema_generator: The averaged generator, or None.

    Raises:
        ValueError: If latents, examples and networks do not fit, the discriminator ends in a
            sigmoid or softmax, or an argument is out of range.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        latent_dim: int,
        d_steps: int = 1,
        ema_decay: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        checks.check_arguments(latent_dim=latent_dim, d_steps=d_steps, ema_decay=ema_decay)
        self.example_shape = checks.check_networks(generator, discriminator, latent_dim)
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim, self.d_steps, self.ema_decay = latent_dim, d_steps, ema_decay
        self.seed = int.from_bytes(os.urandom(4), "little") if seed is None else int(seed)
        self.ema_generator = None if ema_decay is None else average_of(generator)
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self._joint_pass = checks.treats_examples_alone(discriminator)
        # Built here, so that fit never calls the model on real examples to find out its shapes.
        self.built = True

    @property
    def sampler(self) -> keras.Model:
        """The generator to draw samples with: the average if one is kept."""
        return self.generator if self.ema_generator is None else self.ema_generator

    def compile(
        self,
        loss: Any = None,
        *,
        d_loss: Any = None,
        g_loss: Any = None,
        penalties: Any = (),
        constraint: Any = None,
        g_optimizer: Any = None,
        d_optimizer: Any = None,
        jit_compile: bool = False,
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
    ) -> None:
        """Chooses the objective.

        Args:
            loss: A name (`"wasserstein"`), a spec (`"hinge(margin=0.5)"`), an `AdversarialLoss`,
                or a `keras.losses.Loss` of raw outputs, called with 1 for real and 0 for
                generated. `tfgan_losses.losses.names()` lists the names.
            d_loss: The discriminator's loss if it is not that of `loss`; with `g_loss` it takes
                the place of `loss`.
            g_loss: The generator's loss if it is not that of `loss`.
            penalties: Names, specs or `Penalty` objects to add to the discriminator's loss.
            constraint: Name, spec or callable, applied to the discriminator's trainable variables
                after each of its updates.
            g_optimizer: A Keras optimiser or its name. Default: Adam(2e-4, beta_1=0.5).
            d_optimizer: Another one for the discriminator.
            jit_compile: See `keras.Model.compile`.
            steps_per_execution: See `keras.Model.compile`.
            run_eagerly: See `keras.Model.compile`.

        Raises:
            ValueError: If a name or option is unknown, a loss is missing, or one optimiser is
                given for both networks.
        """
        # Not tf.distribute.get_strategy(): compile and fit may be called outside of the scope.
        replicas = self.distribute_strategy.num_replicas_in_sync
        checks.check_replicas(jit_compile, steps_per_execution, replicas)
        optimizers = build_pair(self.generator, g_optimizer, self.discriminator, d_optimizer)
        self.objective = Objective(
            loss, d_loss=d_loss, g_loss=g_loss, penalties=penalties, constraint=constraint
        )
        checks.warn_of_mixed_examples(self.discriminator, self.objective.penalties)
        # optimizer=None: Keras would make an RMSprop over all variables of both networks.
        super().compile(
            optimizer=None,
            jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
            run_eagerly=run_eagerly,
        )
        self.g_optimizer, self.d_optimizer = optimizers
        self._means = {key: keras.metrics.Mean(key) for key in self.objective.report_keys}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Running means of what `train_step` reports."""
        return list(self._means.values()) if self.compiled else []

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any
    ) -> Any:
        """Trains; see `keras.Model.fit`. `batch_size` counts d_steps * examples per update.

        Raises:
            ValueError: If the examples do not have the shape that the networks have, or the batch
                size is not divisible by `d_steps` (and the number of replicas).
        """
        replicas = self.distribute_strategy.num_replicas_in_sync
        checks.check_training_data(x, batch_size, self.example_shape, self.d_steps, replicas)
        # Keras warns of shuffle=True, its own default, for data sets that it cannot shuffle.
        kwargs.setdefault("shuffle", not isinstance(x, tf.data.Dataset))
        return super().fit(x, y, batch_size=batch_size, **kwargs)

    def train_step(self, data: Any) -> dict[str, Any]:
        """`d_steps` updates of the discriminator, one of the generator, one of the average."""
        examples = keras.utils.unpack_x_y_sample_weight(data)[0]
        report = self.train_discriminator(examples, self.step * self.d_steps)
        report |= self._generator_step(self._part_of(examples, 0))
        if self.ema_generator is not None:
            update_average(self.ema_generator, self.generator, self.step, self.ema_decay)
        self.step.assign_add(1)
        report["w_distance"] = report["d_real"] - report["d_fake"]
        for key, mean in self._means.items():
            mean.update_state(report[key])
        return {key: mean.result() for key, mean in self._means.items()}

    def train_discriminator(self, examples: Any, update: Any) -> dict[str, tf.Tensor]:
        """`d_steps` updates of the discriminator alone; wrap it in a `tf.function`.

        Args:
            examples: A batch as for `fit`, without labels.
            update: Number of the first of them, an int64 tensor, for its random draws. `fit` has
                those from `step * d_steps` on.

        Returns:
            What to report of them, means over the updates.
        """
        reports = []
        for part in range(self.d_steps):
            reports.append(self._discriminator_step(self._part_of(examples, part), update + part))
        return {key: tf.add_n([r[key] for r in reports]) / self.d_steps for key in reports[0]}

    def _part_of(self, examples: tf.Tensor, part: int) -> tf.Tensor:
        """Every d_steps-th example, so that the parts do not depend on the number of replicas.

        A last batch that cannot be divided starts again from its first example, so that all parts
        have one size and none is empty.
        """
        examples = tf.cast(examples, tf.float32)
        if self.d_steps == 1:
            return examples
        size = tf.shape(examples)[0]
        rounded_up = (size + self.d_steps - 1) // self.d_steps * self.d_steps
        return tf.gather(examples, tf.range(part, rounded_up, self.d_steps) % size)

    def _discriminator_step(self, real: tf.Tensor, update: Any) -> dict[str, tf.Tensor]:
        fake = self.generator(self._latents(real, "critic latents", update), training=True)
        critic = functools.partial(self.discriminator, training=True)
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            total, report = self.objective.discriminator_total(
                self._logits(real, fake), critic, real, fake, seed=self.seed, update=update
            )
            scaled = self.d_optimizer.scale_loss(total)
        self.d_optimizer.apply(tape.gradient(scaled, variables), variables)
        if self.objective.constraint is not None:
            self.objective.constraint(variables)
        return report

    def _generator_step(self, real: tf.Tensor) -> dict[str, tf.Tensor]:
        latents = self._latents(real, "generator latents", self.step)
        variables = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            fake = self.generator(latents, training=True)
            if self.objective.g_loss.needs_real:
                logits = self._logits(real, fake)
            else:
                # The loss ignores the first of the two.
                logits = (self.discriminator(fake, training=True),) * 2
            total, report = self.objective.generator_total(logits)
            scaled = self.g_optimizer.scale_loss(total)
        self.g_optimizer.apply(tape.gradient(scaled, variables), variables)
        return report

    def _logits(self, real: tf.Tensor, fake: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Raw outputs for both, in one pass if no layer would mix real with generated."""
        if not self._joint_pass:
            return self.discriminator(real, training=True), self.discriminator(fake, training=True)
        both = tf.concat([real, tf.cast(fake, real.dtype)], axis=0)
        return tuple(tf.split(self.discriminator(both, training=True), 2))

    def _latents(self, real: tf.Tensor, purpose: str, draw: Any) -> tf.Tensor:
        seed = random.step_seed(self.seed, draw, purpose)
        return random.normal(tf.shape(real)[0], [self.latent_dim], seed)

    def call(self, latents: Any, training: bool = False) -> tf.Tensor:
        """Samples for latents [batch, latent_dim], float32, as `generate` makes them."""
        return tf.cast(self.sampler(latents, training=training), tf.float32)

    @functools.cached_property
    def _draw(self) -> Any:
        latents = tf.TensorSpec([None, self.latent_dim], tf.float32)
        return tf.function(self.call).get_concrete_function(latents)

    def generate(self, count: int, *, seed: int = 0, batch_size: int = 256) -> np.ndarray:
        """Draws samples.

        Args:
            count: How many.
            seed: Determines the latents; the same seed gives the same latents at every step.
            batch_size: How many to make at a time.

        Returns:
            Float32 array [count, ...], images in [-1, 1].

        Raises:
            ValueError: If count is not positive.
        """
        if count < 1:
            raise ValueError(f"Expected count >= 1. Received: count={count}")
        latents = random.sample_latents(count, self.latent_dim, seed)
        starts = range(0, count, batch_size)
        return np.concatenate([self._draw(latents[i : i + batch_size]) for i in starts])

    def export_generator(self, path: str | os.PathLike) -> None:
        """Writes the generator as a SavedModel that needs only TensorFlow to be used.

        It has the signatures `serving_default` (latents [batch, latent_dim] -> samples) and
        `sample` (count, seed -> samples, those of `generate`), in inference mode, with the
        averaged weights if an average is kept.
        """
        write_saved_model(self.sampler, self.latent_dim, path)

    def get_config(self) -> dict[str, Any]:
        """The networks and arguments that make an equal GAN."""
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "latent_dim": self.latent_dim,
            "d_steps": self.d_steps,
            "ema_decay": self.ema_decay,
            "seed": self.seed,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> GAN:
        """The GAN that `get_config` describes."""
        networks = {
            key: keras.saving.deserialize_keras_object(config[key], custom_objects=custom_objects)
            for key in ("generator", "discriminator")
        }
        return cls(**{**config, **networks})

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`."""
        if not self.compiled:
            return {}
        return {
            **self.objective.get_config(),
            "g_optimizer": keras.saving.serialize_keras_object(self.g_optimizer),
            "d_optimizer": keras.saving.serialize_keras_object(self.d_optimizer),
            "jit_compile": self.jit_compile,
            "steps_per_execution": self.steps_per_execution,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` says."""
        if config:
            self.compile(**keras.saving.deserialize_keras_object(config))
