"""A generator as a Keras model, to be called, built into others, or trained further."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from tfgan_losses.exporting.formats import Runner
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers import ConditionVectors


def write(generator: TrainedGenerator, path: Path) -> None:
    """Writes a model of latents, or of a list of them and of labels or codes."""
    model_of(generator).save(path)


def model_of(generator: TrainedGenerator) -> keras.Model:
    """Returns the network itself, or under a condition one that encodes labels or codes first."""
    if generator.condition is None:
        return generator.network
    inputs = [
        keras.Input(spec.shape[1:], dtype=spec.dtype.name, name=spec.name)
        for spec in generator.specs
    ]
    vectors = ConditionVectors(generator.condition, name=f"vectors_of_{inputs[1].name}")(inputs[1])
    samples = generator.network([inputs[0], vectors])
    return keras.Model(inputs, samples, name=generator.network.name)


def load(path: Path) -> Runner:
    """Returns the model that is read again."""
    model = keras.saving.load_model(path, compile=False)

    def run(inputs: list[np.ndarray]) -> np.ndarray:
        given = inputs if len(inputs) > 1 else inputs[0]
        return model.predict_on_batch(given).astype("float32")

    return run
