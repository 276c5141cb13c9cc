"""Every family of networks in every format, with sides that are odd and stages that are stacked."""

import math

import numpy as np
import pytest

from tfgan_losses import conditioning, models
from tfgan_losses.exporting import formats, writing
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers import grouped_conv2d

SHAPES = {
    "mlp": [(4, 4, 3)],
    "deep_mlp": [(2,)],
    "dcgan": [(13, 9, 1), (32, 32, 3)],
    "resnet": [(13, 9, 1), (32, 32, 3), (64, 64, 3)],
    "sagan": [(16, 16, 3)],
    "biggan": [(16, 16, 3)],
    "biggan_deep": [(16, 16, 3)],
    "stylegan2": [(13, 9, 1), (64, 64, 1)],
    "r3gan": [(13, 9, 1), (32, 32, 3)],
    "patch": [(12, 11, 3)],
}
# What TensorFlow runs itself is the same for all sizes.
CASES = [
    (name, family, shape)
    for name in formats.NAMES
    for family, shapes in SHAPES.items()
    for shape in (shapes if name in ("tflite", "onnx") else shapes[:1])
]
CONDITIONAL = "spectral+conditional_batch"


def check(family, shape, name, folder, normalization="none", condition=None, width=4):
    """Writes and checks it; returns how far its samples are from those of the network."""
    latent_dim = math.prod(shape) if family == "patch" else 8
    network = models.build_generator(
        family,
        example_shape=shape,
        latent_dim=latent_dim,
        width=width,
        normalization=normalization,
        condition_size=0 if condition is None else condition.size,
    )
    # Strengths of noise and attention, biases and branches: all else would hide behind them.
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        if not np.any(weight.numpy()):
            weight.assign(0.1 * random.standard_normal(weight.shape))
    generator, kind = TrainedGenerator(network, latent_dim, condition), formats.get(name)
    return writing.write_checked(generator, folder / kind.file_name, kind).difference


def test_every_family_is_tried():
    assert set(SHAPES) == set(models.names())


@pytest.mark.parametrize(("name", "family"), [("tflite", "r3gan"), ("onnx", "stylegan2")])
def test_networks_that_need_operations_of_their_own(name, family, tmp_path):
    assert check(family, (8, 8, 1), name, tmp_path) < 1e-5


def test_what_a_gpu_would_convolve_by_xla_is_exported_without(tmp_path, monkeypatch):
    monkeypatch.setattr(grouped_conv2d, "_has_gpu", lambda: True)
    assert check("r3gan", (8, 8, 1), "onnx", tmp_path, width=16) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "family", "shape"), CASES, ids=str)
def test_families(name, family, shape, tmp_path):
    assert check(family, shape, name, tmp_path) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("normalization", ["layer", "instance", CONDITIONAL])
@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_normalisations_and_labels(normalization, name, tmp_path):
    labels = conditioning.Labels(num_classes=3)
    for family in ("resnet", "biggan") if normalization == CONDITIONAL else ("resnet",):
        folder = tmp_path / family
        folder.mkdir()
        difference = check(family, (16, 16, 3), name, folder, normalization, labels)
        assert difference < 1e-5
