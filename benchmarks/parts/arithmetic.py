"""The convolutions and matrix products of a training step alone, to see what the rest costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import tensorflow as tf

from tfgan_losses import GAN

# Those with an input for the shape of their result, and which one that is.
_SHAPE_INPUT = {
    "Conv2DBackpropInput": 0,
    "Conv2DBackpropFilter": 1,
    "DepthwiseConv2dNativeBackpropInput": 0,
    "DepthwiseConv2dNativeBackpropFilter": 1,
}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_TYPES = {*_SHAPE_INPUT, "Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2"}


def replay(gan: GAN, batch: tf.Tensor) -> tuple[Callable[[], tf.Tensor], int]:
    """Returns a function that does the products of one `train_step` in turn, and their number.

    Operands are random numbers of the same shapes and types; what lies between them is left out.

    Args:
        gan: A compiled GAN.
        batch: Examples as for `train_step`.

    Raises:
        ValueError: If the shape of an operand is not known before the step runs.
    """
    spec = tf.TensorSpec(batch.shape, batch.dtype)
    step = tf.function(gan.train_step, autograph=False).get_concrete_function(spec)
    products = list(_products(step.graph))
    operands: dict[tuple, tf.Variable] = {}

    def operand(tensor: tf.Tensor) -> tf.Variable:
        if not tensor.shape.is_fully_defined():
            raise ValueError(f"Expected a known shape. Received: {tensor.shape} of {tensor.name}")
        key = tuple(tensor.shape), tensor.dtype
        if key not in operands:
            # A variable: operations on constants would be done once, before the first call.
            value = tf.cast(tf.random.normal(tensor.shape, stddev=0.1), tensor.dtype)
            operands[key] = tf.Variable(value, trainable=False)
        return operands[key]

    inputs = [
        [
            tf.constant(op.outputs[0].shape.as_list(), tf.int32)
            if _SHAPE_INPUT.get(op.type) == index
            else operand(tensor)
            for index, tensor in enumerate(op.inputs)
        ]
        for op in products
    ]

    @tf.function
    def run() -> tf.Tensor:
        values: list[tf.Tensor] = []
        for op, own in zip(products, inputs, strict=True):
            with tf.control_dependencies(values[-1:]):
                tensors = [tf.convert_to_tensor(x) for x in own]
                copy = tf.compat.v1.get_default_graph().create_op(
                    op.type, tensors, [op.outputs[0].dtype], attrs=dict(op.node_def.attr)
                )
            values.append(copy.outputs[0])
        # Something of each, or it would not be computed.
        return tf.add_n([tf.cast(tf.reshape(value, [-1])[0], tf.float32) for value in values])

    return run, len(products)


def _products(graph: tf.Graph) -> Iterator[tf.Operation]:
    """Yields those of a graph, and of the functions that it calls, as often as they are called."""
    for op in _reached(graph):
        if op.type in _CALLS:
            yield from _products(graph._get_function(op.get_attr("f").name).graph)
        elif op.type in _TYPES:
            yield op


def _reached(graph: tf.Graph) -> list[tf.Operation]:
    """Returns what the outputs, or changes of state, need, in the order of the graph."""
    pending = [tensor.op for tensor in graph.outputs]
    changes = re.compile("|".join(["Assign", "ResourceApply", *_CALLS]))
    pending += [op for op in graph.get_operations() if changes.search(op.type)]
    seen: set[tf.Operation] = set()
    while pending:
        op = pending.pop()
        if op not in seen:
            seen.add(op)
            pending += [tensor.op for tensor in op.inputs]
    return [op for op in graph.get_operations() if op in seen]
