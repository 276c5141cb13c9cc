"""One small example of every layer that can be normalised, and its matrices by hand."""

import keras
import numpy as np

L = keras.layers


def _out_last(kernel):
    return kernel.reshape(-1, kernel.shape[-1]).T


def _out_last_but_one(kernel):
    return np.moveaxis(kernel, -2, 0).reshape(kernel.shape[-2], -1)


def _depthwise(kernel):
    return kernel.reshape(-1, kernel.shape[-2] * kernel.shape[-1]).T


# name -> (layer factory, shape of one example, {kernel name: kernel -> its matrix})
CASES = {
    "Dense": (lambda: L.Dense(5), (4,), {"kernel": _out_last}),
    "Conv1D": (lambda: L.Conv1D(5, 3), (6, 2), {"kernel": _out_last}),
    "Conv2D": (lambda: L.Conv2D(5, 3), (6, 6, 2), {"kernel": _out_last}),
    "Conv3D": (lambda: L.Conv3D(5, 2), (3, 3, 3, 2), {"kernel": _out_last}),
    "Conv1DTranspose": (lambda: L.Conv1DTranspose(5, 3), (6, 2), {"kernel": _out_last_but_one}),
    "Conv2DTranspose": (
        lambda: L.Conv2DTranspose(5, 4, strides=2),
        (3, 3, 2),
        {"kernel": _out_last_but_one},
    ),
    "Conv3DTranspose": (
        lambda: L.Conv3DTranspose(3, 2),
        (2, 2, 2, 2),
        {"kernel": _out_last_but_one},
    ),
    "DepthwiseConv1D": (
        lambda: L.DepthwiseConv1D(3, depth_multiplier=2),
        (6, 2),
        {"kernel": _depthwise},
    ),
    "DepthwiseConv2D": (
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2),
        (6, 6, 2),
        {"kernel": _depthwise},
    ),
    "SeparableConv1D": (
        lambda: L.SeparableConv1D(5, 3),
        (6, 2),
        {"depthwise_kernel": _depthwise, "pointwise_kernel": _out_last},
    ),
    "SeparableConv2D": (
        lambda: L.SeparableConv2D(5, 3),
        (6, 6, 2),
        {"depthwise_kernel": _depthwise, "pointwise_kernel": _out_last},
    ),
    "Embedding": (lambda: L.Embedding(7, 4), (3,), {"embeddings": lambda kernel: kernel}),
    "EinsumDense": (
        # Attention's projection: three inputs, [2, 5] outputs.
        lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5)),
        (4, 3),
        {"kernel": lambda kernel: kernel.reshape(3, 10).T},
    ),
}


def inputs(case: str, batch: int = 3) -> np.ndarray:
    rng = np.random.default_rng(0)
    shape = (batch, *CASES[case][1])
    if case == "Embedding":
        return rng.integers(0, 7, shape)
    return rng.standard_normal(shape).astype("float32")


def kernels(layer: keras.Layer, case: str) -> dict[str, keras.Variable]:
    """The kernel variables of the inner layer by name."""
    return {v.name: v for v in layer.weights if v.name in CASES[case][2]}


def top_singular_values(layer: keras.Layer, case: str) -> list[float]:
    matrices = CASES[case][2]
    return [
        np.linalg.svd(matrices[name](variable.numpy()))[1][0]
        for name, variable in kernels(layer, case).items()
    ]
