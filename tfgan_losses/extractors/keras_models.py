"""Networks of Keras as extractors: one of one's own, or one of `keras.applications`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import names
from tfgan_losses.extractors import hashing
from tfgan_losses.extractors.base import Facts
from tfgan_losses.extractors.networks import Found, NetworkExtractor, undisturbed
from tfgan_losses.types import Tensor


class KerasModel(NetworkExtractor):
    """The output of a `.keras` file, or one of its inner layers with the output as logits.

    It gets images in [-1, 1], as generators of this library make them, resized if its input has
    a size; whatever else it needs must be its first layer, such as `Rescaling(127.5, 127.5)` for
    0..255. What has height and width is averaged over them.

    Args:
        path: `.keras` file.
        layer: Name of the inner layer; None for the output.

    Raises:
        ValueError: If it cannot be loaded, has several inputs or outputs, or no such layer.
    """

    resizer = "antialiased-bilinear"

    def __init__(self, path: str | os.PathLike, layer: str | None = None):
        self._layer = layer
        self._hash = hashing.of_file(path)
        model = _loaded(path)
        self.input_shape = tuple(model.inputs[0].shape[1:])
        stem = "-".join(filter(None, (hashing.plain(str(path)), layer and hashing.plain(layer))))
        self.name = f"{stem}-{hashing.short(self._hash)}"
        self._normalised = _last_is_softmax(model)
        self.has_logits = layer is not None and len(model.outputs[0].shape) == 2
        outputs = [*model.outputs]
        if layer is not None:
            outputs = [_output_of(model, layer), *(model.outputs if self.has_logits else [])]
        self._model = keras.Model(model.inputs, outputs, name="extractor")
        self.has_maps = len(outputs[0].shape) == 4

    def facts(self) -> Facts:
        """Sizes, the SHA-256 of the file, and the layer."""
        return {**super().facts(), "hash": self._hash, "layer": self._layer or "output"}

    def _network(self, inputs: Tensor) -> Found:
        features, *logits = tf.nest.flatten(self._model(inputs, training=False))
        return features, _as_logits(logits[0], self._normalised) if logits else None


class Application(NetworkExtractor):
    """The averaged last features of a network of `keras.applications`, with weights from a file.

    Images are resized to the size that the network was made for, and prepared by
    `preprocess_input` of its module. A file with the classifier on top gives logits, too.

    Args:
        application: Name of the network, such as `"MobileNetV2"`.
        path: Its weights, `.h5`, with or without the top, of 1000 classes.

    Raises:
        ValueError: If there is no such network, or the weights are not its.
    """

    input_range = (0.0, 255.0)
    resizer = "antialiased-bilinear"

    def __init__(self, application: str, path: str | os.PathLike):
        build = _applications().get(application)
        if build is None:
            raise ValueError(names.unknown("application", application, _applications()))
        self._prepare = sys.modules[build.__module__].preprocess_input
        self._hash = hashing.of_file(path)
        self._model = _with_weights(application, build, path)
        self.has_logits = len(self._model.outputs) == 2
        self.has_maps = len(self._model.outputs[0].shape) == 4
        self.input_shape = tuple(self._model.inputs[0].shape[1:])
        self.name = f"{application}-{hashing.short(self._hash)}"

    def facts(self) -> Facts:
        """Sizes, the SHA-256 of the weights, and how images are prepared."""
        return {
            **super().facts(),
            "hash": self._hash,
            "layer": "average of the last features",
            "preparation": f"{self._prepare.__module__.rpartition('.')[2]}.preprocess_input",
        }

    def _network(self, inputs: Tensor) -> Found:
        inputs = self._prepare(inputs)
        features, *logits = tf.nest.flatten(self._model(inputs, training=False))
        return features, logits[0] if logits else None


def _as_logits(outputs: Tensor, normalised: bool) -> Tensor:
    """Returns log p of probabilities, whose softmax they are again, and logits as they are."""
    tiny = np.finfo(np.float32).tiny
    return tf.math.log(tf.maximum(outputs, tiny)) if normalised else outputs


def _loaded(path: str | os.PathLike) -> keras.Model:
    try:
        with undisturbed():
            model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, OSError, KeyError, ImportError) as error:
        cause = str(error).strip().splitlines()[0]
        raise ValueError(
            "Expected a .keras file of a network whose layers are Keras' own or registered by "
            f"`keras.saving.register_keras_serializable`. Received: model={str(path)!r}, {cause}"
        ) from error
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs or len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            "Expected a Sequential or functional network of one input and one output. "
            f"Received: model={str(path)!r}, a {type(model).__name__} of "
            f"{len(inputs or ())} inputs and {len(outputs or ())} outputs"
        )
    return model


def _output_of(model: keras.Model, layer: str) -> Tensor:
    layers = {each.name: each for each in model.layers}
    if layer not in layers:
        raise ValueError(names.unknown("layer", layer, layers))
    return layers[layer].output


def _last_is_softmax(model: keras.Model) -> bool:
    last = model.layers[-1]
    softmax = getattr(last, "activation", None) is keras.activations.softmax
    return softmax or isinstance(last, keras.layers.Softmax)


def _applications() -> dict[str, Callable[..., keras.Model]]:
    """Returns what builds the networks, by name."""
    found = vars(keras.applications).items()
    return {name: each for name, each in found if callable(each) and not name.startswith("_")}


def _with_weights(
    application: str, build: Callable[..., keras.Model], path: str | os.PathLike
) -> keras.Model:
    """Returns what gives the last features, and the logits where the file has the top."""
    with undisturbed():
        whole = build(weights=None, classifier_activation=None)
        bare = build(weights=None, include_top=False, input_shape=whole.input_shape[1:])
    # Both have the same layers up to the last features.
    features = whole.layers[len(bare.layers) - 1].output
    causes = []
    for model, outputs in ((whole, [features, whole.output]), (bare, [bare.output])):
        try:
            with warnings.catch_warnings():
                # Keras leaves some layers as they were drawn, and says no more than this.
                warnings.filterwarnings("error", message="Skipping|A total of")
                model.load_weights(path)
        except (ValueError, OSError, KeyError, TypeError, UserWarning) as error:
            causes.append(str(error).strip().splitlines()[0])
        else:
            return keras.Model(model.inputs, outputs, name="extractor")
    raise ValueError(
        f"Expected weights of keras.applications.{application}, with 1000 classes or without the "
        f"top. Received: weights={str(path)!r}, {causes[0]}"
    )
