"""Arrays of one's own are known again when a run goes on."""

import networks
import numpy as np
import pytest

from tfgan_losses import GAN, Keeping, Run
from tfgan_losses.datasets import describe_change
from tfgan_losses.datasets.source import MemorySource

X = networks.examples(16)


def fingerprint(*arrays):
    return MemorySource.from_arrays(*arrays, name="x").fingerprint


def test_equal_arrays_are_the_same_data():
    labels = np.arange(16) % 3
    assert describe_change(fingerprint(X, labels), fingerprint(X.copy(), labels.copy())) is None
    fortran = np.asfortranarray(X)
    assert describe_change(fingerprint(X), fingerprint(fortran)) is None


@pytest.mark.parametrize(
    "other, change",
    [
        ((-X,), "content was"),
        ((X[::-1],), "content was"),
        ((X.astype("float16"),), "type of the arrays was float32"),
        ((X[:12],), "16 examples, now 12"),
        ((X, np.arange(16)), "content was"),
        ((X.reshape(16, 2, 8, 1),), "shape of the arrays was"),
    ],
)
def test_others_are_not(other, change):
    assert change in describe_change(fingerprint(X), fingerprint(*other))


def test_points_and_a_single_number():
    assert fingerprint(np.zeros((3, 2)))["size"] == 3
    assert fingerprint(np.zeros(3, "uint8"))["size"] == 3


@pytest.mark.slow
def test_a_run_does_not_go_on_with_other_arrays(tmp_path):
    def train(examples, steps, **options):
        gan = GAN(*networks.pair((4, 4, 1)), latent_dim=networks.LATENT_DIM, seed=3)
        gan.compile("hinge", run_eagerly=True)
        source = MemorySource.from_arrays(examples, name="x")
        return Run(tmp_path / "run", **options).train(
            gan, source, steps=steps, batch_size=4, keeping=Keeping(log_every=2)
        )

    assert train(X, 2)
    with pytest.raises(ValueError, match="data: content was"):
        train(-X, 4, resume=True)
    assert train(X, 4, resume=True)
