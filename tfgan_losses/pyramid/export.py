"""A whole pyramid as one SavedModel, and how it is used."""

from __future__ import annotations

import os

import tensorflow as tf

from tfgan_losses.layers.leaky_relu import without_custom_gradients
from tfgan_losses.pyramid import sampling
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.types import Tensor


class _ExportedPyramid(tf.Module):
    """What the SavedModel holds: the variables of all stages and two functions."""

    def __init__(self, pyramid: Pyramid):
        super().__init__()
        self.pyramid_variables = [variable.value for variable in pyramid.variables]
        trained_height, trained_width = pyramid.sizes[-1]

        def serve(latents: Tensor) -> Tensor:
            return sampling.images_of(pyramid, tf.cast(latents, tf.float32), pyramid.sizes)

        def sample(
            count: Tensor,
            seed: Tensor,
            height: Tensor = trained_height,
            width: Tensor = trained_width,
        ) -> Tensor:
            given = {"count": count, "height": height, "width": width}
            checks = [
                tf.debugging.assert_positive(number, f"Expected {name} to be 1 or more.")
                for name, number in given.items()
            ]
            # Else what comes of such a number may fail first, and say less.
            with tf.control_dependencies(checks):
                count, height, width = map(tf.identity, given.values())
            return sampling.drawn(pyramid, count, seed, height, width)

        latents = tf.TensorSpec([None, pyramid.latent_dim], name="latents")
        numbers = [tf.TensorSpec([], "int32")] * 4
        self.serving_default = tf.function(serve, input_signature=[latents], autograph=False)
        self.sample = tf.function(sample, input_signature=numbers, autograph=False)


def write_saved_model(pyramid: Pyramid, path: str | os.PathLike) -> None:
    """Writes a pyramid as a SavedModel with the signatures `sample` and `serving_default`.

    `sample(count, seed, height, width)` returns the images of `sampling.sample`, of any size; in
    Python height and width may be left out. `serving_default(latents)` makes images of the size
    that was trained, so that what uses generators uses this one, too. Both need TensorFlow alone.

    Args:
        pyramid: Called in inference mode.
        path: Directory to write.
    """
    with without_custom_gradients():
        module = _ExportedPyramid(pyramid)
        signatures = {
            "serving_default": module.serving_default.get_concrete_function(),
            "sample": module.sample.get_concrete_function(),
        }
        tf.saved_model.save(module, os.fspath(path), signatures=signatures)
