"""What extractors with a network have in common: shapes, channels, sizes, a few images at once."""

from __future__ import annotations

import contextlib
import functools
import math
import random
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.extractors.base import Extracted, Facts, FeatureExtractor, check_batch
from tfgan_losses.extractors.resizing import RESIZERS
from tfgan_losses.types import Tensor

# Pixels that a network sees at once: 46 images of 299x299, whose activations take 1 GB.
_PIXELS_AT_ONCE = 2**22
_AT_ONCE = 256

Found = tuple[Tensor, Tensor | None]


class NetworkExtractor(FeatureExtractor):
    """Runs a network in inference mode, on images of any size or on points.

    A grey image is repeated for a network of three channels. One that is a graph of TensorFlow
    defines `_network`, any other `_part`.

    Attributes:
        input_shape: Of one example as the network reads it, None for what may be anything.
        input_range: Lowest and highest value that the network gets for black and white; None for
            what are no images.
        resizer: A key of `RESIZERS`, None if no image is resized.
    """

    input_shape: tuple[int | None, ...]
    input_range: tuple[float, float] | None = (-1.0, 1.0)
    resizer: str | None = None

    def _network(self, inputs: Tensor) -> Found:
        """Returns features and logits of float32 [n, *input_shape], in a graph.

        Features that have height and width are averaged over them, or are feature maps.
        """
        raise NotImplementedError

    def facts(self) -> Facts:
        """Sizes, resizer and range; the network's own come to them."""
        images = len(self.input_shape) == 3
        size = self._size() if images else None
        bounds = None if self.input_range is None else [*self.input_range]
        return {
            "hash": None,
            "input_size": None if size is None else [*size],
            "resizer": self.resizer,
            "input_range": bounds if images else None,  # type: ignore[dict-item]
            "layer": None,
        }

    def check(self, example_shape: tuple[int, ...]) -> None:
        """Raises ValueError if the network cannot read examples of this shape."""
        wanted, given = self.input_shape, tuple(example_shape)
        if len(wanted) == len(given) == 3:
            own = wanted[2]
            fits = own in (None, given[2]) or (own == 3 and given[2] == 1)
            if self.resizer is None or self._size() is None:
                fits = fits and _agree(wanted[:2], given[:2])
        else:
            fits = _agree(wanted, given)
        if not fits:
            raise ValueError(
                f"The extractor {self.name!r} reads examples of shape {wanted}, and grey images "
                "as three equal channels. Expected examples that it can read"
                f"{_way_out(wanted, given)}. Received: example_shape={given}"
            )

    def __call__(self, examples: np.ndarray) -> Extracted:
        """Returns features and logits; the network gets a few of the examples at once."""
        self.check(examples.shape[1:])
        check_batch(examples)
        found = [self._part(examples[rows]) for rows in self._parts(examples)]
        features, logits = zip(*found, strict=True)
        if logits[0] is None:
            return Extracted(np.concatenate(features))
        return Extracted(np.concatenate(features), np.concatenate(logits))

    def maps(self, examples: np.ndarray) -> np.ndarray:
        """Returns what the features are the averages of; the network gets a few at once."""
        if not self.has_maps:
            return super().maps(examples)
        self.check(examples.shape[1:])
        check_batch(examples)
        return np.concatenate([self._map_part(examples[rows]) for rows in self._parts(examples)])

    def _map_part(self, examples: np.ndarray) -> np.ndarray:
        """Returns the feature maps of so few examples that a network can take them at once."""
        features, _ = self._function(examples.shape[1:], examples.dtype.name, maps=True)(
            tf.constant(examples)
        )
        return features.numpy()

    def _part(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns features and logits of so few examples that a network can take them at once."""
        function = self._function(examples.shape[1:], examples.dtype.name)
        features, logits = function(tf.constant(examples))
        return features.numpy(), None if logits is None else logits.numpy()

    def _parts(self, examples: np.ndarray) -> list[slice]:
        shapes = zip(self.input_shape, examples.shape[1:], strict=True)
        pixels = math.prod([own or given for own, given in shapes][:2])
        at_once = max(1, min(_AT_ONCE, _PIXELS_AT_ONCE // max(1, pixels)))
        return [slice(start, start + at_once) for start in range(0, len(examples), at_once)]

    @functools.cached_property
    def _functions(self) -> dict[tuple[tuple[int, ...], str, bool], Callable[[Tensor], Found]]:
        return {}

    def _function(
        self, example_shape: tuple[int, ...], dtype: str, *, maps: bool = False
    ) -> Callable[[Tensor], Found]:
        """Returns the graph for examples of a shape, traced once."""
        key = (example_shape, dtype, maps)
        if key not in self._functions:
            spec = tf.TensorSpec([None, *example_shape], dtype)
            run = functools.partial(self._run, maps=maps)
            self._functions[key] = tf.function(run, input_signature=[spec], autograph=False)
        return self._functions[key]

    def _run(self, examples: Tensor, *, maps: bool) -> Found:
        values = tf.cast(examples, tf.float32)
        if len(self.input_shape) == 3:
            values = self._resized(values)
            if self.input_range is not None:
                low, high = self.input_range
                values = values * ((high - low) / 255) + low
            if self.input_shape[2] == 3 and values.shape[3] == 1:
                values = tf.repeat(values, 3, axis=3)
        features, logits = self._network(values)
        features = tf.cast(features if maps else _averaged(features), tf.float32)
        return features, None if logits is None else tf.cast(logits, tf.float32)

    def _resized(self, images: Tensor) -> Tensor:
        size = self._size()
        if self.resizer is None or size in (None, tuple(images.shape[1:3])):
            return images
        return RESIZERS[self.resizer](images, size)

    def _size(self) -> tuple[int, int] | None:
        """Returns height and width of the images that the network reads, None if not both."""
        height, width = self.input_shape[:2]
        return None if height is None or width is None else (height, width)


def _averaged(features: Tensor) -> Tensor:
    """Returns features [n, features] of what may have height and width, or other axes."""
    axes = [*range(1, features.shape.rank - 1)]
    return tf.reduce_mean(features, axes) if axes else features


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """In it a network of Keras is made that does not depend on the training, nor that on it.

    What is drawn for initialisers moves no draw of anybody else; layers compute in float32.
    """
    state, policy = random.getstate(), keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        random.setstate(state)


def _way_out(wanted: tuple[int | None, ...], given: tuple[int, ...]) -> str:
    if len(given) == len(wanted) == 3 and given[2] == 4:
        return f", such as channels={wanted[2]}, or 'pixels', which read transparency, too"
    return ""


def _agree(wanted: tuple[int | None, ...], given: tuple[int, ...]) -> bool:
    return len(wanted) == len(given) and all(
        own in (None, size) for own, size in zip(wanted, given, strict=True)
    )
