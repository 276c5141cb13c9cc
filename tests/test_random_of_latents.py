"""Numbers drawn of latent vectors: the same ones everywhere, and as good as any others."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import random_of_latents


def latents(batch, size=8, seed=0):
    return np.random.default_rng(seed).standard_normal((batch, size)).astype("float32")


def words_of(vector, count, purpose):
    """The definition once more, in Python's integers."""

    def mix(x):
        x = ((x ^ x >> 16) * 0x7FEB352D) % 2**32
        x = ((x ^ x >> 15) * 0x846CA68B) % 2**32
        return x ^ x >> 16

    bits = [int(word) for word in np.round(vector * 64).astype("int32").view("uint32")]
    digest = hashlib.sha256(purpose.encode()).digest()
    keys = []
    for i, start in ((1, 0), (2, 4)):
        each = [
            mix(mix((word + i) % 2**32) ^ mix((0x9E3779B9 * place + i) % 2**32))
            for place, word in enumerate(bits)
        ]
        own = int.from_bytes(digest[start : start + 4], "little")
        keys.append(mix(sum(each) % 2**32 ^ own))
    return [mix(mix(0x9E3779B9 * c % 2**32 ^ keys[0]) ^ keys[1]) for c in range(count)]


def test_is_the_hash_that_it_says():
    x = latents(3)
    expected = [[word >> 9 for word in words_of(row, 5, "a purpose")] for row in x]
    found = random_of_latents.uniform(x, 5, "a purpose").numpy()
    np.testing.assert_array_equal(found, np.array(expected) / 2**23)


@pytest.mark.parametrize("function", [random_of_latents.uniform, random_of_latents.normal])
def test_is_the_same_eager_in_a_graph_and_under_xla(modes, function):
    x = tf.constant(latents(5))
    first, *others = [modes.run(mode, function, x, 7, "x") for mode in modes.names]
    assert first.shape == (5, 7)
    for other in others:
        # Integers agree to the bit; a logarithm or a cosine may be rounded in another way.
        np.testing.assert_allclose(first, other, rtol=1e-4, atol=1e-6)


def test_neither_the_batch_nor_the_place_in_it_counts():
    x = latents(6)
    whole = random_of_latents.uniform(x, 9, "x").numpy()
    for place in (0, 5):
        alone = random_of_latents.uniform(x[place : place + 1], 9, "x")
        np.testing.assert_array_equal(alone[0], whole[place])
    np.testing.assert_array_equal(random_of_latents.uniform(x[::-1], 9, "x"), whole[::-1])
    # A processor rounds a logarithm or a cosine in one way or the other by where it stands.
    turned = random_of_latents.normal(x[::-1], 9, "x")[::-1]
    np.testing.assert_allclose(turned, random_of_latents.normal(x, 9, "x"), rtol=1e-4, atol=1e-6)


def test_numbers_are_standard_normal():
    x = random_of_latents.normal(latents(500), 400, "x").numpy()
    count = x.size
    assert abs(x.mean()) < 4 / count**0.5
    assert abs(x.var() - 1) < 4 * (2 / count) ** 0.5
    assert abs((x**4).mean() - 3) < 4 * (96 / count) ** 0.5
    # Kolmogorov's distance; sqrt(n) D is above 1.95 once in a thousand times.
    from scipy import stats

    assert stats.kstest(x.ravel(), "norm").statistic < 1.95 / count**0.5


def test_numbers_of_places_examples_and_purposes_are_independent():
    x = random_of_latents.normal(latents(400), 64, "one").numpy()
    other = random_of_latents.normal(latents(400), 64, "two").numpy()
    limit = 5 / 400**0.5  # Of 64 * 64 correlations the largest is below 5 with 99.8 %.
    of_places = np.corrcoef(x.T)
    assert np.abs(of_places[~np.eye(64, dtype=bool)]).max() < limit
    of_purposes = np.corrcoef(x.T, other.T)[:64, 64:]
    assert np.abs(of_purposes).max() < limit
    of_examples = np.corrcoef(x[:64])
    assert np.abs(of_examples[~np.eye(64, dtype=bool)]).max() < 5 / 64**0.5


def test_the_last_bits_of_latents_change_nothing():
    x = latents(500, size=16)
    # XLA and eager mode differ by less. At a border between two multiples nothing helps.
    borders = np.abs(x * 64 - np.floor(x * 64) - 0.5) < 1e-4
    assert borders.mean() < 1e-3
    inside = np.where(borders, 0, x)
    moved = np.nextafter(inside, np.float32(np.inf))
    drawn, again = (random_of_latents.uniform(each, 5, "x") for each in (inside, moved))
    np.testing.assert_array_equal(drawn, again)


def test_the_next_multiple_of_one_latent_changes_all_numbers():
    x = latents(1, size=512)
    # Every coordinate, moved to the next multiple: no two draws are alike.
    moved = np.repeat(x, 513, axis=0)
    moved[np.arange(512), np.arange(512)] += np.float32(1 / 64)
    drawn = random_of_latents.normal(moved, 64, "x").numpy()
    correlations = np.corrcoef(drawn)
    assert np.abs(correlations[~np.eye(513, dtype=bool)]).max() < 6 / 64**0.5
    # Which coordinate has which value counts, too.
    swapped = random_of_latents.normal(x[:, ::-1], 64, "x").numpy()
    assert abs(np.corrcoef(swapped[0], drawn[-1])[0, 1]) < 5 / 64**0.5


def test_there_is_no_gradient_to_the_latents():
    x = tf.constant(latents(2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        drawn = tf.reduce_sum(random_of_latents.normal(x, 4, "x"))
    assert tape.gradient(drawn, x) is None
