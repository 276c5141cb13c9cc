"""The convolutions and matrix products of a training step: how many operations, and those alone.

Both are read from the graph of one step, with the loops in it run as often as the graph says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import tensorflow as tf

from tfgan_losses import GAN

# Those with an input for the shape of their result, and which one that is.
_SHAPE_INPUT = {
    "Conv2DBackpropInput": 0,
    "Conv2DBackpropFilter": 1,
    "DepthwiseConv2dNativeBackpropInput": 0,
    "DepthwiseConv2dNativeBackpropFilter": 1,
}
_MATRICES = {"MatMul", "BatchMatMul", "BatchMatMulV2"}
_TYPES = {*_SHAPE_INPUT, "Conv2D", "DepthwiseConv2dNative", *_MATRICES}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_LOOPS = {"While", "StatelessWhile"}
_CHOICES = {"If", "StatelessIf", "Case", "StatelessCase"}
_NESTED = {*_CALLS, *_LOOPS, *_CHOICES}


def products_of_step(gan: GAN, batch: tf.Tensor) -> list[tf.Operation]:
    """Returns the convolutions and matrix products of one `train_step`, as often as it does them.

    Args:
        gan: A compiled GAN.
        batch: Examples as for `train_step`.

    Raises:
        ValueError: If nothing says how often a loop runs.
    """
    spec = tf.TensorSpec(batch.shape, batch.dtype)
    step = tf.function(gan.train_step, autograph=False).get_concrete_function(spec)
    return list(products_of(step.graph))


def products_of(graph: tf.Graph) -> Iterator[tf.Operation]:
    """Yields those of a graph and of all that it calls; of a choice, the branch with most work."""
    for op in _reached(graph):
        if op.type in _TYPES:
            yield op
        elif op.type in _CALLS:
            yield from products_of(_function(graph, op, "f"))
        elif op.type in _LOOPS:
            body = list(products_of(_function(graph, op, "body")))
            # What holds no product may run as often as it likes.
            yield from body * _trips(graph, op) if body else ()
        elif op.type in _CHOICES:
            branches = (list(products_of(branch)) for branch in _branches(graph, op))
            yield from max(branches, key=operations)


def _reached(graph: tf.Graph) -> list[tf.Operation]:
    """Returns what the outputs, or changes of state, need, in the order of the graph."""
    pending = [tensor.op for tensor in graph.outputs]
    changes = ("Assign", "ResourceApply")
    pending += [
        op
        for op in graph.get_operations()
        if op.type in _NESTED or any(change in op.type for change in changes)
    ]
    seen: set[tf.Operation] = set()
    while pending:
        op = pending.pop()
        if op not in seen:
            seen.add(op)
            pending += [tensor.op for tensor in op.inputs]
    return [op for op in graph.get_operations() if op in seen]


def _function(graph: tf.Graph, op: tf.Operation, attribute: str) -> tf.Graph:
    return graph._get_function(op.get_attr(attribute).name).graph


def _branches(graph: tf.Graph, op: tf.Operation) -> list[tf.Graph]:
    if op.type.endswith("If"):
        return [_function(graph, op, name) for name in ("then_branch", "else_branch")]
    return [graph._get_function(branch.name).graph for branch in op.get_attr("branches")]


def _trips(graph: tf.Graph, loop: tf.Operation) -> int:
    """Returns how often a loop runs that counts by ones up to a number, as `tf.while_loop` does."""
    condition = _function(graph, loop, "cond")

    def value(tensor: tf.Tensor) -> int | None:
        places = [index for index, own in enumerate(condition.inputs) if own is tensor]
        found = tf.get_static_value(loop.inputs[places[0]] if places else tensor)
        return None if found is None else int(found)

    bounds = [map(value, op.inputs) for op in condition.get_operations() if op.type == "Less"]
    trips = [end - start for start, end in bounds if start is not None and end is not None]
    if not trips:
        raise ValueError(f"Expected a loop over a known number of parts. Received: {loop.name}")
    return max(min(trips), 0)


def operations(products: Sequence[tf.Operation]) -> int:
    """Returns the floating point operations, two for each multiplication.

    Multiplications with zeros that pad an image count, as is usual; what a fast algorithm saves
    is not subtracted.

    Args:
        products: Of `products_of`.

    Raises:
        ValueError: If the shape of an operand is not known before the step runs.
    """
    return 2 * sum(_multiplications(op) for op in products)


def _multiplications(op: tf.Operation) -> int:
    if op.type in _MATRICES:
        transposed = op.get_attr("transpose_a" if op.type == "MatMul" else "adj_x")
        inner = _shape(op.inputs[0])[-2 if transposed else -1]
        return math.prod(_shape(op.outputs[0])) * inner
    # A gradient multiplies as often as the convolution that it belongs to.
    result = op.inputs[2] if op.type in _SHAPE_INPUT else op.outputs[0]
    kernel = op.outputs[0] if op.type.endswith("BackpropFilter") else op.inputs[1]
    height, width, inputs, _ = _shape(kernel)
    per_result = height * width * (1 if op.type.startswith("Depthwise") else inputs)
    return math.prod(_shape(result)) * per_result


def _shape(tensor: tf.Tensor) -> tuple[int, ...]:
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"Expected a known shape. Received: {tensor.shape} of {tensor.name}")
    return tuple(tensor.shape)


def replay(products: Sequence[tf.Operation]) -> Callable[[], tf.Tensor]:
    """Returns a function that does the products in turn.

    Operands are random numbers of the same shapes and types; what lies between them is left out.

    Args:
        products: Of `products_of_step`.

    Raises:
        ValueError: As `operations`.
    """
    operands: dict[tuple, tf.Variable] = {}

    def operand(tensor: tf.Tensor) -> tf.Variable:
        key = _shape(tensor), tensor.dtype
        if key not in operands:
            # A variable: operations on constants would be done once, before the first call.
            value = tf.cast(tf.random.normal(tensor.shape, stddev=0.1), tensor.dtype)
            operands[key] = tf.Variable(value, trainable=False)
        return operands[key]

    inputs = [
        [
            tf.constant(_shape(op.outputs[0]), tf.int32)
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

    return run
