"""Pyramids that nobody has trained, with weights that make much of their noise."""

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from tfgan_losses.models.patch import build_stage

from tfgan_losses.pyramid import Pyramid, Scales
from tfgan_losses.run_files.directory import RunDirectory

SCALES = Scales(((11, 16), (13, 20), (16, 24)), 0.83)


def small_pyramid(channels=3, scales=SCALES):
    """A pyramid of four features, whose moving statistics are not those of the first step."""
    keras.utils.set_random_seed(1)
    stages = [build_stage(channels, width=4, amplitude=0.5) for _ in scales.sizes]
    for stage in stages:
        for number, variable in enumerate(stage.variables):
            if "kernel" in variable.path:
                variable.assign(variable * 10.0)
            if "moving" in variable.path:
                variable.assign(variable + 0.1 * (number % 3))
    return Pyramid(stages, scales.sizes, seed=3)


def largest_difference(one, other):
    """Of all values of two tensors of one shape."""
    assert tuple(one.shape) == tuple(other.shape)
    return float(tf.reduce_max(tf.abs(one - other)))


def write_run(path, pyramid=None):
    """What a finished run of one image has in its directory, of a pyramid that nobody trained."""
    directory = RunDirectory(path)
    pyramid = pyramid or small_pyramid()
    directory.scale(0).path.mkdir(parents=True)
    pyramid.save(directory.pyramid)
    write_image(path / "image.png", 3 * SCALES.sizes[-1][0], 3 * SCALES.sizes[-1][1])
    directory.write_settings(f"--gan_type=singan\n--dataset=image:{path / 'image.png'}\n")
    rows = [f"{number},{height},{width}" for number, (height, width) in enumerate(pyramid.sizes)]
    directory.scales_csv.write_text("\n".join(["scale,height,width", *rows, ""]))
    return directory


def write_image(path, height, width, seed=0):
    """A file of random colours."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3))
    Image.fromarray(pixels.astype("uint8")).save(path)
    return path
