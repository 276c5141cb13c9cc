"""One Keras model that trains any generator against any discriminator with any of the losses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import (
    augmentations as augmentations_lib,
    auxiliary as auxiliary_objectives,
    conditioning,
    gan_types,
    losses,
    penalties as penalty_terms,
    random,
    regularizers,
    replicas,
    schedules,
    workers,
)
from tfgan_losses.conditioning import Condition
from tfgan_losses.models import of_recipes
from tfgan_losses.models.freezing import freeze_blocks
from tfgan_losses.registry import Identifier
from tfgan_losses.sampling_model import SamplingModel
from tfgan_losses.training import checks, packing
from tfgan_losses.training.evaluation import evaluate_batch
from tfgan_losses.training.exponential_moving_average import average_of, update_average
from tfgan_losses.training.objective import Objective
from tfgan_losses.training.optimizers import build_pair
from tfgan_losses.training.pair import Pair
from tfgan_losses.training.repetition import mean_over_updates
from tfgan_losses.training.reported_numbers import numbers_of
from tfgan_losses.training.updates import part_of, update_discriminator, update_generator
from tfgan_losses.types import Report, Scalar, Tensor


@keras.saving.register_keras_serializable("tfgan_losses")
class GAN(SamplingModel):
    """A generator and a discriminator, trained against each other by `fit`.

    One step is `d_steps` updates of the discriminator and, after them, `g_steps` of the generator,
    one by default. A batch of `fit` holds `d_steps` parts, so that every discriminator update sees
    other real examples; the generator's look at the same parts again, from the first on, where a
    loss or a label asks for real examples. Batches are examples
    [d_steps * batch, ...], or pairs (examples, labels) of which an unconditional GAN ignores the
    labels; labels are integers [n] or one-hot vectors, as `conditioning.Labels` describes them.

    Args:
        generator: Maps latents [batch, latent_dim] to examples [batch, ...]; under a condition,
            a list of latents and of vectors [batch, condition.size].
        discriminator: Maps examples, or a list of examples and of such vectors, to raw outputs,
            higher = more real; no sigmoid. A functional model with more outputs than these names
            them: {"logits": ..., "classes": ...}.
        latent_dim: Number of standard normal latent variables.
        condition: What the generator is told beside the latents: `"labels(num_classes=10)"` of the
            data, `"codes(categorical=(10,), continuous=2)"` that are drawn, or None.
        ema_decay: Decay of an exponential moving average of the generator's variables and
            BatchNormalization statistics, in (0, 1) or a schedule of the step; then `generate` and
            the export use the average. None keeps none.
        seed: Determines every draw of the training. None picks one, which is saved; several
            workers must be given the same.
        pack: The discriminator sees so many examples of one kind as one, side by side along their
            last axis: [batch / pack, ..., pack * channels] (PacGAN). Not with labels of examples.

    Attributes:
        step: Steps done, an int64 variable.
        d_updates: Discriminator updates done, those of a head start included; int64.
        g_updates: Generator updates done, `g_steps` times `step`.
        pair: Both networks as functions of a batch; see `Pair`.
        ema_generator: The averaged generator, or None.

    Raises:
        ValueError: If latents, examples and networks do not fit, the discriminator ends in a
            sigmoid or softmax, or an argument is out of range.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import GAN
        >>> gan = GAN.from_recipe("wgan-gp", example_shape=(2,), latent_dim=4, width=8, seed=0)
        >>> points = np.random.default_rng(0).normal(size=[320, 2]).astype("float32")
        >>> history = gan.fit(points, batch_size=160, verbose=0)  # d_steps=5: parts of 32.
        >>> int(gan.step), int(gan.d_updates)
        (2, 10)
        >>> gan.generate(3).shape
        (3, 2)
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        latent_dim: int,
        condition: Identifier = None,
        ema_decay: schedules.Number | str | None = None,
        seed: int | None = None,
        pack: int = 1,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        ema_decay = None if ema_decay is None else schedules.get(ema_decay, name="ema_decay")
        workers.check_seed(seed)
        checks.check_arguments(latent_dim=latent_dim, ema_decay=ema_decay)
        self.condition: Condition | None = conditioning.get(condition)
        checks.check_positive(pack=pack)
        replicas.check_built_here(generator=generator, discriminator=discriminator)
        packing.check_discriminator(discriminator, pack)
        self.example_shape = checks.check_networks(
            generator, discriminator, latent_dim, self.condition, pack
        )
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim, self.ema_decay = latent_dim, ema_decay
        self.d_steps, self.g_steps, self.accumulate, self.pack = 1, 1, 1, pack
        self.seed = int.from_bytes(os.urandom(4), "little") if seed is None else int(seed)
        self.ema_generator = None if ema_decay is None else average_of(generator)
        self.step, self.d_updates = self._counter("step"), self._counter("d_updates")
        self.pair = self._pair_of(generator)
        self.evaluation_pair = self._pair_of(self.sampler, training=False)
        # Built here, so that fit never calls the model on real examples to find out its shapes.
        self.built = True

    def _counter(self, name: str) -> keras.Variable:
        return self.add_weight(
            name=name,
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def _pair_of(self, generator: keras.Model, *, training: bool = True) -> Pair:
        return Pair(
            generator,
            self.discriminator,
            latent_dim=self.latent_dim,
            condition=self.condition,
            seed=self.seed if training else random.derived_seed(self.seed, "evaluation"),
            fixed_seed=self.seed,
            training=training,
            pack=self.pack,
        )

    @classmethod
    def from_recipe(
        cls,
        recipe: str | gan_types.GANType,
        example_shape: tuple[int, ...],
        *,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        steps: int | None = None,
        latent_dim: int = 128,
        model: str | None = None,
        width: int | None = None,
        g_normalization: str | None = None,
        d_normalization: str | None = None,
        freeze_d: int = 0,
        g_regularizer: Identifier = None,
        d_regularizer: Identifier = None,
        seed: int | None = None,
        pack: int = 1,
        **compile_arguments: Any,
    ) -> GAN:
        """The compiled GAN of a recipe: networks, condition, average, objective, optimisers.

        What a recipe has can be changed in it first:
        `dataclasses.replace(gan_types.get("hinge"), d_steps=2, ema_decay=0.99)`.

        Args:
            recipe: A `gan_types` name, or a recipe.
            example_shape: (height, width, channels) of images, or (features,) of points.
            num_classes: Classes of the data; None if it has no labels.
            class_names: What they are called, in the order of their numbers, for
                `generate(labels="cat")` and the export.
            steps: Steps of the whole run. Needed where the recipe has schedules.
            latent_dim: Number of latent variables.
            model: Family of networks, `models.names()`; None for what suits recipe and data.
            width: Scale of the numbers of units or channels; None for the family's own.
            g_normalization: Normalisation in the generator; None for what suits recipe and data.
            d_normalization: The same in the discriminator.
            freeze_d: So many blocks of the discriminator, from the image on, stay as they are; see
                `models.freeze_blocks`.
            g_regularizer: Regulariser of the generator's kernels, such as `"orthogonal"`; see
                `regularizers.apply`. None for the recipe's, `""` for none.
            d_regularizer: The same of the discriminator's.
            seed: See `GAN`.
            pack: Likewise; the discriminator is made for it.
            **compile_arguments: Of `compile`, instead of the recipe's.

        Raises:
            ValueError: If the recipe is unknown, labels or steps are needed and missing, the
                networks cannot make such examples, or have fewer blocks to freeze.
        """
        recipe = gan_types.get(recipe) if isinstance(recipe, str) else recipe
        condition = recipe.make_condition(num_classes, class_names)
        of_recipe = {
            **recipe.compile_arguments(steps),
            "augmentation": recipe.augmentation_of(example_shape),
        }
        arguments = {**of_recipe, **compile_arguments}
        if isinstance(arguments["auxiliary"], Iterator):
            arguments["auxiliary"] = list(arguments["auxiliary"])
        networks = of_recipes.build_networks(
            recipe,
            example_shape,
            condition=condition,
            latent_dim=latent_dim,
            model=model,
            width=width,
            g_normalization=g_normalization,
            d_normalization=d_normalization,
            outputs=auxiliary_objectives.outputs_of(arguments["auxiliary"]),
            pack=pack,
        )
        freeze_blocks(networks[1], freeze_d)
        of_kernels = (
            recipe.g_regularizer if g_regularizer is None else g_regularizer,
            recipe.d_regularizer if d_regularizer is None else d_regularizer,
        )
        for network, regularizer in zip(networks, of_kernels, strict=True):
            if regularizer not in (None, ""):
                regularizers.apply(network, regularizer)
        gan = cls(
            *networks,
            latent_dim=latent_dim,
            condition=condition,
            ema_decay=schedules.get(recipe.ema_decay) or None,
            seed=seed,
            pack=pack,
        )
        gan.compile(**arguments)
        return gan

    def compile(
        self,
        loss: Identifier = None,
        *,
        d_loss: Identifier = None,
        g_loss: Identifier = None,
        penalties: Iterable[Identifier] | Identifier = (),
        auxiliary: Iterable[Identifier] | Identifier = (),
        augmentation: Iterable[Identifier] | Identifier = (),
        constraint: Identifier = None,
        top_k: schedules.Number | str = 1.0,
        label_flipping: schedules.Number | str = 0.0,
        d_steps: int = 1,
        g_steps: int = 1,
        g_optimizer: Identifier = None,
        d_optimizer: Identifier = None,
        metrics: Iterable[Identifier] = (),
        steps: int | None = None,
        d_updates: int | None = None,
        accumulate: int = 1,
        jit_compile: bool | str = "auto",
        steps_per_execution: int | str = "auto",
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
            augmentation: Names, specs or `Augmentation` objects that change, one after the other,
                what the discriminator sees, such as `"diff_augment"`.
            constraint: Name, spec or callable, applied to the discriminator's trainable variables
                after each of its updates.
            top_k: Share in (0, 1] of the generated examples, those with the highest logits, that
                count in the generator's adversarial loss; a number, or a schedule over its updates
                such as `"exponential(start=1, end=0.5)"`.
            label_flipping: Probability in [0, 0.5] that the discriminator's adversarial loss takes
                the real example of a pair for the generated one and the other way round; a number,
                or a schedule over its updates.
            d_steps: Discriminator updates in a step.
            g_steps: Generator updates in a step, after those of the discriminator.
            g_optimizer: A Keras optimiser or its name. Default: Adam(2e-4, beta_1=0.5).
            d_optimizer: Another one for the discriminator.
            metrics: Names or objects of `keras.metrics`, for `evaluate` and `validation_data`:
                `update_state(real, generated)` gets as many examples of each.
            steps: Steps of the whole run, for schedules whose length is open.
            d_updates: Discriminator updates of the whole run; None for `steps * d_steps`. A head
                start makes more.
            accumulate: So many equal parts of the batch of an update go through the networks one
                after the other, and the mean of their gradients makes the update: the memory of a
                part, the update of the whole. Batch statistics are those of a part.
            jit_compile: Whether XLA compiles the step of `fit`, which takes a while at its first.
                "auto": on one GPU, and not under op determinism; if XLA does not know a layer,
                training goes on without it, with a warning.
            steps_per_execution: How many steps may run without a return to Python in between. They
                end where a callback is due, and the bytes are the same for any value. "auto": as
                many as take a quarter of a second; a number: at most so many, however long they
                take. Always 1 under several replicas.
            run_eagerly: See `keras.Model.compile`.

        Raises:
            ValueError: If a name or option is unknown, a loss is missing, one optimiser is given
                for both networks, keeps an average or has a learning rate that is negative or not
                finite, a schedule does not know its length, or a loss needs what networks or
                condition do not give, or looks at the batch as a whole while `accumulate` divides
                it.
        """
        # Not tf.distribute.get_strategy(): compile and fit may be called outside of the scope.
        count = self.distribute_strategy.num_replicas_in_sync
        checks.check_positive(d_steps=d_steps, g_steps=g_steps)
        checks.check_no_recipe([loss, d_loss, g_loss], losses.names(), gan_types.names())
        updates = checks.count_updates(steps, d_steps, g_steps, d_updates)
        ema_decay = schedules.over(self.ema_decay, steps)
        schedules.check_length("ema_decay", ema_decay)
        # The state of optimisers and losses must be one value for all replicas.
        with self.distribute_strategy.scope():
            optimizers = build_pair(
                self.generator, g_optimizer, self.discriminator, d_optimizer, updates=updates
            )
            objective = Objective(
                loss,
                d_loss=d_loss,
                g_loss=g_loss,
                penalties=penalty_terms.get_all(penalties),
                auxiliary=auxiliary_objectives.get_all(auxiliary),
                augmentations=augmentations_lib.get_all(augmentation),
                constraint=constraint,
                top_k=top_k,
                label_flipping=label_flipping,
                condition=self.condition,
                updates=updates,
            )
            evaluated = checks.get_metrics(metrics)
        packing.check_terms(objective.terms, self.pack)
        checks.check_objective(objective, self.discriminator, self.condition)
        for term in objective.terms:
            term.check(self.example_shape)
        for each in objective.augmentations:
            each.check(self.example_shape)
        checks.check_whole_batches(objective, accumulate, count)
        self._take_over(objective)
        checks.warn_of_mixed_examples(self.discriminator, objective.terms)
        checks.warn_of_wrong_gradients(self.discriminator, objective.terms)
        of_layers = numbers_of(self.generator, self.discriminator)
        self.prepare_metrics([*objective.report_keys, *of_layers], evaluated)
        self.prepare_execution(jit_compile, steps_per_execution, run_eagerly)
        self.g_optimizer, self.d_optimizer = optimizers
        self.d_steps, self.g_steps, self.accumulate = d_steps, g_steps, accumulate
        self._run_ema_decay = ema_decay
        self._compiled_with = {
            "steps": steps,
            "d_updates": d_updates,
            "metrics": [keras.saving.serialize_keras_object(metric) for metric in evaluated],
            "jit_compile": jit_compile,
            "steps_per_execution": steps_per_execution,
        }

    def _take_over(self, objective: Objective) -> None:
        """Tracks the state of the objective, and forgets that of the one before."""
        for variable in self.objective.state.values() if self.compiled else ():
            self._untrack_variable(variable)
        self.objective = objective
        self._state = list(objective.state.values())

    def named_state(self) -> dict[str, keras.Variable]:
        """The counters, and the state of losses and terms."""
        state = self.objective.state if self.compiled else {}
        return {"step": self.step, "d_updates": self.d_updates, **state}

    def train_step(self, data: object) -> Report:
        """`d_steps` updates of the discriminator, `g_steps` of the generator, one average."""
        examples, labels = self.unpack(data)
        # In Keras' loop, what does not look at the batch, such as a counter, would run where there
        # is none: after the last of a set, or where a batch is refused. `Executions` asks first.
        first = [examples] if tf.distribute.has_strategy() else []
        with tf.control_dependencies(first):
            return self._train_step(examples, labels)

    def _train_step(self, examples: Tensor, labels: Tensor | None) -> Report:
        with replicas.sharing(examples, labels) as (examples, labels):
            report = self.train_discriminator(examples, labels)
            report |= self._train_generator(examples, labels)
        if self._run_ema_decay is not None:
            update_average(self.ema_generator, self.generator, self.step, self._run_ema_decay)
        report = replicas.global_sums(report)
        report |= self.objective.end_step(report["d_real"], report["g_fake"])
        report |= numbers_of(self.generator, self.discriminator)
        self.step.assign_add(1)
        report["w_distance"] = report["d_real"] - report["d_fake"]
        return self.train_logs(report)

    def train_discriminator(self, examples: Tensor, labels: Tensor | None = None) -> Report:
        """`d_steps` updates of the discriminator alone; wrap it in a `tf.function`.

        In a graph they are one loop, but copies under a strategy, which refuses optimisers in
        loops, and where XLA compiles for a CPU, which is slow there.

        Args:
            examples: A batch as for `fit`.
            labels: Its labels, if the GAN is conditioned on them.

        Returns:
            What to report of them, means over the updates.
        """
        first = tf.convert_to_tensor(self.d_updates)

        def update(part: Tensor) -> Report:
            real, own_labels = self._part_of(examples, labels, part)
            number = first + tf.cast(part, first.dtype)
            return update_discriminator(self, real, own_labels, number)

        report = mean_over_updates(update, self.d_steps)
        self.d_updates.assign_add(self.d_steps)
        return report

    def _train_generator(self, examples: Tensor, labels: Tensor | None) -> Report:
        """`g_steps` updates of the generator, made and reported as those of the discriminator."""
        first = self.g_updates

        def update(number: Tensor) -> Report:
            real, own_labels = self._part_of(examples, labels, number % self.d_steps)
            return update_generator(self, real, own_labels, first + tf.cast(number, first.dtype))

        return mean_over_updates(update, self.g_steps)

    def _part_of(
        self, examples: Tensor, labels: Tensor | None, part: Scalar
    ) -> tuple[Tensor, Tensor | None]:
        divisor = self.accumulate * self.pack
        return part_of(examples, labels, part, d_steps=self.d_steps, divisor=divisor)

    def test_step(self, data: object) -> Report:
        """Both losses and the metrics on one batch of held-out examples."""
        examples, labels = self.unpack(data)
        # Always in Keras' loop; see `train_step`.
        with tf.control_dependencies([examples]):
            return self._test_step(examples, labels)

    def _test_step(self, examples: Tensor, labels: Tensor | None) -> Report:
        shared = replicas.sharing(examples, labels)
        with shared as (examples, labels), replicas.drawing_in_turn():
            real = tf.cast(examples, tf.float32)
            own = tf.cast(tf.shape(real)[0], tf.float32) * replicas.presence()
            report, fake = evaluate_batch(self, real, labels, self.evaluated_before())
        count = replicas.global_sum(own)
        report = replicas.global_sums(report)
        # Without what stands in where a replica has no examples.
        present = slice(tf.cast(own, tf.int32))
        return self.test_logs(report, count, real[present], fake[present])

    def __repr__(self) -> str:
        return (
            f"GAN(latent_dim={self.latent_dim}, condition={self.condition}, "
            f"ema_decay={self.ema_decay}; {self.generator.count_params():,} + "
            f"{self.discriminator.count_params():,} parameters; "
            f"{self.objective if self.compiled else 'not compiled'})"
        )

    def get_config(self) -> dict[str, Any]:
        """The networks and arguments that make an equal GAN."""
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "latent_dim": self.latent_dim,
            "condition": conditioning.serialize(self.condition),
            "ema_decay": schedules.serialize(self.ema_decay),
            "seed": self.seed,
            "pack": self.pack,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> GAN:
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
            **self._compiled_with,
            "d_steps": self.d_steps,
            "g_steps": self.g_steps,
            "accumulate": self.accumulate,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` says."""
        if config:
            self.compile(**keras.saving.deserialize_keras_object(config))
