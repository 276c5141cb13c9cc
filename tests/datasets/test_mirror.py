"""Mirror images counted as data, in front of any source."""

import numpy as np
import pytest

from tfgan_losses import datasets


@pytest.fixture(scope="module")
def mirrored(data_dir):
    return datasets.load("digits", data_dir=data_dir, mirror=True)


def flips_of(batches, originals):
    """Which images of batches are mirrored; fails for one that is neither."""
    found = []
    for (flipped, *_), (plain, *_) in zip(batches, originals, strict=True):
        for one, other in zip(flipped, plain, strict=True):
            is_plain, is_flipped = np.array_equal(one, other), np.array_equal(one, other[:, ::-1])
            assert is_plain or is_flipped
            found.append(is_flipped and not is_plain)
    return np.array(found)


def test_half_of_the_images_are_mirrored(mirrored, digits, draw):
    batches = draw(mirrored, 64, 20, seed=3)
    originals = draw(digits, 64, 20, seed=3)
    flips = flips_of(batches, originals)
    assert abs(flips.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(flips))
    for (_, labels), (_, own) in zip(batches, originals, strict=True):
        np.testing.assert_array_equal(labels, own)
    # Others of another seed and of another batch, at the same rows.
    other = flips_of(draw(mirrored, 64, 20, seed=4), draw(digits, 64, 20, seed=4))
    for one in (other, np.roll(flips, 64)):
        assert 0.4 < (one == flips).mean() < 0.6


def test_resumed_and_in_shards(mirrored, draw):
    whole = draw(mirrored, 12, 6, seed=5)
    parts = [draw(mirrored, 12, 4, seed=5, start=2, shard=(index, 3)) for index in range(3)]
    for batch, *own in zip(whole[2:], *parts, strict=True):
        for column, values in enumerate(batch):
            np.testing.assert_array_equal(np.concatenate([x[column] for x in own]), values)


def test_the_set_is_doubled(mirrored, digits):
    assert mirrored.size == 2 * digits.size
    assert mirrored.counts == tuple(2 * count for count in digits.counts)
    assert mirrored.num_classes == 10 and mirrored.class_names == digits.class_names
    assert mirrored.preparation == f"{digits.preparation}; mirror images"
    examples, labels = mirrored.take(10_000)
    own, own_labels = digits.take(10_000)
    n = len(own)
    assert len(examples) == 2 * n
    np.testing.assert_array_equal(labels, np.concatenate([own_labels, own_labels]))
    first, second = examples[:n], examples[n:]
    np.testing.assert_array_equal(first, second[:, :, ::-1])
    flips = flips_of([(first,)], [(own,)])
    assert 0.45 < flips.mean() < 0.55
    for few in (7, n + 7):
        taken, of_taken = mirrored.take(few)
        np.testing.assert_array_equal(taken, examples[:few])
        np.testing.assert_array_equal(of_taken, labels[:few])


def test_chosen_for_a_picture(mirrored, digits):
    flips = flips_of([mirrored.choose(0, 8)], [digits.choose(0, 8)])
    assert 0.2 < flips.mean() < 0.8
    np.testing.assert_array_equal(mirrored.choose(0, 8)[1], digits.choose(0, 8)[1])


def test_the_fingerprint_tells(mirrored, digits):
    before, now = digits.fingerprint, mirrored.fingerprint
    assert now["mirror"] is True and now["size"] == mirrored.size
    assert datasets.describe_change(before, now) == "without mirror images, now with them"
    assert datasets.describe_change(now, before) == "with mirror images, now without"
    assert datasets.describe_change(now, dict(now)) is None
    assert "mirror" not in before


class Own:
    """A source with the least that training asks of one."""

    example_shape = (20, 30, 1)

    def batches(self, batch_size, *, seed=0, start=0):
        import tensorflow as tf

        image = tf.reshape(tf.range(600.0), [20, 30, 1])
        return tf.data.Dataset.range(start, 2**62).map(
            lambda i: tf.tile(image[None], [batch_size, 1, 1, 1]) + 1000 * tf.cast(i, tf.float32)
        )


def test_a_source_of_ones_own(draw):
    own = Own()
    source = datasets.mirrored(own)
    assert source.size is None and source.fingerprint is None and source.counts is None
    flips = flips_of(draw(source, 8, 8, start=1), draw(own, 8, 8, start=1))
    assert 0.2 < flips.mean() < 0.8
    examples, labels = source.take(30)
    assert examples.shape == (30, 20, 30, 1) and labels is None
    assert len(np.unique(examples[:, 0, 0, 0])) == 2
    assert len(source.choose(5, 1)[0]) == 5
    assert datasets.mirrored(source) is source


def test_points_have_no_mirror_images():
    with pytest.raises(ValueError, match=r"'ring8'.*points.*mirror=True"):
        datasets.load("ring8", mirror=True)
    with pytest.raises(ValueError, match=r"Expected images .*'ring8'.*\(2,\)"):
        datasets.mirrored(datasets.load("ring8"))
