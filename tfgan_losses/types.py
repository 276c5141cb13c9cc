"""What the parts of the library hand to each other, by name.

TensorFlow and Keras come without types, so that these names are for readers first.
"""

from __future__ import annotations

from typing import TypeAlias

import keras
import numpy as np
import tensorflow as tf

Tensor: TypeAlias = tf.Tensor
# What `keras.ops` makes a tensor of.
TensorLike: TypeAlias = tf.Tensor | np.ndarray | keras.Variable
# Raw outputs of a discriminator, floating-point, [batch, 1] or any other shape.
Logits: TypeAlias = TensorLike
# Real or generated examples, [batch, ...].
Examples: TypeAlias = tf.Tensor | np.ndarray
# A number, or a tensor of one.
Scalar: TypeAlias = TensorLike | float
# A seed of stateless draws: int64 [2].
Seed: TypeAlias = tf.Tensor
# The outputs of a discriminator by name, "logits" among them.
Outputs: TypeAlias = dict[str, tf.Tensor]
# What a step reports: scalars by name.
Report: TypeAlias = dict[str, tf.Tensor]
# Of one example or of a tensor, None for what is not known.
Shape: TypeAlias = tuple[int | None, ...]
# What Keras tells callbacks: scalars by name.
Logs: TypeAlias = dict[str, float]
