"""Samples from latents of one's own choice: labels by turns, truncation, streams."""

import networks
import numpy as np
import pytest
import runs
import tensorflow as tf

from tfgan_losses import conditioning, random
from tfgan_losses.measuring import drawing, paths_of_latents
from tfgan_losses.measuring.samplers import GANSampler


def joined(batches):
    examples, labels = zip(*batches, strict=True)
    return np.concatenate(examples), None if labels[0] is None else np.concatenate(labels)


@pytest.mark.parametrize("recipe", ["hinge", "acgan", "infogan"])
def test_a_stream_is_what_generate_makes(recipe):
    gan = networks.recipe_gan(recipe)
    batches = list(drawing.drawn(gan, 600, seed=3))
    assert [len(part) for part, _ in batches] == [256, 256, 88]
    examples, labels = joined(batches)
    np.testing.assert_array_equal(examples, gan.generate(600, seed=3))
    assert (labels is None) == (recipe != "acgan")
    if labels is not None:
        np.testing.assert_array_equal(examples, gan.generate(600, seed=3, labels=labels))
        assert set(labels) == {0, 1, 2}


def test_measured_samples_have_each_class_as_often():
    gan = runs.labelled()
    examples, labels = joined(GANSampler(gan).batches(8192 + 6, seed=1))
    assert np.ptp(np.bincount(labels)) <= 1
    first = random.derived_seed(1, "measured from 0")
    same = gan.generate(8192, seed=first, labels=labels[:8192])
    np.testing.assert_array_equal(examples[:8192], same)
    second = random.derived_seed(1, "measured from 8192")
    np.testing.assert_array_equal(
        examples[8192:], gan.generate(6, seed=second, labels=labels[8192:])
    )


def test_truncation_leaves_classes_and_order():
    gan = runs.labelled()
    whole, labels = joined(drawing.drawn(gan, 9, seed=2))
    some, same_labels = joined(drawing.drawn(gan, 9, seed=2, truncation=0.3))
    np.testing.assert_array_equal(labels, same_labels)
    assert not np.array_equal(whole, some)
    assert some.std(axis=0).mean() < whole.std(axis=0).mean()


def test_labels_take_turns():
    named = conditioning.Labels(num_classes=3, class_names=["cat", "dog, big", "1"])
    assert drawing.labels_in_turn("cat,0,2", named, 4) == [0, 0, 2, 0]
    assert drawing.labels_in_turn("dog, big", named, 2) == [1, 1]
    assert drawing.labels_in_turn("1", named, 1) == [2]  # The name, not the number.
    assert drawing.labels_in_turn("2, 0", conditioning.Labels(num_classes=3), 2) == [2, 0]


@pytest.mark.parametrize(
    ("text", "condition", "message"),
    [
        ("3", conditioning.Labels(num_classes=3), r"from 0 to 2, as they.*Received: labels=3$"),
        ("cat", conditioning.Labels(num_classes=3), r"have no names\. Received: labels=cat$"),
        ("1", None, r"trained with labels.*Received: labels=1 for one with condition=none$"),
        ("1", conditioning.Codes(), r"Received: labels=1 for one with condition=codes$"),
    ],
)
def test_labels_that_nothing_has(text, condition, message):
    with pytest.raises(ValueError, match=message):
        drawing.labels_in_turn(text, condition, 4)


def test_an_unknown_class_is_named_with_the_nearest():
    named = conditioning.Labels(num_classes=3, class_names=["cat", "dog", "owl"])
    with pytest.raises(ValueError, match=r"Unknown class.*Did you mean 'dog'\?$"):
        drawing.labels_in_turn("dgo", named, 4)
    with pytest.raises(ValueError, match=r"from 0 to 2 or a name.* Received: labels=3$"):
        drawing.labels_in_turn("3", named, 4)


def test_a_generator_of_nan_is_refused():
    gan = networks.recipe_gan("hinge")
    gan.generator.trainable_variables[-1].assign_add([np.nan] * 16)
    with pytest.raises(ValueError, match=r"Received: NaN or infinity among its samples"):
        list(drawing.drawn(gan, 3, seed=0))


def test_slerp_stays_on_the_sphere_at_even_speed():
    start, end = np.array([3.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])
    found = paths_of_latents.slerp(start, end, np.linspace(0, 1, 4))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 3, rtol=1e-6)
    angles = np.degrees(np.arctan2(found[:, 1], found[:, 0]))
    np.testing.assert_allclose(angles, [0, 30, 60, 90], atol=1e-5)


@pytest.mark.parametrize("end", [[2.0, 4.0], [-1.0, -2.0], [0.0, 0.0]])
def test_slerp_on_one_line_goes_along_it(end):
    found = paths_of_latents.slerp(np.array([1.0, 2.0]), np.array(end), np.array([0, 0.5, 1]))
    np.testing.assert_allclose(found, np.linspace([1.0, 2.0], end, 3), atol=1e-6)


def test_a_loop_closes_with_a_step_like_the_others():
    latents = random.sample_latents(3, 64, 0).numpy()
    way = paths_of_latents.loop(latents, 20)
    np.testing.assert_allclose(way[::20], latents, atol=1e-6)
    steps = np.linalg.norm(np.roll(way, -1, axis=0) - way, axis=1)
    assert len(way) == 60 and steps.max() < 1.5 * steps.min()


def test_rows_of_a_way():
    plain = networks.recipe_gan("hinge")
    rows = paths_of_latents.interpolated(plain, count=3, steps=4, seed=0)
    assert rows.shape == (3, 12, 4, 4, 1)
    # Every row starts where the one before has got to after a way between two seeds.
    np.testing.assert_array_equal(rows[0, 4:], rows[1, :-4])
    np.testing.assert_allclose(rows[:, 0], plain.generate(3, seed=0), atol=1e-5)


def test_rows_of_classes_have_the_same_latents():
    gan = runs.labelled()
    rows = paths_of_latents.interpolated(gan, count=2, steps=3, seed=0)
    assert rows.shape == (3, 6, 4, 4, 1)
    for label in range(3):
        expected = gan.generate(2, seed=0, labels=label)
        np.testing.assert_allclose(rows[label, ::3], expected, atol=1e-5)


def test_rows_of_codes_keep_the_other_codes():
    gan = networks.recipe_gan("infogan")
    rows = paths_of_latents.interpolated(gan, count=2, steps=2, seed=0)
    condition = gan.condition
    uniforms = np.tile(random.sample_uniforms(1, condition.factors, 0), [condition.rows, 1])
    codes = condition.row_values(tf.constant(uniforms)).numpy()
    assert len(set(codes[:, 0])) == condition.rows == len(rows)
    latents = random.sample_latents(2, networks.LATENT_DIM, 0)
    inputs = [tf.repeat(latents[:1], condition.rows, axis=0), condition.encode(codes)]
    np.testing.assert_allclose(rows[:, 0], gan(inputs), atol=1e-5)
