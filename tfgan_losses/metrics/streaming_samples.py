"""Metrics for `gan.compile(metrics=[...])` that keep the features of all examples.

For numbers that no sums of the examples determine, such as those of nearest neighbours.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import names, replicas
from tfgan_losses.metrics.base import registry
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.streaming import Extractor, StreamingMetric
from tfgan_losses.registry import Identifier, spec_of
from tfgan_losses.types import Examples, Tensor


@keras.saving.register_keras_serializable("tfgan_losses")
class Streamed(StreamingMetric):
    """A number of a registered metric, of all examples that were seen.

        gan.compile("hinge", metrics=[Streamed("kernel", width=64, extractor=classifier)])

    It equals that of the metric on all examples at once, in whatever batches and order they came,
    and is the same on all replicas, each of which keeps the features of all of them.

    Keras asks for the number after every batch, in a graph, and once more at the end of `evaluate`,
    outside. Only there it is computed; in a graph, and with fewer examples than the metric takes,
    it is NaN.

    Args:
        metric: Name or spec of one that looks at features only.
        width: Features that the extractor gives.
        extractor: A Keras model, or a function of tensors; None flattens the examples.
        which: Name of one of the metric's numbers; None for the first.
        capacity: Examples of each kind, at most. Their features are kept in float64.
        name: None for the name of the number.

    Raises:
        ValueError: If the metric, the number or the capacity is none.
    """

    def __init__(
        self,
        metric: Identifier,
        width: int,
        extractor: Extractor | None = None,
        *,
        which: str | None = None,
        capacity: int = 10_000,
        name: str | None = None,
    ):
        self.metric = registry.get(metric)
        if self.metric.needs:
            raise ValueError(
                "Expected a metric of features alone. "
                f"Received: metric={self.metric}, which needs {sorted(self.metric.needs)}"
            )
        self.which = next(iter(self.metric.best)) if which is None else which
        if self.which not in self.metric.best:
            raise ValueError(names.unknown("number", self.which, sorted(self.metric.best)))
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
            raise ValueError(f"Expected capacity to be an integer >= 1. Received: {capacity=}")
        super().__init__(width, extractor, name or self.which)
        self.capacity = capacity
        self._real = _Rows(self, "real")
        self._generated = _Rows(self, "generated")

    def update_state(self, real: Examples, generated: Examples) -> None:
        """Takes a batch of each; see `StreamingMetric`.

        Raises:
            tf.errors.InvalidArgumentError: If there are more than `capacity`.
        """
        self._real.add(self.extract(real))
        self._generated.add(self.extract(generated))

    def estimate(self) -> Estimate:
        """The number and its standard error, outside of a graph.

        Raises:
            ValueError: If there are more examples than `capacity`, or as the metric.
        """
        real, generated = self._real.values(), self._generated.values()
        return self.metric.measure(FeatureSet(real), FeatureSet(generated))[self.which]

    def result(self) -> Tensor:
        """The number, a float64 scalar."""
        if not tf.executing_eagerly():
            return tf.constant(np.nan, tf.float64)
        return tf.constant(self._value(), tf.float64)

    def _value(self) -> float:
        if min(self._real.seen, self._generated.seen) < 2:
            return float("nan")
        try:
            return self.estimate().value
        except ValueError:
            if max(self._real.seen, self._generated.seen) > self.capacity:
                raise
            return float("nan")

    def get_config(self) -> dict[str, Any]:
        """Its arguments; a function must be registered with Keras to be saved."""
        own = {"metric": spec_of(self.metric), "which": self.which, "capacity": self.capacity}
        return {**super().get_config(), **own}


class _Rows:
    """The features of one kind of examples.

    Args:
        metric: Has the variables.
        name: Of the kind.
    """

    def __init__(self, metric: Streamed, name: str):
        self._capacity, self._name = metric.capacity, name
        self._count = metric.add_sum(f"{name}_count")
        self._rows = metric.add_sum(f"{name}_features", (metric.capacity, metric.width))

    def add(self, features: Tensor) -> None:
        """Takes a batch, float64 [n, width]."""
        features = _of_all_replicas(features)
        before = tf.cast(tf.convert_to_tensor(self._count), tf.int64)
        places = before + tf.range(tf.shape(features, tf.int64)[0])
        # Counted first: XLA knows no assertion, and `values` looks at the count.
        self._count.assign_add(tf.cast(tf.shape(features)[0], tf.float64))
        fits = tf.debugging.assert_less(
            places,
            tf.cast(self._capacity, tf.int64),
            f"Expected at most capacity={self._capacity} {self._name} examples. Received: more",
        )
        with tf.control_dependencies([] if fits is None else [fits]):
            rows = tf.tensor_scatter_nd_update(
                tf.convert_to_tensor(self._rows), places[:, None], features
            )
            self._rows.assign(rows)

    @property
    def seen(self) -> int:
        """Examples so far."""
        return int(self._count.numpy())

    def values(self) -> np.ndarray:
        """The features, float64 [n, width]."""
        if self.seen > self._capacity:
            raise ValueError(
                f"Expected at most capacity={self._capacity} {self._name} examples. "
                f"Received: {self.seen}"
            )
        return self._rows.numpy()[: self.seen]


def _of_all_replicas(rows: Tensor) -> Tensor:
    """Returns the rows of all replicas, those of the first one first; a replica may have none."""
    if replicas.count() == 1:
        return rows
    own = tf.shape(rows)[0]
    index = tf.distribute.get_replica_context().replica_id_in_sync_group
    counts = replicas.global_sum(
        tf.cast(own, tf.float64) * tf.one_hot(index, replicas.count(), dtype=tf.float64)
    )
    counts = tf.cast(counts, tf.int32)
    before = tf.reduce_sum(counts[:index])
    after = tf.reduce_sum(counts) - before - own
    return replicas.global_sum(tf.pad(rows, [[before, after], [0, 0]]))
