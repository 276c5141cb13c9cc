"""DiffAugment: every transform against loops of NumPy, the policy, and the gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import augmentations, random
from tfgan_losses.augmentations import diff_augment

SHAPES = [(6, 4, 8, 3), (5, 9, 7, 1), (4, 5, 12, 2)]


def images(shape=(6, 8, 12, 3), seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def draws(*shape, seed=1):
    # Both ends of [0, 1), too.
    uniforms = np.random.default_rng(seed).uniform(size=shape).astype(np.float32)
    uniforms[0], uniforms[1] = 0.0, 1.0 - 2.0**-23
    return uniforms


def brightness_by_hand(x, u):
    return x + (u - 0.5)


def saturation_by_hand(x, u):
    out = np.empty_like(x)
    for row, column in np.ndindex(x.shape[:2]):
        mean = x[row, column].mean()
        out[row, column] = (x[row, column] - mean) * (2 * u) + mean
    return out


def contrast_by_hand(x, u):
    return (x - x.mean()) * (u + 0.5) + x.mean()


def translation_by_hand(x, u):
    """Pixel after pixel, as mit-han-lab/data-efficient-gans, DiffAugment_tf.py: randint(-s, s)."""
    out = np.zeros_like(x)
    ways = []
    for side, number in zip(x.shape[:2], u, strict=True):
        farthest = int(side * 0.125 + 0.5)
        choices = np.arange(-farthest, farthest + 1)
        ways.append(choices[int(number * len(choices))])
    for row, column in np.ndindex(x.shape[:2]):
        to = row + ways[0], column + ways[1]
        if all(0 <= place < side for place, side in zip(to, x.shape[:2], strict=True)):
            out[to] = x[row, column]
    return out


def cutout_by_hand(x, u):
    """Likewise: the centre from 0 to the side less size % 2, the square around it cut at edges."""
    out = x.copy()
    spans = []
    for side, number in zip(x.shape[:2], u, strict=True):
        size = int(side * 0.5 + 0.5)
        centres = np.arange(side + 1 - size % 2)
        first = centres[int(number * len(centres))] - size // 2
        spans.append([place for place in range(first, first + size) if 0 <= place < side])
    for row in spans[0]:
        for column in spans[1]:
            out[row, column] = 0.0
    return out


BY_HAND = {
    "brightness": (brightness_by_hand, ()),
    "saturation": (saturation_by_hand, ()),
    "contrast": (contrast_by_hand, ()),
    "translation": (translation_by_hand, (2,)),
    "cutout": (cutout_by_hand, (2,)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", BY_HAND)
def test_each_transform_is_the_loop(name, shape):
    by_hand, numbers = BY_HAND[name]
    x, u = images(shape), draws(shape[0], *numbers)
    found = getattr(diff_augment, name)(tf.constant(x), tf.constant(u))
    expected = [by_hand(image, number) for image, number in zip(x, u, strict=True)]
    assert found.shape == x.shape and found.dtype == tf.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def test_every_way_and_centre_comes_about_as_often():
    """Ways of an image of 16 pixels: -2 to 2; centres of a square of 8: 0 to 16."""
    count = 4000
    u = random.uniform(count, [2], random.step_seed(0, 0, "test"))
    ramp = np.tile(np.arange(1.0, 17, dtype=np.float32)[None, :, None, None], [count, 1, 16, 1])
    ramp = tf.constant(ramp)
    middle = diff_augment.translation(ramp, u)[:, 8, 8, 0].numpy()
    _, often = np.unique(middle, return_counts=True)
    assert len(often) == 5
    assert np.abs(often / count - 1 / 5).max() < 0.04
    cut = tf.reduce_all(diff_augment.cutout(ramp, u) == 0, axis=3).numpy().any(axis=2)
    _, often = np.unique(cut, axis=0, return_counts=True)
    assert len(often) == 17
    assert np.abs(often / count - 1 / 17).max() < 0.02


@pytest.mark.parametrize("policy", ["color,translation,cutout", "cutout,color", "translation"])
def test_transforms_in_the_order_of_the_policy(policy):
    x = images((3, 8, 8, 3))
    occasion = augmentations.Occasion(
        network="generator", side="fake", seed=3, update=5, d_update=0, d_updates=None
    )
    expected = tf.constant(x)
    for name in policy.split(","):
        parts = ["brightness", "saturation", "contrast"] if name == "color" else [name]
        for part in parts:
            u = random.uniform(3, BY_HAND[part][1] or [1], occasion.seed_for(part))
            expected = getattr(diff_augment, part)(expected, u if u.shape[1] > 1 else u[:, 0])
    found = augmentations.get(f"diff_augment(policy={policy!r})").augment(tf.constant(x), occasion)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", BY_HAND)
def test_gradients_of_both_orders(name):
    """Each is affine in the images: the gradient of c . T(x) is the adjoint, that of it 0 in x."""
    x, numbers = tf.constant(images((4, 6, 5, 3))), BY_HAND[name][1]
    u, transform = tf.constant(draws(4, *numbers)), getattr(diff_augment, name)
    c = tf.constant(images((4, 6, 5, 3), seed=2))
    with tf.GradientTape() as outer:
        outer.watch(c)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(c * transform(x, u))
        gradient = tape.gradient(value, x)
        half_of_square = 0.5 * tf.reduce_sum(tf.square(gradient))
    assert isinstance(gradient, tf.Tensor)
    constant = transform(tf.zeros_like(x), u)
    np.testing.assert_allclose(
        tf.reduce_sum(gradient * x), value - tf.reduce_sum(c * constant), rtol=1e-4
    )
    # d/dc |A'c|^2 / 2 = A A' c.
    expected = transform(gradient, u) - constant
    np.testing.assert_allclose(outer.gradient(half_of_square, c), expected, atol=3e-6)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("colour,cutout", r"Unknown transform.*\['color', 'translation', 'cutout'\].*'colour'"
                          r"\. Did you mean 'color'\?"),
        ("color,flip", "Unknown transform.*'flip'"),
        ("color,", "Unknown transform.*''"),
        ("cutout, cutout", "each transform once.*policy='cutout, cutout'"),
        ("", r"\['color', 'translation', 'cutout'\].*policy=''"),
        (3, "policy=3"),
    ],
)  # fmt: skip
def test_policies_that_are_none(policy, message):
    with pytest.raises(ValueError, match=message):
        augmentations.get(f"diff_augment(policy={policy!r})")


def test_a_policy_with_spaces_is_saved_without():
    made = augmentations.get("diff_augment(policy='color, cutout')")
    config = keras.saving.serialize_keras_object(made)
    assert keras.saving.deserialize_keras_object(config).policy == made.policy == "color,cutout"
