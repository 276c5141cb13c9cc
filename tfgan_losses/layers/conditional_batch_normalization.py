"""Batch normalisation whose scale and shift depend on a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfgan_losses.layers.normalization import BatchNormalization
from tfgan_losses.layers.spectral_normalization import SpectralNormalization
from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Normalises features over the batch, then scales and shifts them by functions of a condition.

    Called on `[features, condition]`, `[batch, ..., channels]` and `[batch, condition_size]`, it
    returns `gamma * normalized + beta` with `gamma = 1 + condition @ G` and
    `beta = condition @ B`. For one-hot conditions these are one learned scale and one learned
    shift per class and channel. `G` and `B` start at zero, so that the layer starts as a batch
    normalisation without them.

    A condition may be what other layers made, a learned vector of the class and a part of the
    latent vector for example. There `spectral=True` divides `G` and `B` by their largest singular
    values, as in the other linear layers of such a generator; they must not start at zero then.

    Args:
        momentum: Of the moving statistics, the share of the old value.
        epsilon: Added to the variance.
        spectral: Whether `G` and `B` are spectrally normalised, see `SpectralNormalization`.
        kernel_initializer: Of `G` and `B`.
        synchronized: Whether the statistics are those of all replicas of a strategy.
        **kwargs: Of `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layer = layers.ConditionalBatchNormalization()
        >>> layer([np.array([[1.0], [3.0]]), np.eye(2)], training=True).numpy().round(2)
        array([[-1.],
               [ 1.]], dtype=float32)

    References:
        de Vries et al. 2017, Modulating early visual processing by language, arXiv:1707.00683.
        Miyato & Koyama 2018, cGANs with Projection Discriminator, arXiv:1802.05637.
        Brock et al. 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis,
        arXiv:1809.11096, for `spectral`.
    """

    def __init__(
        self,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        spectral: bool = False,
        kernel_initializer: str | keras.initializers.Initializer = "zeros",
        synchronized: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.spectral = spectral
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.normalization = BatchNormalization(
            momentum=momentum,
            epsilon=epsilon,
            center=False,
            scale=False,
            synchronized=synchronized,
            dtype=self.dtype_policy,
            name="normalization",
        )

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Creates the statistics and both matrices.

        Raises:
            ValueError: If these are not the shapes of `[features, condition]`.
        """
        _check_shapes(input_shape)
        features, condition = input_shape
        self.normalization.build(features)
        if self.spectral:
            self.gamma = self._linear("gamma", features[-1], condition)
            self.beta = self._linear("beta", features[-1], condition)
            return
        arguments = {"shape": (condition[-1], features[-1])}
        self.gamma_kernel = self.add_weight(
            **arguments, initializer=self.kernel_initializer.clone(), name="gamma_kernel"
        )
        self.beta_kernel = self.add_weight(
            **arguments, initializer=self.kernel_initializer.clone(), name="beta_kernel"
        )

    def _linear(self, name: str, channels: int | None, condition: Shape) -> SpectralNormalization:
        dense = keras.layers.Dense(
            channels,
            use_bias=False,
            # A copy, since one initialiser gives both the same numbers.
            kernel_initializer=self.kernel_initializer.clone(),
            dtype=self.dtype_policy,
            name=name,
        )
        layer = SpectralNormalization(dense, name=name)
        layer.build(condition)
        return layer

    def call(self, inputs: Sequence[Tensor], training: bool = False) -> Tensor:
        """Normalises; in training by the statistics of the batch, which move the others."""
        features, condition = inputs
        normalized = self.normalization(features, training=training)
        shape = (-1, *[1] * (len(features.shape) - 2), features.shape[-1])
        gamma, beta = self._scale_and_shift(condition, training)
        return ops.reshape(1 + gamma, shape) * normalized + ops.reshape(beta, shape)

    def _scale_and_shift(self, condition: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        if self.spectral:
            return self.gamma(condition, training=training), self.beta(condition, training=training)
        return ops.matmul(condition, self.gamma_kernel), ops.matmul(condition, self.beta_kernel)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Returns the shape of the features."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = ("momentum", "epsilon", "synchronized")
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return (
            super().get_config()
            | {name: getattr(self.normalization, name) for name in own}
            | {"spectral": self.spectral, "kernel_initializer": initializer}
        )


def _check_shapes(input_shape: object) -> None:
    shapes = input_shape if isinstance(input_shape, list | tuple) else ()
    if len(shapes) != 2 or not all(isinstance(shape, list | tuple) for shape in shapes):
        raise ValueError(
            "Expected a list of two tensors, [features, condition]. "
            f"Received: input_shape={input_shape}"
        )
    if len(shapes[0]) < 2 or len(shapes[1]) != 2:
        raise ValueError(
            "Expected features [batch, ..., channels] and a condition [batch, condition_size]. "
            f"Received: input_shape={input_shape}"
        )
