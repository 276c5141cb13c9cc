"""(x - mean) / deviation, scaled, with first and second derivatives in few passes over the data.

What TensorFlow derives by itself goes over tensors of the size of the data about twice as often.
Here sums over positions are taken once, and what is made of them is small. With d = x - mean,
r = (mean d^2 + epsilon)^(-1/2), h = r d and means over what is normalised together, the operation
is y = gamma h and, with P u = u - mean(u) - h mean(h u), its derivatives are

    dx  = r P(gamma dy)

and, of this with respect to dy and x, for a gradient u that comes to dx,

    ddy = gamma r P u
    ddx = -r (r c h + mean(gamma dy h) r P u + mean(u h) dx)
    c   = mean(u gamma dy) - mean(u) mean(gamma dy) - mean(u h) mean(gamma dy h).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import tensorflow as tf

from tfgan_losses.layers.leaky_relu import is_plain
from tfgan_losses.types import Tensor

_Three = tuple[Tensor, Tensor, Tensor]


def standardize(
    x: Tensor, gamma: Tensor, beta: Tensor, axes: Sequence[int], epsilon: float
) -> Tensor:
    """Returns gamma (x - mean) / sqrt(variance + epsilon) + beta, with all its derivatives.

    Args:
        x: Floating-point tensor of any rank.
        gamma: Scales of the rank of `x`, 1 along each axis that they do not depend on.
        beta: What is added, of the shape of `gamma`.
        axes: Over which mean and variance are taken, at least 0 each.
        epsilon: Added to the variance, at least 0.
    """
    own = _Standardization(x, gamma, axes, epsilon)
    if is_plain():
        return own.outputs(x, gamma, beta)

    @tf.custom_gradient
    def forward(
        x: Tensor, gamma: Tensor, beta: Tensor
    ) -> tuple[Tensor, Callable[[Tensor], _Three]]:
        def gradients(dy: Tensor) -> _Three:
            with tf.name_scope("normalization"):
                return backward(dy, x, gamma), *own.gradients_of_scale_and_shift(dy, x)

        return own.outputs(x, gamma, beta), gradients

    @tf.custom_gradient
    def backward(dy: Tensor, x: Tensor, gamma: Tensor) -> tuple[Tensor, Callable[[Tensor], _Three]]:
        def gradients(u: Tensor) -> _Three:
            with tf.name_scope("normalization"):
                return own.second_gradients(u, dy, x, gamma)

        return own.gradient(dy, x, gamma), gradients

    return forward(x, gamma, beta)


class _Standardization:
    """The formulas, each a function of tensors alone, so that it can be differentiated further.

    What they have in common is computed again in each, and once by the graph optimiser.
    """

    def __init__(self, x: Tensor, gamma: Tensor, axes: Sequence[int], epsilon: float):
        self.axes, self.epsilon = list(axes), epsilon
        # Sums over positions, along which gamma is constant, come first: they shrink the data.
        self.positions = [axis for axis in axes if gamma.shape[axis] == 1]
        self.without_gamma = [axis for axis in range(len(x.shape)) if gamma.shape[axis] == 1]
        sizes = [x.shape[axis] for axis in axes]
        known = None not in sizes
        count = math.prod(sizes) if known else tf.reduce_prod(tf.gather(tf.shape(x), self.axes))
        self.one_of_many = 1.0 / count if known else 1.0 / tf.cast(count, x.dtype)

    def outputs(self, x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        deviations, factor = self._standard(x)
        return deviations * (factor * gamma) + beta

    def gradients_of_scale_and_shift(self, dy: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        deviations, factor = self._standard(x)
        of_gamma = self._like_gamma(factor * self._over_positions(dy * deviations))
        return of_gamma, self._like_gamma(self._over_positions(dy))

    def gradient(self, dy: Tensor, x: Tensor, gamma: Tensor) -> Tensor:
        deviations, factor = self._standard(x)
        mean = self._mean(gamma * self._over_positions(dy))
        moment = factor * self._mean(gamma * self._over_positions(dy * deviations))
        small = deviations * (factor**2 * moment) + factor * mean
        return dy * (factor * gamma) - small

    def second_gradients(self, u: Tensor, dy: Tensor, x: Tensor, gamma: Tensor) -> _Three:
        """Those of `gradient` with respect to `dy`, `x` and `gamma`."""
        d, r = self._standard(x)
        sum_dy, sum_dyd, sum_dyu = (self._over_positions(z) for z in (dy, dy * d, dy * u))
        mean_u, moment_u = self._mean(u), r * self._mean(u * d)
        mean_dy, moment_dy = self._mean(gamma * sum_dy), r * self._mean(gamma * sum_dyd)
        both = moment_u * moment_dy
        c = self._mean(gamma * sum_dyu) - mean_u * mean_dy - both
        ddy = u * (r * gamma) - (d * (r**2 * moment_u * gamma) + r * mean_u * gamma)
        ddx = d * (r**3 * (2.0 * both - c)) + r**2 * (moment_dy * mean_u + moment_u * mean_dy)
        ddx -= u * (r**2 * moment_dy) + dy * (r**2 * moment_u * gamma)
        return ddy, ddx, self._like_gamma(r * (sum_dyu - mean_u * sum_dy - r * moment_u * sum_dyd))

    def _standard(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Deviations from the mean, and one over the deviation that is standard."""
        deviations = x - self._mean(x)
        return deviations, tf.math.rsqrt(self._mean(tf.square(deviations)) + self.epsilon)

    def _mean(self, x: Tensor) -> Tensor:
        """The mean of data, or what is left of it where `x` holds sums over positions."""
        return tf.reduce_sum(x, self.axes, keepdims=True) * self.one_of_many

    def _over_positions(self, x: Tensor) -> Tensor:
        return tf.reduce_sum(x, self.positions, keepdims=True) if self.positions else x

    def _like_gamma(self, x: Tensor) -> Tensor:
        return tf.reduce_sum(x, self.without_gamma, keepdims=True)
