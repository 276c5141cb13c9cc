"""A generator for LiteRT, once called TensorFlow Lite, on phones and small computers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_losses.exporting.formats import Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers.leaky_relu import without_custom_gradients
from tfgan_losses.types import Tensor


class _Served(tf.Module):
    """One function of latents, and labels or codes, to `{"samples": ...}`."""

    def __init__(self, generator: TrainedGenerator):
        super().__init__()
        self.generator_variables = [variable.value for variable in generator.network.variables]

        def serve(*inputs: Tensor) -> dict[str, Tensor]:
            return {"samples": generator.samples(*inputs)}

        self.serve = tf.function(serve, input_signature=generator.specs, autograph=False)


def write(generator: TrainedGenerator, path: Path) -> None:
    """Writes a file of operations that are built into the runtime, for batches of any size.

    Raises:
        tf.lite.ConverterError: If the runtime lacks an operation.
    """
    module = _Served(generator)
    # The converter traces, too.
    with without_custom_gradients():
        served = module.serve.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([served], module)
        content = converter.convert()
    path.write_bytes(content)


def load(path: Path) -> Runner:
    """Returns the signature of what is read again, run by LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(path)).get_signature_runner()
    names = sorted(runner.get_input_details(), key=lambda name: name != "latents")

    def run(inputs: list[np.ndarray]) -> np.ndarray:
        return runner(**dict(zip(names, inputs, strict=True)))["samples"]

    return run
