"""What a person trains on, led through the gate before Keras sees it."""

from __future__ import annotations

import contextlib
import functools
import math
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import workers
from tfgan_losses.conditioning import Condition
from tfgan_losses.datasets import Source
from tfgan_losses.training import data_checks, doors, prefetching
from tfgan_losses.training.data_structure import DataError, as_pair, refuse_weights
from tfgan_losses.training.executions import between_executions
from tfgan_losses.training.gate import Gate, one_line, to_array
from tfgan_losses.training.objective import Objective
from tfgan_losses.training.output_range import Range, range_of, within_images
from tfgan_losses.types import Examples, Shape, Tensor


class GuardedModel(keras.Model):
    """The part of `GAN` that is given data: `fit`, `evaluate`, and single batches.

    Attributes:
        generator: A network; the range of its last activation is that of the examples.
        example_shape: Shape of one example.
        condition: What the networks are conditioned on, or None.
        step: Updates of the generator.
        seed: Of every draw.
        objective: What it was compiled with.
    """

    generator: keras.Model
    example_shape: Shape
    condition: Condition | None
    step: keras.Variable
    seed: int
    objective: Objective

    @property
    def batch_divisors(self) -> dict[str, int]:
        """What a batch of `fit` is divided by, as `check_batch_size` takes it."""
        raise NotImplementedError

    def evaluating(self) -> contextlib.AbstractContextManager[None]:
        """Inside it, the metrics are those of an evaluation."""
        raise NotImplementedError

    def evaluated_before(self) -> Tensor:
        """Examples that this evaluation has seen, an int64 scalar."""
        raise NotImplementedError

    @functools.cached_property
    def _range_of_generator(self) -> Range | None:
        return range_of(self.generator)

    @property
    def _reach(self) -> Range | None:
        """The range of examples: what the generator makes, and what augmentations take."""
        reach = self._range_of_generator
        for augmentation in self.objective.augmentations if self.compiled else ():
            if augmentation.of_images:
                return within_images(reach, augmentation.name)
        return reach

    def _gate(self, *, training: bool) -> Gate:
        divisors = self.batch_divisors if training else {}
        return Gate(self.example_shape, self._reach, self.condition, **divisors)

    def looked_at(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """The same batches in the same order, each looked at before it is trained on.

        `fit` does this by itself; it is for loops of one's own.

        Raises:
            ValueError: If no batch of this structure, type and shape can be trained on. While one
                iterates, a `tf.errors.InvalidArgumentError` for a batch that cannot.
        """
        return self._gate(training=True).through(dataset)

    def unpack(self, data: object) -> tuple[Tensor, Tensor | None]:
        """Examples of a batch of Keras, and the classes of their labels if they are asked for.

        Raises:
            ValueError: If they are not of the type and shape that the networks take, or there are
                weights of examples, too. Values are looked at before, on the host.
        """
        examples, labels = as_pair(data)
        examples = tf.convert_to_tensor(examples)
        if examples.shape.rank is not None:
            shape = tuple(examples.shape)
            data_checks.check_kind(shape, examples.dtype.name, self.example_shape, self._reach)
        if labels is None or self.condition is None or self.condition.source != "labels":
            return examples, None
        return examples, self.condition.check_batch(labels)

    def fit(
        self, x: object = None, y: Any = None, batch_size: int | None = None, **kwargs: Any
    ) -> keras.callbacks.History:
        """Trains; see `keras.Model.fit`.

        Every batch is looked at before it is trained on, arrays at once as a whole. Under several
        replicas a batch that cannot be divided among them is left out, with a warning; on one
        device a last batch that cannot be divided by d_steps repeats its first examples.

        Args:
            x: Examples, arrays or tensors [n, ...]; or batches of examples, or of pairs
                (examples, labels), from a `tf.data.Dataset`, a PyDataset, a `DataLoader`, a
                generator or another iterable; or a `Source`, with `steps_per_epoch`. Instead of
                a pair a dictionary, {"image": examples, "label": labels}, may come.
            y: Labels of arrays [n].
            batch_size: d_steps * examples per update; not for data that comes in batches.
            **kwargs: Of Keras.

        Raises:
            ValueError: If the examples do not have the shape and type that the networks have, are
                not finite, or are out of the range of the generator's last activation or of what
                an augmentation takes; if labels
                are missing, the batch size is not divisible by `d_steps` (and by `accumulate`,
                and the number of replicas), there is no batch, or no end to them and no
                `steps_per_epoch`, or something is given that means nothing here, such as
                `sample_weight`.
        """
        self._check_call("fit", kwargs)
        x, y, kwargs = self._split_off(x, y, kwargs)
        data = self._open(x, y, batch_size, kwargs, "steps_per_epoch", training=True)
        self._open_validation(batch_size, kwargs)
        kwargs["callbacks"] = between_executions(kwargs.get("callbacks"))
        # Keras warns of shuffle=True, its own default, for data sets that it cannot shuffle.
        kwargs.setdefault("shuffle", data.shuffles)
        before = int(self.step.numpy())
        with one_line(), self._may_end_early():
            history = super().fit(data.x, data.y, batch_size=data.batch_size, **kwargs)
        if history.epoch and int(self.step.numpy()) == before:
            raise DataError("Expected at least one batch. Received: data without any")
        return history

    def evaluate(
        self, x: object = None, y: object = None, batch_size: int | None = None, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """Both losses and all `metrics` on held-out examples; see `keras.Model.evaluate`.

        The average makes the samples if one is kept; nothing that training changes moves. The
        draws are the same in every evaluation.

        Raises:
            ValueError: As `fit`.
        """
        self._check_call("evaluate", kwargs)
        if not kwargs.get("_use_cached_eval_dataset"):
            x, y, batch_size, _ = self._open(x, y, batch_size, kwargs, "steps", training=False)
        with self.evaluating(), one_line():
            found = super().evaluate(x, y, batch_size=batch_size, **kwargs)
            if not int(self.evaluated_before()):
                raise DataError("Expected at least one batch. Received: data without any")
        return found

    def train_on_batch(
        self, x: object, y: object = None, sample_weight: None = None, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """One step on one batch; see `keras.Model.train_on_batch`.

        Raises:
            ValueError: As `fit`.
        """
        self._check_call("train_on_batch", {**kwargs, "sample_weight": sample_weight})
        return super().train_on_batch(*self._gate(training=True).look((x, y)), **kwargs)

    def test_on_batch(
        self, x: object, y: object = None, sample_weight: None = None, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """What `evaluate` computes, on one batch; see `keras.Model.test_on_batch`.

        Raises:
            ValueError: As `fit`.
        """
        self._check_call("test_on_batch", {**kwargs, "sample_weight": sample_weight})
        with self.evaluating():
            return super().test_on_batch(*self._gate(training=False).look((x, y)), **kwargs)

    def check_compiled(self, method: str) -> None:
        """Raises ValueError if there is no objective to train with."""
        if not self.compiled:
            raise ValueError(
                f"Expected gan.compile('hinge'), or another objective, before {method}(...); "
                "GAN.from_recipe('wgan-gp', ...) does it by itself. Received: a GAN without an "
                "objective"
            )

    def _check_call(self, method: str, options: dict[str, Any]) -> None:
        self.check_compiled(f"gan.{method}")
        for name in ("sample_weight", "class_weight"):
            if options.get(name) is not None:
                refuse_weights(name)

    def _open(
        self,
        x: object,
        y: object,
        batch_size: int | None,
        options: dict[str, Any],
        steps_name: str,
        *,
        training: bool,
    ) -> doors.Opened:
        """What Keras is given in place of the data of a person."""
        gate = self._gate(training=training)

        def batches_of(source: Source, size: int) -> tf.data.Dataset:
            start = int(self.step.numpy()) if training else 0
            return workers.own_batches(
                self.distribute_strategy,
                source,
                size,
                seed=self.seed,
                start=start,
                check=gate.through,
            )

        steps = options.get(steps_name)
        data = doors.opened(
            x,
            y,
            gate,
            batches_of,
            batch_size=batch_size,
            steps=steps,
            steps_name=steps_name,
            shuffle=options.get("shuffle", True),
        )
        return data._replace(x=prefetching.on_device(data.x, self.distribute_strategy, steps))

    def _open_validation(self, batch_size: int | None, options: dict[str, Any]) -> None:
        """Leads held-out data through the gate, in place."""
        given = options.get("validation_data")
        if given is None:
            return
        parts = tuple(given) if isinstance(given, tuple | list) else (given,)
        x, y, weights = keras.utils.unpack_x_y_sample_weight(parts)
        if weights is not None:
            refuse_weights("sample_weight")
        size = options.get("validation_batch_size")
        if size is None and isinstance(x, np.ndarray | tf.Tensor):
            size = batch_size
        held_out = self._open(x, y, size, options, "validation_steps", training=False)
        options["validation_data"] = (held_out.x, held_out.y)
        options["validation_batch_size"] = held_out.batch_size

    def _split_off(
        self, x: object, y: Examples | None, options: dict[str, Any]
    ) -> tuple[object, Examples | None, dict[str, Any]]:
        """Without the last examples, which `validation_split` holds out as Keras does."""
        share = options.get("validation_split")
        if not share or options.get("validation_data") is not None:
            return x, y, options
        if not isinstance(x, np.ndarray | tf.Tensor):
            raise DataError(
                "Expected arrays or tensors beside validation_split. "
                f"Received: x of type {type(x).__name__}"
            )
        first = math.floor(len(x) * (1.0 - share))
        labels = None if y is None else to_array(y)
        held_out = (x[first:],) if labels is None else (x[first:], labels[first:])
        options = {**options, "validation_split": 0.0, "validation_data": held_out}
        return x[:first], None if labels is None else labels[:first], options

    @contextlib.contextmanager
    def _may_end_early(self) -> Iterator[None]:
        """Keeps Keras from warning of batches that are missing because they are left out."""
        if self.distribute_strategy.num_replicas_in_sync == 1:
            yield
            return
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Your input ran out of data")
            yield
