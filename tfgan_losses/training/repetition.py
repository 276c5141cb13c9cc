"""The same update several times, traced and compiled once however often it is made."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

# There is no public way to learn that XLA will compile what is being traced.
from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

from tfgan_losses.types import Report, Tensor


def mean_over_updates(update: Callable[[Tensor], Report], count: int) -> Report:
    """Makes updates one after the other: in a graph as one loop, where loops are fast.

    Args:
        update: Makes the update of a number, an int32 scalar, and returns what to report of it.
        count: How many, numbered from 0.

    Returns:
        The means of the reports.
    """
    if count == 1:
        return update(tf.constant(0))
    # Optimisers under a strategy refuse to be part of a function or a loop.
    if not (tf.executing_eagerly() or tf.distribute.has_strategy()):
        number = tf.TensorSpec([], tf.int32)
        update = tf.function(update, autograph=False).get_concrete_function(number)
        if not _is_for_xla_on_cpus():
            return _means(_sums_of_loop(update, count), count)
    sums = update(tf.constant(0))
    for number in range(1, count):
        report = update(tf.constant(number))
        sums = {key: sums[key] + report[key] for key in sums}
    return _means(sums, count)


def _sums_of_loop(update: tf.types.experimental.ConcreteFunction, count: int) -> Report:
    def add(number: Tensor, sums: Report) -> tuple[Tensor, Report]:
        report = update(number)
        return number + 1, {key: sums[key] + report[key] for key in sums}

    nothing = {key: tf.zeros(x.shape, x.dtype) for key, x in update.structured_outputs.items()}
    first = (tf.constant(0), nothing)
    # An update begins where the one before has ended.
    return tf.while_loop(lambda number, _: number < count, add, first, parallel_iterations=1)[1]


def _means(sums: Report, count: int) -> Report:
    return {key: value / count for key, value in sums.items()}


def _is_for_xla_on_cpus() -> bool:
    """Whether XLA compiles this graph for a CPU: there, loops are 20 to 40 times slower.

    XLA brings convolutions, those of gradients above all, into the form that its fast kernels for
    CPUs take, but in the graph itself only and not in the bodies of its loops
    (`ConvCanonicalization`; TensorFlow 2.21).
    """
    graph = tf.compat.v1.get_default_graph()
    types = {device.device_type for device in tf.config.list_logical_devices()}
    return types == {"CPU"} and GraphOrParentsInXlaContext(graph)
