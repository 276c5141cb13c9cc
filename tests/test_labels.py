"""Labels are classes: what else comes in by any door is converted or refused, never trained on."""

import functools
import itertools

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, conditioning, gan_types

LABELS = conditioning.Labels(num_classes=3)
NAMED = conditioning.Labels(num_classes=3, class_names=["cat", "dog", "bird"])
TWO = conditioning.Labels(num_classes=2)
HOT = np.eye(3)[[2, 0]]
RIGHT = {
    "int8": np.array([2, 0], "int8"),
    "uint64": np.array([2, 0], "uint64"),
    "list": [2, 0],
    "whole floats": [2.0, 0.0],
    "float16": np.array([2, 0], "float16"),
    "column": [[2], [0]],
    "one-hot": HOT,
    "one-hot of bool": HOT.astype(bool),
    "one-hot of uint8": HOT.astype("uint8"),
}
WHOLE, RANGE, ONE_HOT = "are whole numbers from 0 to 2", "labels from 0 to 2", "a single 1 among"
WRONG = {
    "1.7": ([0, 1.7], WHOLE),
    "nan": ([0, np.nan], WHOLE),
    "infinite": ([0, np.inf], WHOLE),
    "3": ([0, 3], RANGE),
    "-1": ([0, -1], RANGE),
    # As int32 these would be class 1, and -1.
    "2**32 + 1": (np.array([0, 2**32 + 1]), RANGE),
    "2**64 - 1": (np.array([0, 2**64 - 1], "uint64"), RANGE),
    "attributes": ([[0, 0, 1], [1, 1, 0]], ONE_HOT),
    "soft": ([[0, 0, 1], [0.4, 0.35, 0.25]], ONE_HOT),
    "none": ([[0, 0, 1], [0, 0, 0]], ONE_HOT),
    "twos": ([[0, 0, 1], [2, 0, 0]], ONE_HOT),
    "nan in one-hot": ([[0, 0, 1], [np.nan, 1, 0]], ONE_HOT),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_taken_for_a_class(name, modes):
    labels = RIGHT[name]
    np.testing.assert_array_equal(LABELS.check_batch(labels), [2, 0])
    for mode in modes.names:
        vectors = modes.run(mode, LABELS.encode, tf.constant(labels))
        np.testing.assert_array_equal(vectors, HOT)
        assert vectors.dtype == tf.float32
    mapped = tf.data.Dataset.from_tensors(labels).map(LABELS.check_batch)
    assert mapped.element_spec.dtype == tf.int32
    np.testing.assert_array_equal(next(iter(mapped)), [2, 0])


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_class(name, modes):
    labels, message = WRONG[name]
    with pytest.raises(ValueError, match=message) as caught:
        LABELS.check_batch(labels)
    assert "\n" not in str(caught.value) and "Received: " in str(caught.value)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        LABELS.encode(labels)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        modes.run("graph", LABELS.encode, tf.constant(labels))
    # The pipeline of data is no part of a step that XLA compiles.
    mapped = tf.data.Dataset.from_tensors(labels).map(LABELS.check_batch)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        next(iter(mapped))
    # XLA has no assertions. The wrong ones are NaN, and no others.
    compiled = modes.run("jit", LABELS.encode, tf.constant(labels)).numpy()
    assert np.isnan(compiled[1]).all() and np.isfinite(compiled[0]).all()
    # So they are if they were made integers before.
    checked = tf.function(lambda x: LABELS.encode(LABELS.check_batch(x)), jit_compile=True)
    assert np.isnan(checked(tf.constant(labels)).numpy()[1]).all()


@pytest.mark.parametrize(
    "labels, message",
    [
        ([True, False], "dtype bool, which is for two classes"),
        (["cat", "dog"], r"names if the condition has class_names.*dtype string"),
        ([1j, 0], "dtype complex128"),
        ([[0, 1]], r"one-hot \[n, 3\]. Received: shape \(1, 2\)"),
        (1, r"Received: shape \(\)"),
        ([[0], [0, 1]], r"an array of numbers. Received: \[\[0\], \[0, 1\]\]"),
        ([2**70], "an array of numbers"),
        (tf.ragged.constant([[0], [0, 1]]), "an array of numbers"),
    ],
)
def test_what_is_wrong_as_a_whole(labels, message):
    with pytest.raises(ValueError, match=message):
        LABELS.check_batch(labels)


def test_bools_are_two_classes():
    np.testing.assert_array_equal(TWO.check_batch([True, False]), [1, 0])


def test_the_number_of_classes_may_be_one_of_numpy():
    condition = conditioning.Labels(num_classes=networks.labels().max() + 1)
    assert condition.get_config() == LABELS.get_config()
    assert type(condition.size) is int
    for number in (True, 2.0, "3", None):
        with pytest.raises(ValueError, match="num_classes to be an integer >= 2"):
            conditioning.Labels(num_classes=number)


def test_a_replica_may_have_no_labels(modes):
    for empty in (np.zeros([0], int), np.zeros([0, 3], int)):
        for mode in modes.names:
            assert modes.run(mode, LABELS.encode, tf.constant(empty)).shape == (0, 3)
        assert LABELS.check_batch(empty).shape == (0,)


@pytest.mark.parametrize(
    "codes", [[3, 0, 0.5], [0.5, 0, 0.5], [0, 2, 0.5], [0, 0, np.nan], [np.nan, 0, 0]]
)
def test_codes_that_do_not_exist(codes, modes):
    condition = conditioning.Codes(categorical=(3, 2), continuous=1)
    codes = np.array([[2, 1, 0.5], codes], "float32")
    message = "whole numbers from 0 to 1 in column 1, finite numbers in the others"
    with pytest.raises(ValueError, match=message):
        condition.check(codes, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        modes.run("graph", condition.encode, tf.constant(codes))
    compiled = modes.run("jit", condition.encode, tf.constant(codes)).numpy()
    np.testing.assert_allclose(compiled[0], [0, 0, 1, 0, 1, 0.5])
    assert np.isnan(compiled[1]).all()


# The doors.


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return 2

    def __getitem__(self, index):
        part = slice(4 * index, 4 * index + 4)
        return self.x[part], self.y[part]


def dataset(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(4)


def generator(x, y):
    yield from (Batches(x, y)[index % 2] for index in itertools.count())


EXAMPLES = networks.examples(8)
DOORS = {
    "arrays": lambda gan, y: gan.fit(EXAMPLES, y, batch_size=4, verbose=0),
    "tensors": lambda gan, y: gan.fit(
        tf.constant(EXAMPLES), tf.constant(y), batch_size=4, verbose=0
    ),
    "tf.data": lambda gan, y: gan.fit(dataset(EXAMPLES, y), verbose=0),
    "PyDataset": lambda gan, y: gan.fit(Batches(EXAMPLES, y), verbose=0),
    "generator": lambda gan, y: gan.fit(
        generator(EXAMPLES, y), steps_per_epoch=2, shuffle=False, verbose=0
    ),
    "evaluate": lambda gan, y: gan.evaluate(EXAMPLES, y, batch_size=4, verbose=0),
    "evaluate of tf.data": lambda gan, y: gan.evaluate(dataset(EXAMPLES, y), verbose=0),
    "validation": lambda gan, y: gan.fit(
        EXAMPLES, networks.labels(8), batch_size=4, verbose=0, validation_data=(EXAMPLES, y)
    ),
}


@functools.cache
def conditional():
    return networks.recipe_gan("cgan", d_steps=1, optimizers={"run_eagerly": True})


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "labels, message",
    [
        (np.full(8, 1.7), WHOLE),
        (np.arange(8) % 4, RANGE),
        (np.full([8, 3], 1 / 3), ONE_HOT),
        (np.ones([8, 3], int), ONE_HOT),
    ],
    ids=["1.7", "3", "soft", "attributes"],
)
def test_every_door_refuses_them(door, labels, message):
    gan = conditional()
    step = int(gan.step)
    # The first batch is right, so that types and shapes tell nothing.
    if door not in ("arrays", "tensors", "evaluate", "validation") and labels.ndim == 1:
        labels = np.concatenate([np.zeros(4, labels.dtype), labels[4:]])
    with pytest.raises(ValueError, match=message) as caught:
        DOORS[door](gan, labels)
    assert "\n" not in str(caught.value)
    assert int(gan.step) <= step + 1


@pytest.mark.parametrize("door", ["arrays", "tf.data", "evaluate"])
def test_doors_take_one_hot_labels_for_their_numbers(door):
    found = []
    for labels in (networks.labels(8), np.eye(3)[networks.labels(8)]):
        keras.utils.set_random_seed(1)
        gan = networks.recipe_gan("acgan", d_steps=1, optimizers={"run_eagerly": True})
        history = DOORS[door](gan, labels)
        found.append([*networks.all_state(gan), getattr(history, "history", history)])
    for one, other in zip(*found, strict=True):
        assert one == other if isinstance(one, dict | list) else np.array_equal(one, other)


def test_the_type_of_labels_is_looked_at_before_the_first_step():
    gan = conditional()
    for labels in (np.array(["cat"] * 8), np.zeros([8, 2], int), networks.labels(8) == 1):
        with pytest.raises(ValueError, match="Expected labels"):
            gan.fit(dataset(EXAMPLES, labels), verbose=0)


@pytest.mark.slow
def test_labels_that_do_not_exist_are_nan_under_xla():
    """A step that was handed them as they are: no zeros, which would be trained on."""
    gan = networks.recipe_gan("cgan", d_steps=1, optimizers={"jit_compile": True})
    step = tf.function(gan.train_step, jit_compile=True)
    examples = tf.constant(EXAMPLES)
    assert np.isfinite(step((examples, tf.constant([0, 1, 2, 0, 1, 2, 0, 1])))["d_loss"])
    assert np.isnan(step((examples, tf.constant([0, 1, 2, 0, 1, 2, 0, 3])))["d_loss"])


# Names.


def test_names_of_classes():
    np.testing.assert_array_equal(NAMED.check("dog", 2), [1, 1])
    for names in (
        ["bird", "cat"],
        np.array(["bird", "cat"]),
        np.array([b"bird", b"cat"]),
        np.array(["bird", "cat"], object),
        tf.constant(["bird", "cat"]),
    ):
        np.testing.assert_array_equal(NAMED.check(names, 2), [2, 0])
    np.testing.assert_array_equal(NAMED.check_batch(["bird", "cat"]), [2, 0])
    mapped = tf.data.Dataset.from_tensors(["bird", "cat"]).map(NAMED.check_batch)
    np.testing.assert_array_equal(next(iter(mapped)), [2, 0])
    # Names that look like numbers are names.
    digits = conditioning.Labels(num_classes=3, class_names=["7", "1", "0"])
    np.testing.assert_array_equal(digits.check(["0", "7"], 2), [2, 0])
    np.testing.assert_array_equal(digits.check([0, 1], 2), [0, 1])


def test_unknown_names():
    message = r"Expected one of 'cat', 'dog', 'bird'. Received: 'dgo'. Did you mean 'dog'\?"
    with pytest.raises(ValueError, match=message):
        NAMED.check(["cat", "dgo"], 2)
    with pytest.raises(ValueError, match=r"one of 'cat', .* Received: 'dgo' at position 1"):
        NAMED.check_batch(["cat", "dgo"])
    with pytest.raises(ValueError, match="from 0 to 2: these classes have no names"):
        LABELS.check("cat", 2)
    many = conditioning.Labels(num_classes=40, class_names=[f"class {i}" for i in range(40)])
    with pytest.raises(ValueError, match=r"'class 19' and 20 more. Received: 'zebra'"):
        many.check("zebra", 1)


@pytest.mark.parametrize(
    "names, message",
    [
        (["cat", "dog"], "as many class_names as num_classes=3. Received: 2 names"),
        (["cat", "dog", "cat"], "each of class_names once. Received: more than once 'cat'"),
        (["cat", "dog", 3], "a list of texts"),
        (["cat", "dog", ""], "a list of texts"),
        ("cat", "a list of texts"),
    ],
)
def test_bad_names(names, message):
    with pytest.raises(ValueError, match=message):
        conditioning.Labels(num_classes=3, class_names=names)


def named_gan(**arguments):
    return GAN.from_recipe(
        "cgan",
        (4, 4, 1),
        class_names=["cat", "dog", "bird"],
        latent_dim=networks.LATENT_DIM,
        model="mlp",
        width=8,
        seed=0,
        **arguments,
    )


@pytest.mark.parametrize("door", ["arrays", "tf.data", "PyDataset", "generator", "evaluate"])
def test_names_train_as_their_numbers(door):
    found = []
    for labels in (np.array([2, 0, 1, 0] * 2), np.array(["bird", "cat", "dog", "cat"] * 2)):
        keras.utils.set_random_seed(1)
        gan = named_gan(run_eagerly=True)
        history = DOORS[door](gan, labels)
        found.append(getattr(history, "history", history))
    assert found[0] == found[1]
    with pytest.raises(ValueError, match=r"one of 'cat', 'dog', 'bird'. Received: 'cow'"):
        DOORS[door](gan, np.array(["cow"] * 8))


def test_a_gan_keeps_the_names(tmp_path):
    gan = named_gan()
    assert gan.condition.num_classes == 3
    np.testing.assert_array_equal(gan.generate(2, labels="bird"), gan.generate(2, labels=2))
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    assert copy.condition.class_names == ("cat", "dog", "bird")
    assert repr(copy.condition) == "labels(num_classes=3, class_names=('cat', 'dog', 'bird'))"
    # Without names as before, in files, too.
    assert repr(LABELS) == "labels(num_classes=3)"
    spec = "labels(num_classes=2, class_names=('a', 'b'))"
    assert conditioning.get(spec).class_names == ("a", "b")


def test_a_recipe_says_where_labels_come_from():
    for num_classes, received in ((None, "without labels"), (1, "of 1 class")):
        with pytest.raises(ValueError, match=f"Received: data {received}") as caught:
            gan_types.get("cgan").make_condition(num_classes)
        for part in ("one sub-folder per class", "npz", "'y'", "fit(x, y)", "num_classes="):
            assert part in str(caught.value)
    # What has no use for names does not mind them.
    assert gan_types.get("hinge").make_condition(2, ["a", "b"]) is None


# What `generate` is asked for.


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"count": 0}, "count to be an integer >= 1. Received: count=0"),
        ({"count": 2.5}, "count=2.5"),
        ({"count": None}, "count=None"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"seed": None}, "seed to be an integer of 64 bits, such as seed=0; another.*seed=None"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"seed": 2**63}, f"seed={2**63}"),
        ({"labels": 1.7}, WHOLE),
        ({"labels": [[0.4, 0.35, 0.25]] * 2}, ONE_HOT),
        ({"labels": 2**32 + 1}, RANGE),
        ({"labels": "dog"}, "no names"),
    ],
)
def test_bad_arguments_of_generate(arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        conditional().generate(**{"count": 2, **arguments})
    assert "\n" not in str(caught.value)


def test_counts_of_numpy():
    gan = conditional()
    assert len(gan.generate(np.int64(2), seed=np.int32(3))) == 2
    with pytest.raises(ValueError, match="columns to be an integer"):
        gan.generate_rows(0)
    with pytest.raises(ValueError, match="seed to be an integer"):
        gan.generate_rows(2, seed=None)
    unconditional = networks.recipe_gan("hinge")
    with pytest.raises(ValueError, match="labels only for a GAN that is conditioned on labels"):
        unconditional.generate(16, labels=[0] * 16)
