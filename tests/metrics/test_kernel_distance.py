import sys

import numpy as np
import pytest
from sample_sets import covered, features

from tfgan_losses.metrics import FeatureSet, get, kernel_distance


def naive(real, generated):
    """The unbiased estimate from full matrices."""
    n, m, d = len(real), len(generated), real.shape[1]
    xx, yy, xy = ((a @ b.T / d + 1) ** 3 for a, b in
                  ((real, real), (generated, generated), (real, generated)))  # fmt: skip
    return (
        (xx.sum() - np.trace(xx)) / (n * (n - 1))
        + (yy.sum() - np.trace(yy)) / (m * (m - 1))
        - 2 * xy.mean()
    )


REAL, GENERATED = features(300, 16, 0), features(250, 16, 1, scale=0.8, shift=0.2)


def test_value_of_torch_fidelity():
    # torch-fidelity 0.4.0, metric_kid.kernel_mmd(real[:250], generated) with its defaults.
    found = kernel_distance(REAL[:250], GENERATED, block_size=None)
    assert found.value == pytest.approx(0.148575459457704, rel=1e-10)
    single = [x.astype(np.float32) for x in (REAL[:250], GENERATED)]
    assert kernel_distance(*single).value == pytest.approx(0.148575459457704, rel=1e-6)


def test_equal_to_full_matrices_and_symmetric(monkeypatch):
    expected = naive(REAL, GENERATED)
    whole = kernel_distance(REAL, GENERATED)
    assert whole.value == pytest.approx(expected, rel=1e-12)
    back = kernel_distance(GENERATED, REAL)
    assert (back.value, back.standard_error) == pytest.approx((whole.value, whole.standard_error))
    monkeypatch.setattr(sys.modules[kernel_distance.__module__], "_ENTRIES", 1000)
    parts = kernel_distance(REAL, GENERATED)
    assert (parts.value, parts.standard_error) == pytest.approx((whole.value, whole.standard_error))


def test_it_has_no_bias():
    found = [kernel_distance(features(12, 3, s), features(9, 3, 900 + s)).value for s in range(300)]
    # The mean of 300 is 0 within 4 of its standard errors; a biased one would be far above.
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(300)
    assert np.mean(np.array(found) < 0) > 0.4


def test_it_grows_with_a_shift():
    found = [kernel_distance(REAL, GENERATED + shift).value for shift in (0, 0.2, 0.5, 1, 2)]
    assert (np.diff(found) > 0).all()


def test_blocks():
    whole = kernel_distance(REAL, GENERATED, block_size=None)
    found = [kernel_distance(REAL, GENERATED, block_size=100, seed=seed) for seed in range(3)]
    assert len({one.value for one in found}) == 3
    assert kernel_distance(REAL, GENERATED, block_size=100, seed=1) == found[1]
    for one in found:
        assert abs(one.value - whole.value) < 4 * whole.standard_error
        assert one.standard_error > 0.8 * whole.standard_error
    # In whatever order the examples come.
    order = np.random.default_rng(0).permutation(300)
    assert kernel_distance(REAL[order], GENERATED[::-1], block_size=100, seed=1) == found[1]


def test_blocks_of_very_unequal_sets():
    # 100 blocks of 3 are asked for, and 9 generated examples make 3.
    found = kernel_distance(REAL, GENERATED[:9], block_size=3)
    assert np.isfinite(found.value) and found.standard_error > 0


@pytest.mark.parametrize("block_size", [None, 40])
@pytest.mark.parametrize("shift", [0.1, 0.5])
def test_intervals_contain_what_they_should(block_size, shift):
    def draw(rng):
        return rng.normal(size=[120, 6]), rng.normal(size=[100, 6]) + shift

    (share,) = covered(lambda x, y: [kernel_distance(x, y, block_size)], draw)
    assert 0.9 <= share <= 0.99


def test_metric():
    found = get("kernel(block_size=60, seed=3)").measure(FeatureSet(REAL), FeatureSet(GENERATED))
    assert found == {"kernel": kernel_distance(REAL, GENERATED, 60, 3)}
    assert str(get("kernel")) == "kernel(block_size=1000, seed=0)"


def test_bad_input():
    for size in (2, 2.5, "all"):
        with pytest.raises(ValueError, match=r"Expected block_size to be None or an integer >= 3"):
            kernel_distance(REAL, GENERATED, block_size=size)
    with pytest.raises(ValueError, match=r"at least 3 examples of each. Received: 300 real and 2"):
        kernel_distance(REAL, GENERATED[:2])
    with pytest.raises(ValueError, match=r"of one width"):
        kernel_distance(REAL, GENERATED[:, :3])
    with pytest.raises(ValueError, match=r"block_size=1"):
        get("kernel(block_size=1)")
