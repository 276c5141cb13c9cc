"""Features of a network that learnt the classes of the real data itself."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.extractors import cache, classifier_training, hashing, reading
from tfgan_losses.extractors.base import Facts
from tfgan_losses.extractors.networks import Found, NetworkExtractor
from tfgan_losses.extractors.resizing import area
from tfgan_losses.types import Tensor

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

_LARGEST = 64
_MOST_EXAMPLES = 20_000
_HELD_OUT = 5  # One of so many.
_FEWEST = 20


@dataclasses.dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network.

    Attributes:
        network: Maps images in [-1, 1] to features and logits.
        facts: About its training, in plain values.
    """

    network: keras.Model
    facts: dict[str, int | float]


class Classifier(NetworkExtractor):
    """The last hidden layer, 64 numbers, and the logits of a small convolutional network.

    It knows what the classes of this data look like and nothing else: good enough to see that
    samples are of no class or that classes are missing, blind to what no class depends on. Sides
    of more than 64 pixels are averaged down to 64. Compare numbers only within one set of data,
    and only where the hash in the name is the same.

    Args:
        name: Of the data, e.g. "digits".
        learnt: The network.
    """

    has_logits = True
    resizer = "area"

    def __init__(self, name: str, learnt: Learnt):
        self._learnt = learnt
        self._hash = hashing.of_arrays(learnt.network.get_weights())
        self.name = f"{name}-cnn-{hashing.short(self._hash)}"
        self.input_shape = learnt.network.input_shape[1:]

    @classmethod
    def of(cls, source: Source) -> Classifier:
        """Returns the classifier of a data set, from the cache or trained in a few seconds.

        No draw of the process moves. One example in five is held out.

        Args:
            source: Images with labels.

        Raises:
            ValueError: If they have no labels or one class only, are no images, or are too few.
        """
        classes = _checked_classes(source)
        return cls(hashing.plain(source.name), _kept_or_learnt(source, classes))

    def facts(self) -> Facts:
        """Sizes, hash of the weights, and how well it tells the classes of unseen examples."""
        return {
            **super().facts(),
            "hash": self._hash,
            "layer": "features",
            "features": classifier_training.FEATURES,
            **self._learnt.facts,
        }

    def _network(self, inputs: Tensor) -> Found:
        features, logits = self._learnt.network(inputs, training=False)
        return features, logits


def _checked_classes(source: Source) -> int:
    received = f"Received: source={source.name!r} with"
    if source.num_classes is None:
        raise ValueError(
            "Expected data with labels for the extractor 'classifier', which learns them; "
            f"'pixels' needs none. {received} num_classes=None"
        )
    if source.num_classes < 2:
        raise ValueError(
            f"Expected at least 2 classes for the extractor 'classifier'. {received} "
            f"num_classes={source.num_classes}"
        )
    if len(source.example_shape) != 3:
        raise ValueError(
            "Expected images [height, width, channels] for the extractor 'classifier'. "
            f"{received} example_shape={tuple(source.example_shape)}"
        )
    if source.size is not None and source.size < _FEWEST:
        raise ValueError(
            f"Expected at least {_FEWEST} examples for the extractor 'classifier'. {received} "
            f"size={source.size}"
        )
    return int(source.num_classes)


def _kept_or_learnt(source: Source, classes: int) -> Learnt:
    count = reading.number_of(source, _MOST_EXAMPLES)
    shape = _input_shape(source)
    identity = reading.identity_of(source)
    if identity is None:
        return _learn(source, classes, count, shape)
    recipe = classifier_training.RECIPE
    entry = cache.Entry("classifier", {"data": identity, "count": count, "recipe": recipe})

    def made(arrays: dict[str, np.ndarray]) -> Learnt:
        return _from(arrays, shape, classes)

    kept = entry.read(made)
    if kept is not None:
        return kept
    learnt = _learn(source, classes, count, shape)
    # Of several processes the first one to end is followed: weights differ in their last bits with
    # the number of threads.
    kept = entry.read(made)
    if kept is None:
        entry.write(_arrays(learnt))
    return kept or learnt


def _input_shape(source: Source) -> tuple[int, int, int]:
    height, width, channels = source.example_shape
    return min(height, _LARGEST), min(width, _LARGEST), channels


def _learn(source: Source, classes: int, count: int, shape: tuple[int, int, int]) -> Learnt:
    images, labels = _read(source, count, shape)
    held_out = len(images) // _HELD_OUT
    network = classifier_training.build(shape, classes)
    classifier_training.train(network, images[held_out:], labels[held_out:])
    found = [
        network(classifier_training.unit_range(tf.constant(part)), training=False)[1]
        for part in np.array_split(images[:held_out], -(-held_out // 256))
    ]
    guesses = np.concatenate(found).argmax(axis=1)
    facts: dict[str, int | float] = {
        "held_out_accuracy": float(np.mean(guesses == labels[:held_out])),
        "held_out_examples": held_out,
        "trained_on": count - held_out,
        "classes": classes,
    }
    return Learnt(network, facts)


def _read(source: Source, count: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns images, uint8 [count, *shape], and their labels [count]."""
    images, labels = np.empty((count, *shape), np.uint8), np.empty(count, np.int32)
    done = 0
    for examples, own_labels in reading.each_once(source, count):
        if tuple(examples.shape[1:]) != shape:
            # Of [-1, 1], before they are rounded; the extractor itself gets rounded ones.
            examples = area(tf.constant(examples), shape[:2]).numpy()
        rows = slice(done, done + len(examples))
        images[rows], labels[rows] = reading.quantised(examples), np.asarray(own_labels)
        done += len(examples)
    return images, labels


def _arrays(learnt: Learnt) -> dict[str, np.ndarray]:
    weights = learnt.network.get_weights()
    kept = {f"weights_{number:02}": array for number, array in enumerate(weights)}
    return {**kept, "facts": np.array(json.dumps(learnt.facts))}


def _from(arrays: dict[str, np.ndarray], shape: tuple[int, int, int], classes: int) -> Learnt:
    facts = json.loads(str(arrays.pop("facts")))
    network = classifier_training.build(shape, classes)
    network.set_weights([arrays[name] for name in sorted(arrays)])
    return Learnt(network, facts)
