"""Batch statistics over all replicas instead of over each."""

from __future__ import annotations

import keras


def synchronize_batch_normalization(network: keras.Model) -> keras.Model:
    """Lets every BatchNormalization of a network see the batch of all replicas.

    Under a strategy of several replicas each of them normalises by its own part of the batch, and
    trains other weights than one device with the whole batch. With this they train the same, for
    two exchanges per layer and pass. Without replicas nothing changes.

    Args:
        network: Changed in place, its nested models and the layers of this library too.

    Returns:
        The network.

    Examples:
        >>> import keras
        >>> from tfgan_losses import layers
        >>> network = keras.Sequential([keras.Input([4]), keras.layers.BatchNormalization()])
        >>> layers.synchronize_batch_normalization(network).layers[0].synchronized
        True
    """
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
    return network
