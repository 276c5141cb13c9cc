"""How often transforms happen, by which draws, and what gradients go through them."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfgan_losses import augmentations, random
from tfgan_losses.augmentations.pipe import GROUPS, Pipe, draws as draw
from tfgan_losses.augmentations.pipe.draws import TRANSFORMS, Draws

COUNT = 4000
ALL = dict.fromkeys(TRANSFORMS, 1.0)


def draws_of(p, strengths=ALL, count=COUNT):
    return Draws(count, p, strengths, seed=random.step_seed(3, 0, "test"))


def test_each_happens_with_its_probability_and_without_the_others():
    draws = draws_of(0.4, {**ALL, "hue": 0.5})
    executed = {
        name: draws.executes(name, i).numpy()
        for name, columns in TRANSFORMS.items()
        for i in range(columns.executions)
        if name not in ("rotation", "hue")
    }
    error = np.sqrt(0.4 * 0.6 / COUNT)
    for name, each in executed.items():
        assert abs(each.mean() - 0.4) < 4 * error, name
    correlations = np.corrcoef([executed[name] for name in executed])
    assert np.abs(correlations - np.eye(len(executed))).max() < 4.5 / np.sqrt(COUNT)
    assert abs(draws.executes("hue").numpy().mean() - 0.2) < 4 * error
    rotations = [draws.executes("rotation", i).numpy() for i in range(2)]
    assert abs(np.mean(rotations[0] | rotations[1]) - 0.4) < 4 * error
    assert abs(np.mean(rotations) - (1 - np.sqrt(0.6))) < 4 * error


def test_at_0_nothing_happens_and_at_1_all():
    for p in (0.0, 1.0):
        draws = draws_of(p)
        for name, columns in TRANSFORMS.items():
            for i in range(columns.executions):
                assert (draws.executes(name, i).numpy() == bool(p)).all(), name


@pytest.mark.parametrize(
    ("make", "distribution"),
    [
        (draw.normal, scipy.stats.norm()),
        (lambda u: tf.math.log(draw.log_normal(0.2)(u)) / np.log(2), scipy.stats.norm(scale=0.2)),
        (draw.symmetric(0.125), scipy.stats.uniform(-0.125, 0.25)),
    ],
)
def test_parameters_have_their_distributions(make, distribution):
    values = draws_of(1.0).of("scale", make, 0.0).numpy()
    assert scipy.stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert len(np.unique(values)) > 0.99 * COUNT


def test_choices_are_even():
    turns = draws_of(1.0).of("quarter_turn", draw.one_of(4), 0.0).numpy()
    counts = np.bincount(turns.astype(int))
    assert len(counts) == 4 and scipy.stats.chisquare(counts).pvalue > 1e-3


def images(count=4, size=(4, 3), channels=3):
    shape = (count, *size, channels)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


def test_at_0_images_are_the_same_to_the_bit():
    x = images(20, (9, 6))
    for channels in (3, 1):
        never = augmentations.get("fixed(p=0, pipe='bgcfnc')")
        np.testing.assert_array_equal(never(x[..., :channels], seed=1), x[..., :channels])


def test_each_image_has_draws_of_its_own():
    x = np.repeat(images(1, (9, 6)), 6, axis=0)
    for group in GROUPS:
        changed = augmentations.get(f"fixed(p=1, pipe={{'{group}': 1}})")(x, seed=1).numpy()
        assert len({image.tobytes() for image in changed}) >= 4, group
        again = augmentations.get(f"fixed(p=1, pipe={{'{group}': 1}})")(x, seed=1)
        np.testing.assert_array_equal(again, changed)


def test_a_transform_draws_the_same_beside_others():
    x = images()
    flipped = augmentations.get("fixed(p=0.5, pipe={'x_flip': 1})")(x, seed=1)
    both = augmentations.get("fixed(p=0.5, pipe={'x_flip': 1, 'cutout': 1})")(x, seed=1).numpy()
    shown = both != 0
    assert not shown.all()
    np.testing.assert_array_equal(both[shown], flipped.numpy()[shown])


SEEN = augmentations.get("fixed(p=1, pipe='bgcfnc')")


@tf.function
def change_in_graph(x):
    return SEEN(x, seed=1)


def change(x):
    return SEEN(x, seed=1)


def jacobian(x):
    """Of all images, by finite differences, which for an affine map are the derivative."""
    columns = []
    for i in range(x[0].size):
        step = np.zeros_like(x)
        step.reshape(len(x), -1)[:, i] = 1
        columns.append((change_in_graph(x + step) - change_in_graph(x)).numpy().reshape(len(x), -1))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("run", [lambda f: f, tf.function], ids=["eager", "graph"])
def test_first_and_second_derivatives(run):
    """Those of R1 through the transforms, for the sum of cubes as a discriminator."""
    x = images()

    def both(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                loss = tf.reduce_sum(change(x) ** 3)
            first = inner.gradient(loss, x)
            penalty = tf.reduce_sum(first**2)
        return first, outer.gradient(penalty, x)

    first, second = run(both)(tf.constant(x))
    assert not isinstance(first, tf.IndexedSlices)
    seen, matrix = change(tf.constant(x)).numpy().reshape(len(x), -1), jacobian(x).astype("float64")
    expected = np.einsum("bij,bi->bj", matrix, 3 * seen**2)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        first.numpy().reshape(len(x), -1), expected, rtol=0, atol=1e-5 * scale
    )
    inner = 6 * seen * np.einsum("bij,bj->bi", matrix, expected)
    expected = 2 * np.einsum("bij,bi->bj", matrix, inner)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        second.numpy().reshape(len(x), -1), expected, rtol=0, atol=1e-5 * scale
    )


@pytest.mark.slow
def test_modes_agree(modes):
    x = tf.constant(images(6, (9, 6)))

    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = change(x)
            loss = tf.reduce_sum(y**3)
        return tf.stack([y, tape.gradient(loss, x)])

    eager, *others = (tf.function(both, jit_compile=jit)(x) if jit is not None else both(x)
                      for jit in (None, False, True))  # fmt: skip
    for other in others:
        np.testing.assert_allclose(other, eager, rtol=1e-4, atol=1e-4)


def test_parts_of_a_batch_are_the_whole():
    x, pipe = images(8, (9, 6)), augmentations.get("fixed(p=0.7, pipe='bgcfnc')")
    whole, parts = pipe(x, seed=1), []
    for i in range(2):
        with random.part_of_batch(i, 2):
            parts.append(pipe(x[4 * i : 4 * i + 4], seed=1))
    # Kernels round the last numbers of a batch in another way than those before.
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=0, atol=3e-5)


@pytest.mark.parametrize(
    ("pipe", "message"),
    [
        ("bgz", r"pipe to be one of \['b', 'bg', .* names of transforms .*Received: pipe='bgz'"),
        ({"colour": 1}, "'colour'"),
        ({"hue": 2}, r"hue in \[0, 1\].*Received: hue=2"),
        ({"hue": True}, r"hue in \[0, 1\]"),
        ({}, "pipe={}"),
        (3, "pipe=3"),
    ],
)
def test_bad_pipes(pipe, message):
    with pytest.raises(ValueError, match=message):
        Pipe(pipe)


def test_bad_images_and_numbers():
    with pytest.raises(
        ValueError, match=r"1, 3 or 4 channels for brightness, .*'fixed'.*\(4, 4, 2\)"
    ):
        augmentations.get("fixed")(np.zeros([1, 4, 4, 2]))
    assert augmentations.get("fixed(pipe='bg')")(np.zeros([1, 4, 4, 2])).shape == (1, 4, 4, 2)
    with pytest.raises(ValueError, match=r"images \(height, width, channels\).*'fixed'"):
        augmentations.get("fixed")(np.zeros([1, 4]))
    for p in ("1.5", "-1", "cosine(start=0, end=2)"):
        with pytest.raises(ValueError, match=r"Expected p .*Received: p="):
            augmentations.get(f"fixed(p={p})")
    for percentile in (0.0, 1.0):
        with pytest.raises(ValueError, match="percentile"):
            Pipe("b", percentile=percentile)
