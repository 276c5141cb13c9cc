"""Images that resizing has taken a little out of the range are trained on, with a warning."""

import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.training import data_checks
from tfgan_losses.training.output_range import Range

TANH = Range(-1.0, 1.0, "tanh")


def looks(values, reach=TANH):
    return bool(data_checks.are_plain(tf.constant(values), reach))


def test_what_needs_no_closer_look():
    assert looks([[0.0, 1.0], [-1.0, 1.0]])
    assert looks(np.float16([[-1.0, 1.0]]))
    assert looks([[0.0, 9e9]], Range(0.0, np.inf, "relu"))
    assert looks([[-1e9, 1e9]], None)
    assert looks(np.full((2, 4, 4, 1), 15.0, "float32"), None)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1.001, -1.001])
def test_what_needs_one(bad):
    values = np.zeros((50, 3), "float32")
    values[31, 1] = bad
    assert not looks(values)
    assert not looks(values.astype("float16"))


def test_no_examples_and_levels_need_one():
    for reach in (Range(-1.0, 1.0, "tanh"), Range(0.0, np.inf, "relu"), None):
        assert not looks(np.zeros((0, 4), "float32"), reach)
        assert not looks([[np.inf, 0.0]], reach)
        assert not looks([[0.0, np.nan]], reach)
    assert not looks(np.full((2, 4, 4, 1), 17.0, "float32"), None)


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


def test_whole_numbers_that_are_no_images_are_told_another_type():
    with pytest.raises(ValueError, match=r"such as x\.astype\(np\.float32\)\. .*dtype int64"):
        data_checks.check_kind((8, 2), "int64", (2,), None)
