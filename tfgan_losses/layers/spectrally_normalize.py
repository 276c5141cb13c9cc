"""Every layer of a model with spectral normalisation."""

from __future__ import annotations

import keras

from tfgan_losses.layers.spectral_kernels import is_supported
from tfgan_losses.layers.spectral_normalization import SpectralNormalization


def spectrally_normalize(
    model: keras.Model, *, power_iterations: int = 1, epsilon: float = 1e-12
) -> keras.Model:
    """Copies a functional or sequential model with every supported layer spectrally normalised.

    Nested models are copied too. Layers that are wrapped already, and layers that have no kernel
    to normalise (BatchNormalization, ...), are copied as they are; so are layers inside other
    wrappers (TimeDistributed, Bidirectional). A layer that is used twice is shared in the copy.
    Each wrapper has the name of the layer that it wraps. The given model is not changed.

    Args:
        model: A functional or sequential model.
        power_iterations: See `SpectralNormalization`.
        epsilon: See `SpectralNormalization`.

    Returns:
        A new model with copies of the weights and with converged singular vectors. It computes
        something else than `model`: each normalised kernel has the largest singular value 1.

    Raises:
        ValueError: If the model, or one inside it, is subclassed, so that its graph is not known,
            or a layer has LoRA or is quantised.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> model = keras.Sequential([keras.Input([4]), keras.layers.Dense(2)])
        >>> layers.spectrally_normalize(model).layers[-1].__class__.__name__
        'SpectralNormalization'
    """
    _check_graph(model)
    copies: list[tuple[keras.Layer, keras.Layer]] = []
    wrappers: list[SpectralNormalization] = []

    def copy_layer(layer: keras.Operation) -> keras.Operation:
        copied = layer.__class__.from_config(layer.get_config())
        if isinstance(layer, keras.Layer):
            copies.append((layer, copied))
        if not is_supported(layer):
            return copied
        wrappers.append(
            SpectralNormalization(
                copied,
                power_iterations=power_iterations,
                epsilon=epsilon,
                name=layer.name,
                trainable=layer.trainable,
            )
        )
        return wrappers[-1]

    copy = keras.models.clone_model(model, clone_function=copy_layer, recursive=True)
    for original, copied in copies:
        _copy_variables(original, copied)
    for wrapper in wrappers:
        # A sequential model without an input shape has no weights yet.
        if wrapper.built:
            wrapper.converge()
    return copy


def _check_graph(model: keras.Model) -> None:
    # Only models with a graph have `operations`. One with a `call` of its own may do something
    # that its graph does not say.
    has_graph = isinstance(model, keras.Sequential) or hasattr(model, "operations")
    if not has_graph or not type(model).call.__module__.startswith("keras."):
        raise ValueError(
            "spectrally_normalize() must know the graph of the model. Expected a functional or "
            "sequential model; wrap the layers of a subclassed one with SpectralNormalization "
            f"yourself. Received: model={model} of type {type(model).__name__}"
        )
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _check_graph(layer)


def _copy_variables(original: keras.Layer, copied: keras.Layer) -> None:
    if original.variables and not copied.built:
        copied.build_from_config(original.get_build_config())
    for source, target in zip(original.variables, copied.variables, strict=True):
        target.assign(source)
