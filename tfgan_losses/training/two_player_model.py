"""What Keras promises of its models, kept for one of two networks, or refused by name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, NoReturn

import keras
import tensorflow as tf

from tfgan_losses import replicas, workers
from tfgan_losses.conditioning import Condition
from tfgan_losses.training import checks, xla
from tfgan_losses.training.executions import Executions
from tfgan_losses.training.guarded_model import GuardedModel
from tfgan_losses.training.objective import Objective
from tfgan_losses.training.optimizers import OptimizerPair
from tfgan_losses.training.pair import Pair
from tfgan_losses.types import Report, Scalar, Shape, Tensor, TensorLike

# What the running means are called in a file.
_OF_A_MEAN = "mean_of_"
# On held-out examples, whatever the objective reports beside them while it trains.
EVALUATED = ("d_loss", "d_real", "d_fake", "g_loss")


class _Evaluation:
    """The metrics of `evaluate`: no attributes of the model, and so not saved with it."""

    def __init__(self, metrics: Iterable[keras.metrics.Metric]):
        self.means = {key: replicas.Mean(key) for key in EVALUATED}
        self.metrics = list(metrics)
        self.is_running = False


class TwoPlayerModel(GuardedModel):
    """The part of `GAN` that Keras and its callbacks see.

    What a subclass has, and its updates look at:

    Attributes:
        generator: A network, as the discriminator.
        discriminator: The other one.
        example_shape: Shape of one example.
        condition: What the networks are conditioned on, or None.
        pair: Both networks as functions of a batch.
        evaluation_pair: The same for held-out examples.
        objective: What they minimise.
        g_optimizer: The generator's optimiser.
        d_optimizer: The discriminator's.
        d_steps: Updates of the discriminator in a step.
        g_steps: Updates of the generator in a step, after those.
        accumulate: Parts that the batch of an update is divided into.
        pack: Examples that the discriminator sees as one.
        step: Steps done.
        d_updates: Updates of the discriminator done.
        g_updates: Updates of the generator done.
        seed: Of every draw.
    """

    generator: keras.Model
    discriminator: keras.Model
    example_shape: Shape
    condition: Condition | None
    pair: Pair
    evaluation_pair: Pair
    objective: Objective
    g_optimizer: keras.optimizers.Optimizer
    d_optimizer: keras.optimizers.Optimizer
    d_steps: int
    g_steps: int
    accumulate: int
    pack: int
    step: keras.Variable
    d_updates: keras.Variable
    seed: int
    train_function: Any

    @property
    def g_updates(self) -> Tensor:
        """Generator updates done before this step, an int64 scalar."""
        return tf.convert_to_tensor(self.step) * self.g_steps

    @property
    def batch_divisors(self) -> dict[str, int]:
        """What a batch of `fit` is divided by, as `check_batch_size` takes it."""
        return {
            "d_steps": self.d_steps,
            "accumulate": self.accumulate,
            "replicas": self.distribute_strategy.num_replicas_in_sync,
            "pack": self.pack,
        }

    def prepare_metrics(
        self, report_keys: Iterable[str], metrics: Iterable[keras.metrics.Metric]
    ) -> None:
        """Makes the running means of what `train_step` reports, and of what `test_step` does."""
        with self.distribute_strategy.scope():
            self._means = {key: replicas.Mean(key) for key in report_keys}
            self._evaluation = _Evaluation(metrics)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Running means of what `train_step` reports; while `evaluate` runs, its own."""
        if not self.compiled:
            return []
        if self._evaluation.is_running:
            return [*self._evaluation.means.values(), *self._evaluation.metrics]
        return list(self._means.values())

    @property
    def optimizer(self) -> OptimizerPair | None:
        """Both optimisers, for callbacks that ask for one."""
        # Of the class of the property, since Keras asks for it before there are any.
        if not self.compiled or getattr(self, "g_optimizer", None) is None:
            return None
        return OptimizerPair(self.g_optimizer, self.d_optimizer)

    @optimizer.setter
    def optimizer(self, value: None) -> None:
        # Keras' compile sets what it was given: None.
        if value is not None:
            raise AttributeError("Expected g_optimizer and d_optimizer. Received: one optimizer")

    def prepare_execution(
        self, jit_compile: bool | str, steps_per_execution: int | str, run_eagerly: bool
    ) -> None:
        """Chooses how steps are executed, and tells Keras; see `GAN.compile`.

        Raises:
            ValueError: If a value is not one of those, or cannot be had here.
        """
        count = self.distribute_strategy.num_replicas_in_sync
        checks.check_execution(jit_compile, steps_per_execution, run_eagerly, count)
        self._most_steps = None if steps_per_execution == "auto" else int(steps_per_execution)
        self._xla_is_asked_for = jit_compile is True
        self.xla = xla.choose(self, jit_compile, run_eagerly)
        # optimizer=None: Keras would make an RMSprop over all variables of both networks.
        super().compile(
            optimizer=None,
            auto_scale_loss=False,
            jit_compile=self.xla.is_on,
            # Of Keras' own loop, which counts what it is told to make and not what it makes.
            steps_per_execution=1,
            run_eagerly=run_eagerly,
        )

    def make_train_function(self, force: bool = False) -> None:
        """Makes what `fit` calls; see `Executions`."""
        if self.train_function is not None and not force:
            return
        super().make_train_function(force=True)
        self.train_function = Executions(
            self.train_step,
            lambda: _logs(self._means.values()),
            self.train_function,
            most=self._most_steps,
            eager=self.run_eagerly,
            with_xla=self.jit_compile,
            without_xla=None if self._xla_is_asked_for else self._go_on_without_xla,
        )

    def _go_on_without_xla(self) -> None:
        self.jit_compile = False

    def make_test_function(self, force: bool = False) -> None:
        """Makes what `evaluate` calls: with XLA only where it was asked for.

        Else it would be compiled a second time, with metrics that XLA may not know.
        """
        chosen, self.jit_compile = self.jit_compile, self._xla_is_asked_for
        super().make_test_function(force)
        self.jit_compile = chosen

    @property
    def waiting_for_data(self) -> float | None:
        """The part of the time of the newest training that steps waited for data, in [0, 1].

        None if it is not known, as under a strategy and under op determinism.
        """
        return None if self.train_function is None else self.train_function.waiting

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Inside it, the metrics are those of an evaluation."""
        self._evaluation.is_running = True
        try:
            yield
        finally:
            self._evaluation.is_running = False

    def train_logs(self, report: Report) -> Report:
        """Takes the report of a step into the running means; what `fit` shows."""
        for key, mean in self._means.items():
            mean.update_state(report[key])
        return _logs(self._means.values())

    def test_logs(self, report: Report, count: Scalar, real: Tensor, fake: Tensor) -> Report:
        """Takes the report of a batch into the means of `evaluate`; what that shows.

        Args:
            report: Means over all examples of the batch.
            count: How many these are.
            real: Those of this replica.
            fake: As many generated ones.
        """
        for key, mean in self._evaluation.means.items():
            mean.update_state(report[key], sample_weight=count)
        for metric in self._evaluation.metrics:
            metric.update_state(real, fake)
        return _logs(self._evaluation.means.values()) | _logs(self._evaluation.metrics)

    def evaluated_before(self) -> Tensor:
        """Examples that this evaluation has seen, an int64 scalar."""
        return tf.cast(self._evaluation.means["d_loss"].count, tf.int64)

    def _maybe_symbolic_build(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: everything is built. Keras would call the model on examples of all replicas."""

    def save(self, filepath: str | os.PathLike, *args: Any, **kwargs: Any) -> None:
        """Saves the whole model; see `keras.Model.save`.

        Raises:
            ValueError: For HDF5, which cannot hold two networks and two optimisers.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                "Expected a file that ends in .keras, or gan.save_weights('....weights.h5'). "
                f"Received: filepath={str(filepath)!r}"
            )
        super().save(filepath, *args, **kwargs)

    def export(self, filepath: str | os.PathLike, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: what is used of a GAN is its generator.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "Expected gan.export_generator(path), with a file that ends in .tflite, .onnx or "
            f".keras, or the directory of a SavedModel. Received: gan.export({str(filepath)!r})"
        )

    def named_state(self) -> dict[str, keras.Variable]:
        """What the model itself saves beside its networks and optimisers."""
        return {}

    def save_own_variables(self, store: MutableMapping[str, TensorLike]) -> None:
        """Saves `named_state`, and the running means of a row begun.

        Keras saves no metrics; without them, a resumed run would report other means.
        """
        for name, variable in {**self.named_state(), **self._variables_of_means()}.items():
            store[name] = variable

    def load_own_variables(self, store: MutableMapping[str, TensorLike]) -> None:
        """Loads what `save_own_variables` saved.

        What only another objective has, in the file or here, is left out or starts anew.
        """
        self.reset_metrics()
        own = {**self.named_state(), **self._variables_of_means()}
        for name in own.keys() & set(store.keys()):
            own[name].assign(store[name])

    def _variables_of_means(self) -> dict[str, keras.Variable]:
        return {
            f"{_OF_A_MEAN}{mean.name}_{variable.name}": variable
            for mean in (self._means.values() if self.compiled else ())
            for variable in mean.variables
        }


def _logs(metrics: Iterable[keras.metrics.Metric]) -> Report:
    shape = workers.log_shape()
    return {metric.name: tf.reshape(metric.result(), shape) for metric in metrics}
