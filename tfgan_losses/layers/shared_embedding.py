"""One vector of each class for all layers that ask for one."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="tfgan_losses")
class SharedEmbedding(keras.layers.Dense):
    """Looks a class up: the product of its one-hot vector and a matrix, without bias.

    A dense layer otherwise. It has a name of its own because rows of a table are no outputs of a
    linear map: regularisers of kernels leave it alone (`regularizers.apply`), as the code of
    BigGAN's authors does, and nothing normalises it.

    Args:
        units: Length of the vectors.
        **kwargs: Of `keras.layers.Dense`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.SharedEmbedding(8)(np.eye(3)).shape
        TensorShape([3, 8])

    References:
        Brock et al. 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis,
        arXiv:1809.11096, section 3.
    """

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(units, **{**kwargs, "use_bias": False})
