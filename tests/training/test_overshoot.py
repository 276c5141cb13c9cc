"""Images that resizing has taken a little out of the range are trained on, with a warning."""

import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN


def make():
    pair = networks.pair((4, 4, 1), batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=3)
    gan.compile("hinge", run_eagerly=True)
    return gan


def with_one(value, at=10, count=16):
    x = networks.examples(count)
    x[at, 0, 0, 0] = value
    return x


@pytest.mark.parametrize("as_array", [True, False])
@pytest.mark.parametrize("value", [1.2, -1.2])
def test_a_little_beyond_warns_once(value, as_array):
    x = with_one(value)
    data = x if as_array else tf.data.Dataset.from_tensor_slices(x).batch(4).repeat(2)
    with pytest.warns(UserWarning, match=r"1\.2.*makes \[-1, 1\].*np\.clip\(x, -1, 1\)") as said:
        make().fit(data, verbose=0)
    assert len(said) == 1


@pytest.mark.parametrize("value", [1.6, -1.6])
def test_far_beyond_is_refused(value):
    with pytest.raises(ValueError, match=r"in \[-1, 1\].*1\.6"):
        make().fit(with_one(value), verbose=0)


def test_rounding_in_half_precision_is_not_spoken_of(recwarn):
    make().fit(np.clip(with_one(1.005), -1.005, 1.005), verbose=0)
    assert not [w for w in recwarn if "generator makes" in str(w.message)]
