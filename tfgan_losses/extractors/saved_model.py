"""A SavedModel of whatever origin as an extractor."""

from __future__ import annotations

import os
from typing import TypeAlias

import tensorflow as tf

from tfgan_losses.extractors import hashing
from tfgan_losses.extractors.base import Facts
from tfgan_losses.extractors.networks import Found, NetworkExtractor
from tfgan_losses.types import Tensor

_SIGNATURE = "serving_default"
_Signature: TypeAlias = tf.types.experimental.ConcreteFunction


class SavedModel(NetworkExtractor):
    """The output of `serving_default`, or its outputs named `features` and `logits`.

    A float input gets images in [-1, 1], one of uint8 gets 0..255; they are resized if it has a
    size. What has height and width is averaged over them.

    Args:
        path: Folder of the SavedModel.

    Raises:
        ValueError: If it cannot be loaded, or the signature is not of this kind.
    """

    resizer = "antialiased-bilinear"

    def __init__(self, path: str | os.PathLike):
        self._hash = hashing.of_file(path)
        # Held, since a signature does not hold the variables that it reads.
        self._loaded = _loaded(path)
        self._serve = _signature(self._loaded, path)
        ((self._argument, spec),) = self._serve.structured_input_signature[1].items()
        self._dtype = spec.dtype
        self.input_shape = tuple(spec.shape[1:])
        if spec.dtype == tf.uint8:
            self.input_range = (0.0, 255.0)
        self._features = _name_of_features(self._serve, path)
        self.has_logits = "logits" in self._serve.structured_outputs
        self.has_maps = self._serve.structured_outputs[self._features].shape.rank == 4
        self.name = f"{hashing.plain(str(path))}-{hashing.short(self._hash)}"

    def facts(self) -> Facts:
        """Sizes, and the SHA-256 of the files with their names."""
        return {**super().facts(), "hash": self._hash, "layer": _SIGNATURE}

    def _network(self, inputs: Tensor) -> Found:
        if self._dtype == tf.uint8:
            inputs = tf.round(inputs)
        outputs = self._serve(**{self._argument: tf.cast(inputs, self._dtype)})
        return outputs[self._features], outputs.get("logits")


def _loaded(path: str | os.PathLike) -> tf.Module:
    try:
        return tf.saved_model.load(os.fspath(path))
    except (OSError, ValueError, tf.errors.OpError) as error:
        cause = str(error).strip().splitlines()[0]
        raise ValueError(
            f"Expected a SavedModel. Received: model={str(path)!r}, {cause}"
        ) from error


def _signature(loaded: tf.Module, path: str | os.PathLike) -> _Signature:
    signatures = dict(getattr(loaded, "signatures", {}))
    if _SIGNATURE not in signatures:
        raise ValueError(
            f"Expected a SavedModel with the signature {_SIGNATURE!r}. "
            f"Received: model={str(path)!r} with {sorted(signatures) or 'none'}"
        )
    function = signatures[_SIGNATURE]
    inputs = function.structured_input_signature[1]
    if len(inputs) != 1 or next(iter(inputs.values())).shape.rank is None:
        raise ValueError(
            f"Expected one input of known rank of the signature {_SIGNATURE!r}. "
            f"Received: model={str(path)!r} with {sorted(inputs)}"
        )
    return function


def _name_of_features(function: _Signature, path: str | os.PathLike) -> str:
    outputs = sorted(function.structured_outputs)
    others = [name for name in outputs if name != "logits"]
    if "features" not in others and len(others) != 1:
        raise ValueError(
            "Expected one output of the SavedModel, or one that is called 'features' and maybe "
            f"another that is called 'logits'. Received: model={str(path)!r} with {outputs}"
        )
    return "features" if "features" in others else others[0]
