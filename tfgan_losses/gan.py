"""One Keras model that trains any generator against any discriminator with any of the losses."""

from __future__ import annotations

import functools
import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import conditioning, replicas, schedules, workers
from tfgan_losses.export import write_saved_model
from tfgan_losses.sampling import generator_inputs, row_inputs
from tfgan_losses.training import checks, data_checks
from tfgan_losses.training.exponential_moving_average import average_of, update_average
from tfgan_losses.training.objective import Objective
from tfgan_losses.training.optimizers import build_pair
from tfgan_losses.training.pair import Pair
from tfgan_losses.training.updates import part_of, update_discriminator, update_generator

# What the running means are called in a file.
_OF_A_MEAN = "mean_of_"


@keras.saving.register_keras_serializable("tfgan_losses")
class GAN(keras.Model):
    """A generator and a discriminator, trained against each other by `fit`.

    One step is one update of the generator. A batch of `fit` holds `d_steps` parts, so that every
    discriminator update before it sees other real examples. Batches are examples
    [d_steps * batch, ...], or pairs (examples, labels) of which an unconditional GAN ignores the
    labels; labels are integers [n] or one-hot vectors.

    Args:
        generator: Maps latents [batch, latent_dim] to examples [batch, ...]; under a condition,
            a list of latents and of vectors [batch, condition.size].
        discriminator: Maps examples, or a list of examples and of such vectors, to raw outputs,
            higher = more real; no sigmoid. A functional model with more outputs than these names
            them: {"logits": ..., "classes": ...}.
        latent_dim: Number of standard normal latent variables.
        condition: What the generator is told beside the latents: `"labels(num_classes=10)"` of the
            data, `"codes(categorical=(10,), continuous=2)"` that are drawn, or None.
        d_steps: Discriminator updates for each generator update.
        ema_decay: Decay of an exponential moving average of the generator's variables and
            BatchNormalization statistics, in (0, 1) or a schedule of the step; then `generate` and
            the export use the average. None keeps none.
        seed: Determines every draw of the training. None picks one, which is saved; several
            workers must be given the same.

    Attributes:
        step: Generator updates done, an int64 variable.
        pair: Both networks as functions of a batch; see `Pair`.
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
        condition: Any = None,
        d_steps: int = 1,
        ema_decay: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        ema_decay = None if ema_decay is None else schedules.get(ema_decay, name="ema_decay")
        workers.check_seed(seed)
        checks.check_arguments(latent_dim=latent_dim, d_steps=d_steps, ema_decay=ema_decay)
        self.condition = conditioning.get(condition)
        self.example_shape = checks.check_networks(
            generator, discriminator, latent_dim, self.condition
        )
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim, self.d_steps, self.ema_decay = latent_dim, d_steps, ema_decay
        self.accumulate = 1
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
        self.pair = Pair(
            generator,
            discriminator,
            latent_dim=latent_dim,
            condition=self.condition,
            seed=self.seed,
        )
        # Built here, so that fit never calls the model on real examples to find out its shapes.
        self.built = True

    @property
    def division(self) -> dict[str, int]:
        """What a batch of `fit` is divided by."""
        return {
            "d_steps": self.d_steps,
            "accumulate": self.accumulate,
            "replicas": self.distribute_strategy.num_replicas_in_sync,
        }

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
        auxiliary: Any = (),
        constraint: Any = None,
        g_optimizer: Any = None,
        d_optimizer: Any = None,
        accumulate: int = 1,
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
            auxiliary: Names, specs or `Auxiliary` objects to add to both losses, such as
                `"classification"` for the classes of labels.
            constraint: Name, spec or callable, applied to the discriminator's trainable variables
                after each of its updates.
            g_optimizer: A Keras optimiser or its name. Default: Adam(2e-4, beta_1=0.5).
            d_optimizer: Another one for the discriminator.
            accumulate: So many equal parts of the batch of an update go through the networks one
                after the other, and the mean of their gradients makes the update: the memory of a
                part, the update of the whole. Batch statistics are those of a part.
            jit_compile: See `keras.Model.compile`.
            steps_per_execution: See `keras.Model.compile`.
            run_eagerly: See `keras.Model.compile`.

        Raises:
            ValueError: If a name or option is unknown, a loss is missing, one optimiser is given
                for both networks, or a loss needs what networks or condition do not give, or
                looks at the batch as a whole while `accumulate` divides it.
        """
        # Not tf.distribute.get_strategy(): compile and fit may be called outside of the scope.
        count = self.distribute_strategy.num_replicas_in_sync
        checks.check_replicas(jit_compile, steps_per_execution, count)
        optimizers = build_pair(self.generator, g_optimizer, self.discriminator, d_optimizer)
        # The state of a loss must be one value for all replicas.
        with self.distribute_strategy.scope():
            objective = Objective(
                loss,
                d_loss=d_loss,
                g_loss=g_loss,
                penalties=penalties,
                auxiliary=auxiliary,
                constraint=constraint,
                condition=self.condition,
            )
        checks.check_objective(objective, self.discriminator, self.condition)
        checks.check_division(objective, accumulate, count)
        self._take_over(objective)
        checks.warn_of_mixed_examples(self.discriminator, self.objective.penalties)
        # optimizer=None: Keras would make an RMSprop over all variables of both networks.
        super().compile(
            optimizer=None,
            jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
            run_eagerly=run_eagerly,
        )
        self.g_optimizer, self.d_optimizer = optimizers
        self.accumulate = accumulate
        with self.distribute_strategy.scope():
            self._means = {key: replicas.Mean(key) for key in self.objective.report_keys}

    def _take_over(self, objective: Objective) -> None:
        """Tracks the state of a loss, so that it is saved, and forgets that of the one before."""
        for variable in self.objective.variables if self.compiled else ():
            self._untrack_variable(variable)
        self.objective = objective
        self._state = objective.variables

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Running means of what `train_step` reports."""
        return list(self._means.values()) if self.compiled else []

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any
    ) -> Any:
        """Trains; see `keras.Model.fit`. `batch_size` counts d_steps * examples per update.

        Raises:
            ValueError: If the examples do not have the shape that the networks have, labels are
                missing, or the batch size is not divisible by `d_steps` (and by
                `accumulate`, and the number of replicas).
        """
        data_checks.check_training_data(
            x,
            batch_size,
            self.example_shape,
            y=y,
            condition=self.condition,
            **self.division,
        )
        # Keras warns of shuffle=True, its own default, for data sets that it cannot shuffle.
        kwargs.setdefault("shuffle", not isinstance(x, tf.data.Dataset))
        return super().fit(x, y, batch_size=batch_size, **kwargs)

    def _maybe_symbolic_build(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: everything is built. Keras would call the model on examples of all replicas."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """`d_steps` updates of the discriminator, one of the generator, one of the average."""
        examples, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        report = self.train_discriminator(examples, labels, update=self.step * self.d_steps)
        report |= update_generator(self, *self._part_of(examples, labels, 0))
        if self.ema_generator is not None:
            update_average(self.ema_generator, self.generator, self.step, self.ema_decay)
        report = replicas.global_means(report)
        report |= self.objective.end_step(report["d_real"], report["g_fake"])
        self.step.assign_add(1)
        report["w_distance"] = report["d_real"] - report["d_fake"]
        for key, mean in self._means.items():
            mean.update_state(report[key])
        shape = workers.log_shape()
        return {key: tf.reshape(mean.result(), shape) for key, mean in self._means.items()}

    def train_discriminator(
        self, examples: Any, labels: Any = None, *, update: Any
    ) -> dict[str, tf.Tensor]:
        """`d_steps` updates of the discriminator alone; wrap it in a `tf.function`.

        Args:
            examples: A batch as for `fit`.
            labels: Its labels, if the GAN is conditioned on them.
            update: Number of the first of them, an int64 tensor, for its random draws. `fit` has
                those from `step * d_steps` on.

        Returns:
            What to report of them, means over the updates.
        """
        step = functools.partial(update_discriminator, self)
        if self.d_steps > 1 and not (tf.executing_eagerly() or tf.distribute.has_strategy()):
            # Traced once, not d_steps times. Optimisers under a strategy refuse such functions.
            step = tf.function(step, autograph=False)
        reports = []
        for part in range(self.d_steps):
            real, own_labels = self._part_of(examples, labels, part)
            reports.append(step(real, own_labels, update + part))
        return {key: tf.add_n([r[key] for r in reports]) / self.d_steps for key in reports[0]}

    def _part_of(self, examples: tf.Tensor, labels: Any, part: int) -> tuple[tf.Tensor, Any]:
        return part_of(examples, labels, part, d_steps=self.d_steps, accumulate=self.accumulate)

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """Samples, float32, for latents [batch, latent_dim], as `generate` makes them.

        Under a condition, for a list of latents and encoded labels or codes.
        """
        return tf.cast(self.sampler(inputs, training=training), tf.float32)

    @functools.cached_property
    def _draw(self) -> Any:
        widths = [self.latent_dim] + ([self.condition.size] if self.condition else [])
        specs = [tf.TensorSpec([None, width], tf.float32) for width in widths]
        signature = [specs if self.condition else specs[0]]
        return tf.function(lambda inputs: self.call(inputs), input_signature=signature)

    def generate(
        self,
        count: int,
        *,
        seed: int = 0,
        labels: Any = None,
        codes: Any = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draws samples.

        Args:
            count: How many.
            seed: Determines the latents; the same seed gives the same latents at every step.
            labels: Classes of the samples, integers [count] or one-hot [count, num_classes], or
                one integer for all. Drawn evenly if None. Only for a GAN with such a condition.
            codes: Codes of the samples, [count, factors]: a column for each code, with the index
                of a class or a number in [-1, 1]; or one row for all. Drawn if None.
            batch_size: How many to make at a time.

        Returns:
            Float32 array [count, ...], images in [-1, 1].

        Raises:
            ValueError: If count is not positive, or labels or codes do not fit the condition.
        """
        if count < 1:
            raise ValueError(f"Expected count >= 1. Received: count={count}")
        values = data_checks.check_values(self.condition, count, labels=labels, codes=codes)
        inputs = generator_inputs(count, self.latent_dim, self.condition, seed, values)
        return self._in_batches(inputs, batch_size)

    def generate_rows(self, columns: int, *, seed: int = 0) -> np.ndarray:
        """Samples for a picture with one class, or one value of the first code, in each row.

        Args:
            columns: Samples per row; those of a column have the same latents.
            seed: Determines the latents.

        Returns:
            Float32 array [condition.rows * columns, ...].

        Raises:
            ValueError: If the GAN has no condition.
        """
        if self.condition is None:
            raise ValueError("Expected a GAN with a condition. Received: condition=None")
        return self._in_batches(row_inputs(columns, self.latent_dim, self.condition, seed), 256)

    def _in_batches(self, inputs: Any, batch_size: int) -> np.ndarray:
        count = len(tf.nest.flatten(inputs)[0])
        parts = [slice(start, start + batch_size) for start in range(0, count, batch_size)]
        return np.concatenate(
            [self._draw(tf.nest.map_structure(lambda x, p=part: x[p], inputs)) for part in parts]
        )

    def export_generator(self, path: str | os.PathLike) -> None:
        """Writes the generator as a SavedModel that needs only TensorFlow to be used.

        It has the signatures `serving_default` (latents [batch, latent_dim] -> samples) and
        `sample` (count, seed -> samples, those of `generate`), in inference mode, with the
        averaged weights if an average is kept. Under a condition, `serving_default` takes labels
        or codes, too, and `sample` may be given them.
        """
        write_saved_model(self.sampler, self.latent_dim, self.condition, path)

    def save_own_variables(self, store: Any) -> None:
        """Saves the step, the state of the loss, and the running means of a row begun.

        Keras saves no metrics; without them, a resumed run would report other means.
        """
        super().save_own_variables(store)
        for key, variable in self._variables_of_means():
            store[key] = variable

    def load_own_variables(self, store: Any) -> None:
        """Loads what `save_own_variables` saved; means that another objective had are left out."""
        means = dict(self._variables_of_means())
        others = [key for key in store.keys() if not key.startswith(_OF_A_MEAN)]  # noqa: SIM118
        super().load_own_variables({key: store[key] for key in others})
        self.reset_metrics()
        for key in means.keys() & set(store.keys()):
            means[key].assign(store[key])

    def _variables_of_means(self) -> list[tuple[str, keras.Variable]]:
        return [
            (f"{_OF_A_MEAN}{mean.name}_{variable.name}", variable)
            for mean in self.metrics
            for variable in mean.variables
        ]

    def get_config(self) -> dict[str, Any]:
        """The networks and arguments that make an equal GAN."""
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "latent_dim": self.latent_dim,
            "condition": conditioning.serialize(self.condition),
            "d_steps": self.d_steps,
            "ema_decay": schedules.serialize(self.ema_decay),
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
            "accumulate": self.accumulate,
            "jit_compile": self.jit_compile,
            "steps_per_execution": self.steps_per_execution,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` says."""
        if config:
            self.compile(**keras.saving.deserialize_keras_object(config))
