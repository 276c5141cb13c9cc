"""Data and one extractor of each kind for the tests."""

import inception_graph
import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.datasets.source import MemorySource


def images(count=40, shape=(12, 10, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype("uint8")


def source(count=200, shape=(12, 10, 1), *, classes=3, seed=0, name="stripes"):
    """Images with a bright column where their class is."""
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 100, (count, *shape)).astype("uint8")
    labels = np.arange(count, dtype="int32") % (classes or 1)
    values[np.arange(count), :, 2 * labels] += 120
    if classes is None:
        return MemorySource.from_arrays(values, name=name)
    return MemorySource.from_arrays(values, labels, name=name, num_classes=classes)


def network(shape=(8, 8, 3), *, last="softmax"):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, name="convolution"),
            layers.BatchNormalization(name="normalization"),
            layers.Dropout(0.5, name="dropout"),
            layers.Flatten(name="flat"),
            layers.Dense(6, activation="relu", name="hidden"),
            layers.Dense(5, activation=last, name="classes"),
        ]
    )


def saved_model(path, shape=(8, 8, 3), *, dtype=tf.float32, outputs=("output",)):
    """Writes one whose outputs are multiples of the mean of each channel, the first one times 1."""

    class Means(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, *shape], dtype, name="images")])
        def serve(self, images):
            means = tf.reduce_mean(tf.cast(images, tf.float32), [1, 2])
            return {name: means * (i + 1.0) for i, name in enumerate(outputs)}

    module = Means()
    tf.saved_model.save(module, path, signatures={"serving_default": module.serve})
    return path


def of_each_kind(folder):
    """Identifiers of all kinds that read images, for files written into a folder."""
    network().save(folder / "net.keras")
    saved_model(folder / "means")
    inception_graph.write(folder / "graph.pb")
    return [
        "pixels",
        "classifier",
        f"inception:{folder}/graph.pb",
        f"model:{folder}/net.keras",
        f"model:{folder}/net.keras#hidden",
        f"model:{folder}/net.keras#convolution",
        f"model:{folder}/means",
    ]
