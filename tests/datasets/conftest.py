import numpy as np
import pytest

from tfgan_losses import datasets


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    return str(tmp_path_factory.mktemp("tfds"))


@pytest.fixture(scope="session")
def digits(data_dir):
    return datasets.load("digits", data_dir=data_dir)


@pytest.fixture
def draw():
    """Returns `count` batches of a source, each as a tuple of arrays."""

    def batches(source, batch_size, count, **kwargs):
        dataset = source.batches(batch_size, **kwargs)
        out = []
        for batch in dataset.take(count):
            parts = batch if isinstance(batch, tuple) else (batch,)
            out.append(tuple(np.asarray(part) for part in parts))
        return out

    return batches
