"""What judges generated digits: an SVM for their classes, a small network for their features."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from tfgan_losses import datasets
from tfgan_losses.metrics import frechet_distance
from tfgan_losses.run_files.atomic import atomic_path

CLASSES = 10
_FEATURES = 64
_SEED, _EPOCHS, _BATCH = 0, 30, 64


@dataclasses.dataclass(frozen=True, eq=False)
class Judge:
    """Compares digits with the real ones.

    Attributes:
        examples: All real images, float32 [n, 8, 8, 1] in [-1, 1].
        classifier: Tells classes.
        features: Maps images to features [batch, 64], the last hidden layer of a network that was
            trained to tell classes.
        accuracies: Of both on real images that they were not trained with, in [0, 1].
    """

    examples: np.ndarray
    classifier: SVC
    features: keras.Model
    accuracies: dict[str, float]

    def class_shares(self, images: np.ndarray) -> np.ndarray:
        """Returns the fraction of the images in each class, [10]."""
        classes = self.classifier.predict(_flat(images))
        return np.bincount(classes, minlength=CLASSES) / len(images)

    def distance(self, images: np.ndarray) -> float:
        """Returns the Fréchet distance to all real images, in the 64 features."""
        return frechet_distance(self.of(self.examples), self.of(images))

    def floor(self) -> float:
        """Returns the Fréchet distance of one half of the real images to the other."""
        order = np.random.default_rng(_SEED).permutation(len(self.examples))
        halves = np.array_split(self.examples[order], 2)
        return frechet_distance(*map(self.of, halves))

    def of(self, images: np.ndarray) -> np.ndarray:
        """Returns the features of images, float32 [n, 64]."""
        return self.features(tf.constant(images, tf.float32)).numpy()


@functools.cache
def load(path: Path, data_dir: str | None) -> Judge:
    """Returns the judge whose network is in a file, trained and written there if there is none.

    So all trainings of a table are judged by the same network.

    Args:
        path: `.keras` file.
        data_dir: Where TensorFlow Datasets keeps its files.
    """
    examples, labels = datasets.load("digits", data_dir=data_dir).take(10_000)
    parts = train_test_split(examples, labels, test_size=0.3, random_state=_SEED, stratify=labels)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        network = _train_network(parts[0], parts[2])
        with atomic_path(path) as temporary:
            network.save(temporary)
    network = keras.models.load_model(path)
    classifier = SVC(C=10).fit(_flat(parts[0]), parts[2])
    accuracies = {
        "SVM": float(classifier.score(_flat(parts[1]), parts[3])),
        "network": float(np.mean(network(parts[1]).numpy().argmax(axis=1) == parts[3])),
    }
    features = keras.Model(network.inputs, network.get_layer("features").output)
    return Judge(examples, classifier, features, accuracies)


def _train_network(images: np.ndarray, labels: np.ndarray) -> keras.Model:
    keras.utils.set_random_seed(_SEED)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(images.shape[1:]),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(_FEATURES, activation="relu", name="features"),
            layers.Dense(CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss)
    network.fit(images, labels, batch_size=_BATCH, epochs=_EPOCHS, verbose=0)
    return network


def _flat(images: np.ndarray) -> np.ndarray:
    # [0, 1], as the SVM's own width of kernel expects.
    return (images.reshape(len(images), -1) + 1) / 2
