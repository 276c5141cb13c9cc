"""How far apart two float32 results can be that differ in nothing but the order of their sums.

A CPU has one order for each sum, most of the time; a GPU has as many as it has kernels, and picks
one by the shapes. In every order, a sum of n rounded products is off by at most gamma_n times the
sum of their absolute values, gamma_n = n u / (1 - n u): Higham, "Accuracy and Stability of
Numerical Algorithms", 2nd edition, 2002, equations 3.4 and 3.5.
"""

import functools

import keras
import numpy as np
import tensorflow as tf

UNIT = 2.0**-24
# Additions and products of a normalisation, and the error of an activation in units.
_OF_A_SCALE = _OF_AN_ACTIVATION = 4


@functools.cache
def has_gpu():
    return bool(tf.config.list_physical_devices("GPU"))


def gamma(terms):
    return terms * UNIT / (1 - terms * UNIT)


def between_orders(terms, magnitude):
    """Bounds the distance of two sums of the same `terms`, whose absolute values sum to this."""
    return 2 * gamma(terms) * float(magnitude)


def between_orders_of(network, inputs):
    """Bounds the distance of two results of a sequential network in inference.

    With |W| for W and no activations a network gives a bound M on its sums of absolute values.
    Activations f here have |f(z)| <= |z| and slopes of at most 1, so that the errors of the layers
    add up: gamma of the terms of all of them, times M.
    """
    magnitude, terms = tf.abs(tf.convert_to_tensor(inputs)), 0
    for layer in network.layers:
        magnitude, own = _through(layer, magnitude)
        terms += own
    return between_orders(terms, np.max(magnitude))


def _through(layer, magnitude):
    match layer:
        case keras.layers.Dense() | keras.layers.Conv2D():
            linear = type(layer).from_config({**layer.get_config(), "activation": None})
            linear.build(magnitude.shape)
            linear.set_weights([np.abs(weight) for weight in layer.get_weights()])
            activated = _OF_AN_ACTIVATION * (layer.activation is not keras.activations.linear)
            return linear(magnitude), int(np.prod(layer.kernel.shape[:-1])) + 1 + activated
        case keras.layers.BatchNormalization():
            scale = np.abs(layer.gamma) / np.sqrt(layer.moving_variance + layer.epsilon)
            shift = scale * np.abs(layer.moving_mean) + np.abs(layer.beta)
            return magnitude * scale + shift, _OF_A_SCALE
        case keras.layers.Flatten() | keras.layers.Reshape():
            return layer(magnitude), 0
    if "LeakyReLU" not in type(layer).__name__:
        raise ValueError(f"Expected a layer with a known bound. Received: {layer}")
    return magnitude, 1


def tolerance(on_cpu, bound):
    """Returns what is asked for where sums have one order, on a GPU the bound if it is larger."""
    return max(on_cpu, bound) if has_gpu() else on_cpu
