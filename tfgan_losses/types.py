"""What the parts of the library hand to each other, by name.

TensorFlow and Keras come without types, so that these names are for readers first.
"""

from __future__ import annotations

from typing import TypeAlias

import keras
import numpy as np
import tensorflow as tf

Tensor: TypeAlias = tf.Tensor
"""What TensorFlow computes with, symbolic or not."""
TensorLike: TypeAlias = tf.Tensor | np.ndarray | keras.Variable
"""What `keras.ops` makes a tensor of."""
Logits: TypeAlias = TensorLike
"""Raw outputs of a discriminator, floating-point, [batch, 1] or any other shape."""
Examples: TypeAlias = tf.Tensor | np.ndarray
"""Real or generated examples, [batch, ...]."""
Scalar: TypeAlias = TensorLike | float
"""A number, or a tensor of one."""
Seed: TypeAlias = tf.Tensor
"""A seed of stateless draws: int64 [2]."""
Outputs: TypeAlias = dict[str, tf.Tensor]
"""The outputs of a discriminator by name, "logits" among them."""
Report: TypeAlias = dict[str, tf.Tensor]
"""What a step reports: scalars by name."""
Shape: TypeAlias = tuple[int | None, ...]
"""Of one example or of a tensor, None for what is not known."""
Logs: TypeAlias = dict[str, float]
"""What Keras tells callbacks: scalars by name."""
