"""Batch normalisations within models and layers are synchronised, too."""

import keras

from tfgan_losses.layers import ConditionalBatchNormalization, synchronize_batch_normalization


def test_nested_models_and_layers():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization()])
    features, condition = keras.Input((4,)), keras.Input((3,))
    outputs = ConditionalBatchNormalization()([inner(features), condition])
    outer = keras.Model([features, condition], keras.layers.BatchNormalization()(outputs))
    assert synchronize_batch_normalization(outer) is outer
    found = [
        layer
        for layer in outer._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert len(found) == 3 and all(layer.synchronized for layer in found)
