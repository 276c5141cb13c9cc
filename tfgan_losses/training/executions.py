"""Several steps in one execution: between two points where Python is needed there is none."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable

import keras
import tensorflow as tf

from tfgan_losses.training import stock_callbacks, xla
from tfgan_losses.types import Logs, Report, Tensor

# What an execution may take: signals, progress and clocks are looked at after it.
_SECONDS = 0.25
# How many times more steps than before the next one may try.
_GROWTH = 4


def _has_clock() -> bool:
    """Returns whether a graph may ask for the time, which TensorFlow's determinism forbids."""
    try:
        tf.timestamp()
    except tf.errors.FailedPreconditionError:
        return False
    return True


class Executions:
    """What Keras calls for each batch: the train function of a model.

    Keras goes on to count batches one by one. The call that finds no step ahead of this count
    makes several, in one `tf.function`; the calls for the others of these return at once what
    that one returned. So everything that Keras does with batches, epochs and ends of data stays
    as it is, and the numbers do not depend on how many steps an execution has.

    Args:
        step: One step on a batch.
        logs: What Keras shall be told after an execution, scalars by name.
        by_keras: The function of Keras, for batches that do not come from one `tf.data` iterator:
            those of a strategy, and single ones.
        most: Steps of an execution at most; None for as many as take a quarter of a second.
        eager: Whether nothing is compiled.
        with_xla: Whether XLA compiles the step.
        without_xla: Called if XLA cannot; None if that is an error.

    Attributes:
        is_new: Whether the newest call made an execution.
        made: Steps of the newest execution.
        ahead: Those of them that Keras has not counted yet.
    """

    def __init__(
        self,
        step: Callable[[object], Report],
        logs: Callable[[], Report],
        by_keras: Callable[[object], Report],
        *,
        most: int | None,
        eager: bool,
        with_xla: bool,
        without_xla: Callable[[], None] | None,
    ):
        self._step, self._logs, self._by_keras = step, logs, by_keras
        self._most = most
        self._eager, self._without_xla = eager, without_xla
        self._paced = 1.0
        self._is_on_trial = with_xla
        self._compile(with_xla)
        self.start()

    def _compile(self, with_xla: bool) -> None:
        self._one, self._several = self._step, self._make_several
        if not self._eager:
            self._one = tf.function(
                self._step, autograph=False, reduce_retracing=True, jit_compile=with_xla or None
            )
            self._several = tf.function(self._make_several, autograph=False, reduce_retracing=True)
        self._is_first = True

    def start(self) -> None:
        """Forgets an execution that Keras has not counted to its end, and what was waited for."""
        self.is_new, self.made, self.ahead = False, 1, 0
        self._newest: Logs = {}
        self._allowed = 1.0
        self._waited = self._taken = 0.0
        self._has_clock = True

    def allow(self, steps: float) -> None:
        """Sets how many steps the next execution may have, at least one."""
        self._allowed = max(steps, 1)

    @property
    def waiting(self) -> float | None:
        """The part of the time since `start` that steps waited for data, in [0, 1].

        None if it is not known: at the beginning, and under op determinism, which has no clock.
        """
        return self._waited / self._taken if self._taken and self._has_clock else None

    def __call__(self, iterator: object) -> Report | Logs:
        """Makes the step of a batch, unless it is made already.

        Raises:
            StopIteration: If there is no batch.
            ValueError: If XLA shall compile the step and cannot.
        """
        self.is_new = not self.ahead
        if not isinstance(iterator, tf.data.Iterator):
            self.made = 1
            return self._by_keras(iterator)
        if self.ahead:
            self.ahead -= 1
            return self._newest
        began = time.perf_counter()
        self._has_clock = _has_clock()
        if self._is_on_trial:
            made, waited, values = self._try(iterator)
        else:
            count = int(min(self._allowed, self._most or self._paced))
            made, waited, values = self._several(iterator, tf.constant(count), self._has_clock)
        self.made = int(made)
        if not self.made:
            raise StopIteration
        # Moved at once: from a GPU each number would take its time.
        self._newest = dict(zip(self._names, values.numpy().tolist(), strict=True))
        self.ahead = self.made - 1
        self._pace(time.perf_counter() - began, float(waited))
        return self._newest

    def _pace(self, taken: float, waited: float) -> None:
        """Learns how many steps fit into the time that an execution may take."""
        if self._is_first:
            # It was compiled.
            self._is_first = False
            return
        self._paced = max(1.0, min(_GROWTH * self._paced, _SECONDS * self.made / taken))
        self._waited += waited
        self._taken += taken

    def _make_several(
        self, iterator: tf.data.Iterator, count: Tensor, has_clock: bool
    ) -> tuple[Tensor, ...]:
        """Returns the steps made, the seconds waited for batches, and the logs."""

        def now() -> Tensor:
            with tf.device("cpu"):
                return tf.timestamp() if has_clock else tf.constant(0.0, tf.float64)

        def make(batch: tf.experimental.Optional) -> Tensor:
            self._one(batch.get_value())
            return tf.constant(1)

        def body(made: Tensor, found: Tensor, waited: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            asked = now()
            with tf.control_dependencies([asked]):
                batch = iterator.get_next_as_optional()
            found = batch.has_value()
            with tf.device("cpu"), tf.control_dependencies([found]):
                waited += now() - asked
            made += tf.cond(found, lambda: make(batch), lambda: tf.constant(0))
            return made, found, waited

        made, _, waited = tf.while_loop(
            lambda made, found, waited: found & (made < count),
            body,
            (tf.constant(0), tf.constant(True), tf.constant(0.0, tf.float64)),
            parallel_iterations=1,
        )
        return made, waited, self._values()

    def _values(self) -> Tensor:
        logs = self._logs()
        self._names = list(logs)
        return tf.stack(list(logs.values()))

    def _try(self, iterator: tf.data.Iterator) -> tuple[Tensor, ...]:
        """Makes a first step with XLA, or finds out that it cannot compile one."""
        self._is_on_trial = False
        batch, one = next(iterator), tf.constant(1)

        def again() -> tf.data.Iterator:
            # Of the same type as the other iterator, so that the step is compiled once.
            return iter(tf.data.Dataset.from_generator(lambda: [batch], output_signature=spec))

        spec = iterator.element_spec
        try:
            return self._several(again(), one, self._has_clock)
        except tf.errors.ResourceExhaustedError:
            raise
        except (tf.errors.OpError, NotImplementedError) as error:
            # XLA changes variables when all else is done: they are what they were.
            told = xla.reason_of(error)
            if self._without_xla is None:
                raise ValueError(
                    "Expected a step that XLA can compile, or jit_compile=False. "
                    f"Received: jit_compile=True, and {told}"
                ) from error
            warnings.warn(
                f"XLA cannot compile this step, which goes on without: {told}", stacklevel=2
            )
            self._without_xla()
            self._compile(False)
            return self._several(again(), one, self._has_clock)


def between_executions(
    callbacks: object,
) -> keras.callbacks.CallbackList | list[keras.callbacks.Callback]:
    """The callbacks of a call of `fit`, as a GAN can use them.

    Raises:
        ValueError: If one cannot be used; the message names what takes its place.
    """
    accepted = stock_callbacks.accepted(callbacks)
    # A list of Keras stays the only one: it has the bar and the history in it.
    return accepted if isinstance(accepted, keras.callbacks.CallbackList) else [_Between(accepted)]


class _Between(keras.callbacks.CallbackList):
    """The callbacks of a training, called where an execution begins and ends.

    Before each it asks them how many steps may pass until one of them is needed.

    Args:
        callbacks: Those that a person gave.
    """

    def __init__(self, callbacks: Iterable[keras.callbacks.Callback] | None):
        super().__init__(list(callbacks or ()))

    @property
    def _executions(self) -> Executions:
        return self.model.train_function

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begins with no step ahead."""
        self._executions.start()
        super().on_train_begin(logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Where an execution begins, lets it make as many steps as nobody needs to see."""
        if self._executions.ahead:
            return
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)
        steps = self.params.get("steps")
        left = math.inf if steps is None else steps - batch
        due = (stock_callbacks.steps_until_due(callback) for callback in self.callbacks)
        self._executions.allow(min([left, *due]))

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Where an execution ends, tells its last batch."""
        if self._executions.is_new:
            for callback in self.callbacks:
                callback.on_train_batch_end(batch + self._executions.made - 1, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Hands on the very logs, to which a callback may add for the history."""
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)
