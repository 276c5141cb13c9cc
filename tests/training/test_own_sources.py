"""What a run says of a source that is none, or that ends."""

import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, Keeping, Run


def make(compiled=True):
    pair = networks.pair((4, 4, 1), batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=3)
    if compiled:
        gan.compile("hinge", run_eagerly=True)
    return gan


class Ending:
    example_shape = (4, 4, 1)

    def batches(self, batch_size, *, seed=0, start=0):
        dataset = tf.data.Dataset.from_tensor_slices(networks.examples(16))
        return dataset.batch(batch_size, drop_remainder=True).skip(start)


def train(gan, source, directory, **options):
    return Run(directory / "run").train(gan, source, steps=9, batch_size=4, **options)


@pytest.mark.parametrize(
    "source, name",
    [
        (networks.examples(16), "ndarray"),
        (tf.data.Dataset.from_tensor_slices(networks.examples(16)).batch(4), "_BatchDataset"),
        ("digits", "str"),
    ],
)
def test_what_is_no_source_is_told_how_to_become_one(source, name, tmp_path):
    with pytest.raises(ValueError, match=rf"MemorySource\.from_arrays.* of type {name}$"):
        train(make(), source, tmp_path)


def test_a_gan_without_an_objective(tmp_path):
    with pytest.raises(ValueError, match=r"gan\.compile\('hinge'\).* before Run\.train"):
        train(make(compiled=False), Ending(), tmp_path)


def test_the_end_of_a_source_is_said(tmp_path, capsys, recwarn):
    gan = make()
    assert not train(gan, Ending(), tmp_path, keeping=Keeping(log_every=2))
    told = capsys.readouterr().out
    assert "Stopped at step 4 of 9" in told and "The batches of the source have ended" in told
    assert not [w for w in recwarn if "ran out of data" in str(w.message)]
    assert np.isfinite(gan.generate(2)).all()
