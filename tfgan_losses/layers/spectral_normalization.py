"""Spectral normalisation of a layer (Miyato et al. 2018, arXiv:1802.05957, algorithm 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_losses.layers.power_iteration import (
    krylov_step,
    power_iteration_step,
    top_singular_vectors,
)
from tfgan_losses.layers.spectral_kernels import SpectralKernel, check_layer, find_kernels
from tfgan_losses.types import Shape, Tensor

_SIDES = ("left", "right")
# The work of one of them is that of a step of the power iteration.
_STEPS_PER_AVERAGE = 16


@keras.saving.register_keras_serializable(package="tfgan_losses")
class SpectralNormalization(keras.layers.Wrapper):
    """Runs a layer with its kernel divided by the kernel's largest singular value.

    The forward pass uses `W / sigma(W)`, `sigma(W) = u^T W v` (equation 8), in training and in
    inference alike. `W` stays the trained variable and is never assigned here. `u` and `v` are
    float32 state: a call with `training=True` moves them by `power_iterations` steps of the power
    iteration, a call with `training=False` leaves them, and so does a layer that is not trainable.
    Gradients flow through `sigma` with `u` and `v` held constant (equation 9), so that
    `<dL/dW, W> = 0`. When the layer is built `u` and `v` are iterated to convergence, so the first
    call is exact already; the paper starts from a random `u`.

    Kernels are matrices `[out, everything else]`, also those of transposed convolutions;
    `[in * multiplier, positions]` for depthwise ones; `[input_dim, output_dim]` for embeddings; by
    the letters of the equation for `EinsumDense`. A separable convolution has both its kernels
    normalised. `keras.layers.SpectralNormalization` is a different thing: it writes `W / sigma`
    back into the variable and has no gradient through `sigma`.

    Call `converge()` after the weights were replaced from outside (`set_weights`). Loading a
    saved model restores `u` and `v` and needs no such call; nor does an exponential moving average
    of the weights, which the layer follows (`follow_average`).

    Args:
        layer: A Dense, EinsumDense, Embedding, (transposed) convolution, depthwise or separable
            convolution layer, without LoRA and not quantised.
        power_iterations: Steps of the power iteration per training call, at least 1.
        epsilon: A sigma or a vector shorter than this counts as zero; a kernel of zeros is
            then used as it is.
        name: Name of this layer.
        trainable: Whether the wrapped layer's weights are trained.

    Raises:
        ValueError: If the layer cannot be handled, or an argument is out of its range.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> dense = layers.SpectralNormalization(keras.layers.Dense(3, use_bias=False))
        >>> for _ in range(50):
        ...     outputs = dense(np.ones([1, 5]), training=True)
        >>> kernel = dense(np.eye(5)).numpy()  # As it is used.
        >>> round(float(np.linalg.norm(kernel, 2)), 4)
        1.0
    """

    def __init__(
        self,
        layer: keras.Layer,
        *,
        power_iterations: int = 1,
        epsilon: float = 1e-12,
        name: str | None = None,
        trainable: bool = True,
    ):
        _check_arguments(layer, power_iterations, epsilon)
        # float32 and no autocasting for this wrapper alone: it must see the float32 kernel and
        # pass the inputs on untouched. The wrapped layer keeps its own precision policy.
        super().__init__(layer, name=name, trainable=trainable, dtype="float32", autocast=False)
        self.power_iterations = power_iterations
        self.epsilon = epsilon
        self.supports_masking = layer.supports_masking

    def build(self, input_shape: Shape | None = None) -> None:
        """Builds the wrapped layer and creates a converged `u` and `v` for each of its kernels."""
        check_layer(self.layer)
        # Inside a tf.function trace the variables, and the start from the initial kernel, belong
        # outside of the graph.
        with tf.init_scope():
            super().build(input_shape)
            self.kernels = find_kernels(self.layer)
            for kernel in self.kernels:
                self._add_singular_vectors(kernel)

    def _add_singular_vectors(self, kernel: SpectralKernel) -> None:
        found: list[np.ndarray] = []

        def start(side: int, size: int) -> Callable[[Shape, str], Tensor]:
            # Functions, because Keras may delay the initialisation of the kernel until after that
            # of this layer; the left vector is always the first to be asked for.
            def initializer(shape: Shape, dtype: str) -> Tensor:
                if not tf.executing_eagerly():
                    # Only shapes are being inferred.
                    return ops.full(shape, size**-0.5, dtype)
                if side == 0:
                    found[:] = _converged_vectors(kernel)
                return ops.cast(found[side], dtype)

            return initializer

        for side, size in enumerate(kernel.matrix_shape):
            # An attribute for each: tf.train.Checkpoint does not look into Keras' lists.
            name = f"{kernel.variable.name}_{_SIDES[side]}"
            setattr(self, name, _state(start(side, size), size, name))

    @property
    def left_vectors(self) -> list[keras.Variable]:
        """The estimate `u` of every kernel: unit vectors `[rows]`, float32."""
        return self._vectors(0)

    @property
    def right_vectors(self) -> list[keras.Variable]:
        """The estimate `v` of every kernel: unit vectors `[columns]`, float32."""
        return self._vectors(1)

    def _vectors(self, side: int) -> list[keras.Variable]:
        return [getattr(self, f"{k.variable.name}_{_SIDES[side]}") for k in self.kernels]

    def _states(self) -> Iterator[tuple[SpectralKernel, keras.Variable, keras.Variable]]:
        return zip(self.kernels, self.left_vectors, self.right_vectors, strict=True)

    def converge(self) -> None:
        """Iterates `u` and `v` of the present kernels to convergence.

        Raises:
            ValueError: If the layer is not built.
            RuntimeError: If it is called inside a `tf.function`.
        """
        if not self.built:
            raise ValueError(
                f"Expected a built layer before converge() is called. Received: layer={self}"
            )
        if not tf.executing_eagerly():
            raise RuntimeError(
                "SpectralNormalization.converge() iterates in NumPy: call it eagerly, outside of "
                "any tf.function."
            )
        for kernel, left, right in self._states():
            new_left, new_right = _converged_vectors(kernel)
            left.assign(new_left)
            right.assign(new_right)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Applies the wrapped layer with `W / sigma(W)` in the place of `W`."""
        check_layer(self.layer)
        mapping = [
            (kernel.variable, self._normalized(kernel, left, right, training))
            for kernel, left, right in self._states()
        ]
        scope = keras.StatelessScope(mapping, collect_losses=True, initialize_variables=False)
        with scope:
            if scope.original_scope is not None:
                # Under `stateless_call` the other weights have values of their own.
                outer = scope.original_scope.state_mapping
                scope.state_mapping = {**outer, **scope.state_mapping}
            outputs = self.layer(inputs)
        # The scope would swallow the wrapped layer's activity regularisation.
        for loss in scope.losses:
            self.layer.add_loss(loss)
        return outputs

    def _normalized(
        self, kernel: SpectralKernel, left: keras.Variable, right: keras.Variable, training: bool
    ) -> Tensor:
        value = _at_least_float32(kernel.variable.value)
        matrix = kernel.to_matrix(value)
        u, v = ops.cast(left.value, value.dtype), ops.cast(right.value, value.dtype)
        if training and self.trainable:
            frozen = ops.stop_gradient(matrix)
            for _ in range(self.power_iterations):
                u, v = power_iteration_step(frozen, u, v, self.epsilon)
            left.assign(u)
            right.assign(v)
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        # The order whose gradient is a matrix that lies as the kernel does.
        sigma = ops.sum(ops.matmul(v, ops.transpose(matrix)) * u)
        return value / ops.where(ops.abs(sigma) > self.epsilon, sigma, ops.ones_like(sigma))

    @property
    def not_averaged(self) -> list[keras.Variable]:
        """`u` and `v` of every kernel: the mean of unit vectors is shorter than one."""
        return [*self.left_vectors, *self.right_vectors]

    def follow_average(self) -> None:
        """Finds `u` and `v` of kernels that an exponential moving average has just moved.

        Sigma has to be right after each of its steps, and the first ones are the largest: so many
        products keep it within 0.5 %, also at a learning rate of 5e-3. As many plain steps of the
        power iteration would not: after ten of them it was off by 6 %.
        """
        for kernel, left, right in self._states():
            matrix = kernel.to_matrix(_at_least_float32(kernel.variable.value))
            u, v = ops.cast(left.value, matrix.dtype), ops.cast(right.value, matrix.dtype)
            u, v = krylov_step(matrix, u, v, _STEPS_PER_AVERAGE, self.epsilon)
            left.assign(u)
            right.assign(v)

    def compute_output_spec(
        self, inputs: keras.KerasTensor, training: bool = False
    ) -> keras.KerasTensor:
        """Returns what the wrapped layer returns: this wrapper changes neither shape nor dtype."""
        return self.layer.compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the output shape of the wrapped layer."""
        return self.layer.compute_output_shape(input_shape)

    def compute_mask(self, inputs: Tensor, previous_mask: Tensor | None = None) -> Tensor | None:
        """Returns the mask of the wrapped layer."""
        return self.layer.compute_mask(inputs, previous_mask)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, with the wrapped layer serialised."""
        config = super().get_config()
        config.pop("dtype", None)
        config.update(power_iterations=self.power_iterations, epsilon=self.epsilon)
        return config


def _check_arguments(layer: object, power_iterations: int, epsilon: float) -> None:
    if isinstance(layer, SpectralNormalization):
        raise ValueError(
            "The layer is spectrally normalised already. Expected the layer itself, not a "
            f"SpectralNormalization of it. Received: layer={layer}"
        )
    check_layer(layer)
    if not isinstance(power_iterations, int) or power_iterations < 1:
        raise ValueError(
            "Expected power_iterations to be an integer >= 1. "
            f"Received: power_iterations={power_iterations}"
        )
    if not epsilon > 0:
        raise ValueError(f"Expected epsilon > 0. Received: epsilon={epsilon}")


def _state(initializer: Callable[[Shape, str], Tensor], size: int, name: str) -> keras.Variable:
    # Under a distribution strategy every replica computes the same vectors from the same kernel,
    # so each keeps its copy ("on_read") and nothing has to be exchanged when it is assigned.
    return keras.Variable(
        initializer,
        shape=(size,),
        dtype="float32",
        trainable=False,
        autocast=False,
        aggregation="only_first_replica",
        synchronization="on_read",
        name=name,
    )


def _at_least_float32(value: Tensor) -> Tensor:
    return value if value.dtype == "float64" else ops.cast(value, "float32")


def _converged_vectors(kernel: SpectralKernel) -> tuple[np.ndarray, np.ndarray]:
    matrix = kernel.to_matrix(_at_least_float32(kernel.variable.value))
    return top_singular_vectors(ops.convert_to_numpy(matrix))
