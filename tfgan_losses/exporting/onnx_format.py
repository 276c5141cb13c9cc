"""A generator for ONNX Runtime and whatever else reads ONNX."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_losses.exporting.formats import Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers.leaky_relu import without_custom_gradients
from tfgan_losses.types import Tensor

# The first version of the operators that has all of those of the noise of StyleGAN2.
_OPSET = 18


def write(generator: TrainedGenerator, path: Path) -> None:
    """Writes a file for batches of any size; its metadata has `class_names`, as JSON, if any.

    An operation that ONNX lacks is found when the file is read.
    """
    import tf2onnx

    def serve(*inputs: Tensor) -> dict[str, Tensor]:
        return {"samples": generator.samples(*inputs)}

    # It writes what it lacks line by line; so does who reads the file, in one.
    tf2onnx.logging.set_level(logging.CRITICAL)
    function = tf.function(serve, autograph=False)
    with without_custom_gradients():
        model, _ = tf2onnx.convert.from_function(
            function, input_signature=generator.specs, opset=_OPSET
        )
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    if generator.class_names is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = "class_names", json.dumps(generator.class_names)
    path.write_bytes(model.SerializeToString())


def load(path: Path) -> Runner:
    """Returns what is read again, run by ONNX Runtime on a CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def run(inputs: list[np.ndarray]) -> np.ndarray:
        (samples,) = session.run(["samples"], dict(zip(names, inputs, strict=True)))
        return samples

    return run
