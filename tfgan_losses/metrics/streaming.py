"""Metrics that look at one batch after the other, for `gan.compile(metrics=[...])`.

They keep sums in float64, so that what they say does not depend on the sizes or the order of the
batches, and equals the functions of this folder on all examples at once. Every replica has the sums
of all of them: one number, which one worker can read alone.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import replicas
from tfgan_losses.metrics.gaussian_distance import distance_of_moments
from tfgan_losses.metrics.moments import Moments
from tfgan_losses.types import Examples, Scalar, Tensor

Extractor: TypeAlias = Callable[[Tensor], Tensor]
"""Maps a batch of examples to features or logits [n, width]."""


class StreamingMetric(keras.metrics.Metric, abc.ABC):
    """A metric of real and generated examples, seen through an extractor.

    Args:
        width: Features, or classes, that the extractor gives.
        extractor: A Keras model, or a function of tensors; None flattens the examples.
        name: Of the metric.

    Raises:
        ValueError: If the width is no integer of at least 1, or the extractor cannot be called.
    """

    def __init__(self, width: int, extractor: Extractor | None = None, name: str | None = None):
        super().__init__(name=name, dtype="float64")
        if not isinstance(width, int | np.integer) or width < 1:
            raise ValueError(f"Expected width to be an integer of at least 1. Received: {width=}")
        if extractor is not None and not callable(extractor):
            raise ValueError(f"Expected a callable or None. Received: {extractor=}")
        self.width = int(width)
        self.extractor = extractor

    @abc.abstractmethod
    def update_state(self, real: Examples, generated: Examples) -> None:
        """Takes real examples [n, ...] and generated ones [m, ...]; n and m may be 0."""

    def get_config(self) -> dict[str, Any]:
        """Its arguments; a function must be registered with Keras to be saved."""
        extractor = self.extractor
        if extractor is not None:
            extractor = keras.saving.serialize_keras_object(extractor)
        return {"width": self.width, "extractor": extractor, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> StreamingMetric:
        """The metric that `get_config` describes."""
        extractor = config.get("extractor")
        if isinstance(extractor, dict):
            extractor = keras.saving.deserialize_keras_object(extractor)
        return cls(**{**config, "extractor": extractor})

    def extract(self, examples: Examples) -> Tensor:
        """Returns float64 [n, width].

        Raises:
            ValueError: If the extractor gives anything else.
        """
        examples = tf.convert_to_tensor(examples)
        if self.extractor is None:
            size = np.prod(examples.shape[1:], dtype=int)
            features = tf.reshape(examples, [tf.shape(examples)[0], size])
        elif isinstance(self.extractor, keras.layers.Layer):
            features = self.extractor(examples, training=False)
        else:
            features = tf.convert_to_tensor(self.extractor(examples))
        if features.shape.rank != 2 or features.shape[1] not in (None, self.width):
            raise ValueError(
                f"Expected an extractor that gives [n, {self.width}]. "
                f"Received: features of shape {features.shape}, width={self.width}"
            )
        return tf.cast(features, tf.float64)

    def add_sum(self, name: str, shape: tuple[int, ...] = ()) -> keras.Variable:
        """Returns a variable of float64 zeros that is the same on all replicas."""
        return self.add_variable(
            shape, "zeros", dtype="float64", aggregation="only_first_replica", name=name
        )


class _RunningMoments:
    """Count, mean and summed outer products of the deviations from it.

    Args:
        metric: Has the variables.
        name: Of what it counts.
    """

    def __init__(self, metric: StreamingMetric, name: str):
        self.count = metric.add_sum(f"{name}_count")
        self.mean = metric.add_sum(f"{name}_mean", (metric.width,))
        self.deviations = metric.add_sum(f"{name}_deviations", (metric.width, metric.width))

    def add(self, features: Tensor) -> None:
        """Takes a batch, float64 [n, width], of all replicas: merges it pairwise.

        References:
            Chan, Golub & LeVeque, 1983, Algorithms for Computing the Sample Variance.
        """
        count = replicas.global_sum(tf.cast(tf.shape(features)[0], tf.float64))
        sums = replicas.global_sum(tf.reduce_sum(features, axis=0))
        mean = sums / tf.maximum(count, 1.0)
        centered = features - mean
        deviations = replicas.global_sum(tf.matmul(centered, centered, transpose_a=True))
        before, total = tf.convert_to_tensor(self.count), self.count + count
        shift = mean - tf.convert_to_tensor(self.mean)
        share = count / tf.maximum(total, 1.0)
        between = before * share * shift[:, None] * shift
        self.deviations.assign_add(deviations + between)
        self.mean.assign_add(share * shift)
        self.count.assign(total)

    def values(self) -> list[Tensor]:
        """What `_moments` takes."""
        return [tf.convert_to_tensor(x) for x in (self.count, self.mean, self.deviations)]


@keras.saving.register_keras_serializable("tfgan_losses")
class StreamingFrechet(StreamingMetric):
    """`frechet_distance`, NaN while there are fewer than 2 examples of either kind.

    Keras asks for the number after every batch, which takes a decomposition of a matrix of `width`
    squared each time; on a CPU, and not under XLA.

    Args:
        width: Features that the extractor gives.
        extractor: A Keras model, or a function of tensors; None takes the examples as they are.
        name: Of the metric.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.metrics.streaming import StreamingFrechet
        >>> metric = StreamingFrechet(2)
        >>> rng = np.random.default_rng(0)
        >>> for _ in range(3):
        ...     batch = rng.normal(size=[32, 2])
        ...     metric.update_state(batch, batch + 2.0)
        >>> round(float(metric.result()), 4)  # 2^2 + 2^2
        8.0
    """

    def __init__(self, width: int, extractor: Extractor | None = None, name: str = "frechet"):
        super().__init__(width, extractor, name)
        self.real = _RunningMoments(self, "real")
        self.generated = _RunningMoments(self, "generated")

    def update_state(self, real: Examples, generated: Examples) -> None:
        """Takes a batch of each; see `StreamingMetric`."""
        self.real.add(self.extract(real))
        self.generated.add(self.extract(generated))

    def result(self) -> Tensor:
        """The distance between all that was seen, a float64 scalar."""
        values = [*self.real.values(), *self.generated.values()]
        distance = tf.numpy_function(_distance, values, tf.float64, stateful=False)
        return tf.ensure_shape(distance, [])


def _distance(*values: np.ndarray) -> np.ndarray:
    real, generated = values[:3], values[3:]
    finite = all(np.isfinite(value).all() for value in values)
    if not finite or min(real[0], generated[0]) < 2:
        return np.array(np.nan)
    return np.array(distance_of_moments(_moments(*real), _moments(*generated)))


def _moments(count: np.ndarray, mean: np.ndarray, deviations: np.ndarray) -> Moments:
    return Moments.of_covariance(int(count), mean, deviations / (count - 1))


@keras.saving.register_keras_serializable("tfgan_losses")
class StreamingClassifierScore(StreamingMetric):
    """`classifier_score` of the generated examples with `splits=1`, NaN before the first one.

    Parts would depend on the order of the examples.

    Args:
        width: Classes of the classifier.
        extractor: A Keras model, or a function of tensors, that gives logits without softmax.
        name: Of the metric.
    """

    def __init__(
        self, width: int, extractor: Extractor | None = None, name: str = "classifier_score"
    ):
        super().__init__(width, extractor, name)
        self.count = self.add_sum("count")
        self.sums = self.add_sum("sums", (self.width,))
        self.information = self.add_sum("information")

    def update_state(self, real: Examples, generated: Examples) -> None:
        """Takes a batch of generated examples [m, ...]; looks at no real ones."""
        log_p = tf.nn.log_softmax(self.extract(generated))
        p = tf.exp(log_p)
        self.count.assign_add(_total(tf.ones_like(p[:, 0])))
        self.sums.assign_add(replicas.global_sum(tf.reduce_sum(p, axis=0)))
        self.information.assign_add(_total(p * log_p))

    def result(self) -> Tensor:
        """The score of all that was seen, a float64 scalar.

        With the mean p(y) it is exp(E sum_y p(y|x) log p(y|x) - sum_y p(y) log p(y)).
        """
        count, sums = tf.convert_to_tensor(self.count), tf.convert_to_tensor(self.sums)
        mean = sums / count
        entropy = -tf.reduce_sum(tf.math.xlogy(mean, mean))
        return tf.exp(self.information / count + entropy)


@keras.saving.register_keras_serializable("tfgan_losses")
class StreamingClassReverseKL(StreamingMetric):
    """KL(generated || real) of the histograms over predicted classes; see `class_coverage`.

    Args:
        width: Classes of the classifier.
        extractor: A Keras model, or a function of tensors, that gives logits.
        name: Of the metric.
    """

    def __init__(
        self, width: int, extractor: Extractor | None = None, name: str = "class_reverse_kl"
    ):
        super().__init__(width, extractor, name)
        self.real = self.add_sum("real", (self.width,))
        self.generated = self.add_sum("generated", (self.width,))

    def update_state(self, real: Examples, generated: Examples) -> None:
        """Takes a batch of each; see `StreamingMetric`."""
        for counts, examples in ((self.real, real), (self.generated, generated)):
            classes = tf.argmax(self.extract(examples), axis=1)
            found = tf.one_hot(classes, self.width, dtype=tf.float64)
            counts.assign_add(replicas.global_sum(tf.reduce_sum(found, axis=0)))

    def result(self) -> Tensor:
        """Of all that was seen, in nats, a float64 scalar."""
        real, generated = (
            counts / tf.reduce_sum(counts)
            for counts in map(tf.convert_to_tensor, (self.real, self.generated))
        )
        # xlogy: 0 log 0 = 0, and minus infinity where a class is generated that is not real.
        return tf.reduce_sum(tf.math.xlogy(generated, generated) - tf.math.xlogy(generated, real))


def _total(x: Tensor) -> Scalar:
    return replicas.global_sum(tf.reduce_sum(x))
