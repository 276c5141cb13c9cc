"""Images looked up between their pixels, linear in the images and so differentiable at any order.

The paper looks up bilinearly in an image of twice the size, made by the wavelet sym6, and halves
the result by sym6 again. Here the image of twice the size is made by the product of both filters:
it goes through the pixels, so that what stays in place, is flipped, turned by 90 degrees or moved
by whole pixels is the same to the bit, and it is looked up only at the pixels of the result, a
fifth of the places. Movements by halves of pixels are the paper's; what is left out is the
smoothing of what else is between pixels or made smaller.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from tfgan_losses.types import Tensor

# Of sym6; the product of its filter with its mirror image interpolates by twice as many pixels.
_VANISHING_MOMENTS = 6


def warp(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """What images are at these places; beyond their edges they are reflected there.

    Args:
        images: Float32 [batch, height, width, channels].
        rows: In pixels, [batch, height, width]; no gradient goes to them.
        columns: As rows.
    """
    doubled = _doubled(_doubled(images, axis=1), axis=2)
    height, width, channels = doubled.shape[1:]
    top, down = _split(_reflect(2.0 * rows, height))
    left, right = _split(_reflect(2.0 * columns, width))
    first = tf.range(tf.shape(images)[0])[:, None, None] * height
    corners, weights = [], []
    for row, vertical in ((top, 1.0 - down), (tf.minimum(top + 1, height - 1), down)):
        for column, horizontal in ((left, 1.0 - right), (tf.minimum(left + 1, width - 1), right)):
            corners.append((first + row) * width + column)
            weights.append(vertical * horizontal)
    found = _gather(tf.reshape(doubled, [-1, channels]), tf.stack(corners))
    return tf.reduce_sum(found * tf.stop_gradient(tf.stack(weights))[..., None], axis=0)


def _reflect(places: Tensor, size: int) -> Tensor:
    """Places in [0, size - 1] where a picture reflected at its outer pixels has the same value."""
    last = float(size - 1)
    if not last:
        return tf.zeros_like(places)
    return last - tf.abs(tf.math.floormod(places, 2.0 * last) - last)


def _split(places: Tensor) -> tuple[Tensor, Tensor]:
    """The pixels before places, and how far these are from there."""
    whole = tf.floor(places)
    return tf.cast(whole, tf.int32), places - whole


def _gather(pixels: Tensor, indices: Tensor) -> Tensor:
    """`tf.gather`, whose derivatives of all orders are gathers and sums, and dense."""
    count = tf.shape(pixels)[0]

    @tf.custom_gradient
    def gather(pixels: Tensor) -> Tensor:
        return tf.gather(pixels, indices), scatter

    @tf.custom_gradient
    def scatter(values: Tensor) -> Tensor:
        return tf.math.unsorted_segment_sum(values, indices, count), gather

    return gather(pixels)


def _doubled(images: Tensor, axis: int) -> Tensor:
    """With a pixel between any two along an axis: size 2 n - 1."""
    size = images.shape[axis]
    if size == 1:
        return images
    between = tf.constant(halfway_matrix(size))
    equation = "mh,bhwc->bmwc" if axis == 1 else "mw,bhwc->bhmc"
    # The pixels themselves are copied, which a product on a GPU would round.
    halfway = tf.einsum(equation, between, images)
    first, last = tf.split(images, [size - 1, 1], axis=axis)
    both = tf.stack([first, halfway], axis=axis + 1)
    shape = [-1, *images.shape[1:]]
    shape[axis] = 2 * (size - 1)
    return tf.concat([tf.reshape(both, shape), last], axis=axis)


@functools.cache
def halfway_matrix(size: int) -> np.ndarray:
    """Makes the values halfway between pixels of these, float32 [size - 1, size]."""
    matrix = np.zeros([size - 1, size])
    for i in range(size - 1):
        for k, weight in enumerate(halfway_weights()):
            place = np.abs((i + 1 - _VANISHING_MOMENTS + k) % (2 * size - 2))
            matrix[i, min(place, 2 * size - 2 - place)] += weight
    return matrix.astype("float32")


def halfway_weights() -> list[float]:
    """The odd part of the half-band filter of sym6: Lagrange's polynomial between 12 pixels."""
    places = np.arange(1, 2 * _VANISHING_MOMENTS, 2) / 2
    places = np.concatenate([-places[::-1], places])
    return [
        float(np.prod([other / (other - own) for other in places if other != own]))
        for own in places
    ]
