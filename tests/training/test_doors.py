"""Every door to the training takes what can be trained on, and refuses what cannot in one line."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.datasets.source import MemorySource

SHAPE = (4, 4, 1)
COUNT, BATCH = 24, 8


def make(*, example_shape=SHAPE, condition=None, **arguments):
    if condition is not None:
        return networks.recipe_gan("cgan", d_steps=1, **arguments)
    pair = networks.pair(example_shape, batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=3)
    gan.compile("hinge", **arguments)
    return gan


class Batches(keras.utils.PyDataset):
    def __init__(self, *arrays, as_dictionary=False, **options):
        super().__init__(**options)
        self.arrays, self.as_dictionary = arrays, as_dictionary

    def __len__(self):
        return -(-len(self.arrays[0]) // BATCH)

    def __getitem__(self, index):
        parts = tuple(array[BATCH * index : BATCH * (index + 1)] for array in self.arrays)
        return dict(zip(("image", "label"), parts, strict=False)) if self.as_dictionary else parts


class Loader:
    """As PyTorch's DataLoader: goes through lists of tensors again and again."""

    def __init__(self, *arrays):
        self.batches = Batches(*arrays)

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        return (list(self.batches[index]) for index in range(len(self)))


class Tensor:
    """As PyTorch's, on another device, with a gradient."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    def cpu(self):
        return self.array

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert a tensor that requires grad")


def slices(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0])


def of_unknown_shape(*arrays):
    return tf.data.Dataset.from_generator(
        lambda: map(tuple, Loader(*arrays)),
        output_types=tuple(array.dtype for array in arrays),
    ).apply(tf.data.experimental.assert_cardinality(len(Loader(*arrays))))


ARRAYS = {"batch_size": BATCH}
STEPS = {"steps_per_epoch": COUNT // BATCH}
# Functions of examples, or of examples and labels, that return the arguments of fit.
DOORS = {
    "array": lambda *a: (a, ARRAYS),
    "tensor": lambda *a: (tuple(map(tf.constant, a)), ARRAYS),
    "tensor of PyTorch": lambda x, *y: ((Tensor(x), *y), ARRAYS),
    "list of examples": lambda x, *y: ((list(x), *y), ARRAYS),
    "list of one array": lambda x, *y: (([x], *y), ARRAYS),
    "one tuple": lambda *a: ((a,), ARRAYS),
    "dictionary": lambda *a: ((dict(zip(("image", "label"), a, strict=False)),), ARRAYS),
    "tf.data": lambda *a: ((slices(*a).batch(BATCH),), {}),
    "tf.data of known size": lambda *a: ((slices(*a).batch(BATCH, drop_remainder=True),), {}),
    "tf.data of single examples": lambda *a: ((slices(*a),), ARRAYS),
    "tf.data of dictionaries": lambda *a: (
        (slices(*a).map(lambda *p: dict(zip(("x", "y"), p, strict=False))).batch(BATCH),),
        {},
    ),
    "tf.data of unknown shape": lambda *a: ((of_unknown_shape(*a),), {}),
    "endless tf.data": lambda *a: ((slices(*a).batch(BATCH).repeat(),), STEPS),
    "PyDataset": lambda *a: ((Batches(*a),), {}),
    "PyDataset with workers": lambda *a: ((Batches(*a, workers=2),), {}),
    "PyDataset of dictionaries": lambda *a: ((Batches(*a, as_dictionary=True),), {}),
    "generator": lambda *a: ((iter(Loader(*a)),), STEPS),
    "iterator of tensors": lambda *a: ((iter(slices(*a).batch(BATCH)),), STEPS),
    "loader": lambda *a: ((Loader(*a),), {}),
}
every_door = pytest.mark.parametrize("door", DOORS)


def in_levels(dtype):
    levels = np.random.default_rng(0).integers(0, 256, (COUNT, *SHAPE))
    levels[::BATCH, 0, 0] = 255
    return levels.astype(dtype)


def with_nan():
    x = networks.examples(COUNT)
    x[2, 1, 3, 0] = np.nan
    x[2, 2, 0, 0] = np.inf
    return x


FAULTS = {
    "uint8": (in_levels("uint8"), r"floating-point.*\[-1, 1\] by x / 127\.5 - 1\..*dtype uint8"),
    "0..255": (in_levels("float32"), r"in \[-1, 1\].*tanh.*from 0 to 255.*x / 127\.5 - 1"),
    "NaN": (with_nan(), r"finite examples.*: 2 of \d+ values NaN or infinite.*at \(2, 1, 3, 0\)"),
    "shape": (networks.examples(COUNT, (4, 3, 1)), r"shape \(4, 4, 1\).*shape \(4, 3, 1\)"),
    "far out": (3.0 * networks.examples(COUNT), r"in \[-1, 1\].*tanh.*another last activation"),
    "empty": (networks.examples(0), "at least one|The PyDataset has length 0"),
}


def refuses(gan, call, message):
    before = networks.all_state(gan)
    with pytest.raises(ValueError, match=message) as refused:
        call()
    assert "\n" not in str(refused.value)
    for a, b in zip(before, networks.all_state(gan), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("fault", FAULTS)
@every_door
def test_faults_are_refused_before_the_first_update(door, fault):
    x, message = FAULTS[fault]
    # Eager: there is no step to trace.
    gan = make(run_eagerly=True)
    (data, *labels), options = DOORS[door](x)
    refuses(gan, lambda: gan.fit(data, *labels, **options, shuffle=False, verbose=0), message)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("door", ["tf.data", "tf.data of known size", "loader"])
def test_as_well_in_a_graph_and_under_xla(door, jit_compile):
    x, message = FAULTS["NaN"]
    gan = make(jit_compile=jit_compile)
    (data, *labels), options = DOORS[door](x)
    refuses(gan, lambda: gan.fit(data, *labels, **options, shuffle=False, verbose=0), message)


@every_door
def test_all_doors_lead_to_the_same_training(door):
    x, y = networks.examples(COUNT), networks.labels(COUNT)
    gan, expected = (make(condition="labels", run_eagerly=True) for _ in range(2))
    expected.set_weights(gan.get_weights())
    for first in range(0, COUNT, BATCH):
        expected.train_step((x[first : first + BATCH], y[first : first + BATCH]))
    data, options = DOORS[door](x, y)
    gan.fit(*data, **options, shuffle=False, verbose=0)
    assert int(gan.step) == COUNT // BATCH
    networks.assert_same_state(gan, expected)


@every_door
def test_labels_must_be_there(door):
    gan = make(condition="labels", run_eagerly=True)
    data, options = DOORS[door](networks.examples(COUNT))
    message = "conditioned on labels.*without labels"
    refuses(gan, lambda: gan.fit(*data, **options, shuffle=False, verbose=0), message)


@every_door
def test_labels_must_exist(door):
    gan = make(condition="labels", run_eagerly=True)
    data, options = DOORS[door](networks.examples(COUNT), networks.labels(COUNT, 4))
    message = "labels from 0 to 2"
    refuses(gan, lambda: gan.fit(*data, **options, shuffle=False, verbose=0), message)


@pytest.mark.parametrize("door", [name for name in DOORS if "endless" not in name])
def test_held_out_examples_go_through_the_same_gate(door):
    x, message = FAULTS["NaN"]
    gan = make(run_eagerly=True)
    (data, *_), options = DOORS[door](x)
    options = {"batch_size": options.get("batch_size"), "steps": options.get("steps_per_epoch")}
    refuses(gan, lambda: gan.evaluate(data, verbose=0, **options), message)


@pytest.mark.parametrize("door", ["array", "dictionary", "tf.data", "PyDataset", "loader"])
def test_validation_data_goes_through_the_same_gate(door):
    gan, x = make(run_eagerly=True), networks.examples(COUNT)
    for fault in ("uint8", "shape"):
        bad, message = FAULTS[fault]
        (held_out, *_), _ = DOORS[door](bad)
        refuses(gan, lambda held_out=held_out: gan.fit(x, validation_data=held_out), message)
    (held_out, *_), _ = DOORS[door](x)
    logs = gan.fit(x, batch_size=BATCH, epochs=2, validation_data=held_out, verbose=0).history
    assert len(logs["val_d_loss"]) == 2
    found = gan.evaluate(x, batch_size=BATCH, verbose=0, return_dict=True)
    assert logs["val_d_loss"][-1] == pytest.approx(found["d_loss"], rel=1e-5)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "empty"])
def test_single_batches(fault):
    x, message = FAULTS[fault]
    gan = make(run_eagerly=True)
    for method in (gan.train_on_batch, gan.test_on_batch):
        refuses(gan, lambda method=method: method(x), message)
        method(networks.examples(COUNT))
    assert int(gan.step) == 1


@pytest.mark.parametrize("fault", ["uint8", "shape"])
def test_loops_of_ones_own(fault):
    x, message = FAULTS[fault]
    gan = make()
    with pytest.raises(ValueError, match=message):
        tf.function(gan.train_step)(tf.constant(x))
    dataset = gan.looked_at(slices(networks.examples(COUNT)).batch(BATCH))
    assert [batch.shape for batch in dataset] == [(BATCH, *SHAPE)] * (COUNT // BATCH)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"2 of 128 .* in batch 0"):
        list(gan.looked_at(slices(with_nan()).batch(BATCH)))


def test_a_later_batch_is_refused_before_its_update():
    x = networks.examples(COUNT)
    x[2 * BATCH + 1, 0, 0, 0] = np.nan
    for door in ("tf.data", "generator", "loader"):
        gan = make(run_eagerly=door != "tf.data")
        data, options = DOORS[door](x)
        with pytest.raises(ValueError, match=r"1 of 128 .* in batch 2, the first at \(1, 0, 0, 0"):
            gan.fit(*data, **options, verbose=0)
        assert int(gan.step) == int(gan.d_optimizer.iterations) == 2
        assert all(np.isfinite(state).all() for state in networks.all_state(gan))


@pytest.mark.parametrize("d_steps", [1, 2])
def test_nothing_counts_where_a_set_of_unknown_length_ends(d_steps):
    x = networks.examples(COUNT)
    dataset = slices(x).batch(BATCH).filter(lambda x: True)
    gan = make(d_steps=d_steps)
    with pytest.warns(UserWarning, match="ran out of data"):
        gan.fit(dataset, verbose=0)
    steps = COUNT // BATCH
    assert int(gan.step) == int(gan.g_optimizer.iterations) == steps
    assert int(gan.d_updates) == int(gan.d_optimizer.iterations) == steps * d_steps
    assert {int(metric.count) for metric in gan.metrics} == {steps}


def test_a_set_of_unknown_length_may_turn_out_empty():
    nothing = slices(networks.examples(BATCH)).batch(BATCH).filter(lambda x: False)
    gan = make(run_eagerly=True)
    for method in (gan.fit, gan.evaluate):
        with (
            pytest.warns(UserWarning, match="ran out of data"),
            pytest.raises(ValueError, match=r"at least one batch.*without any"),
        ):
            method(nothing, verbose=0)


@pytest.mark.parametrize(
    "activation, low, high, message",
    [
        ("sigmoid", 0, 1, None),
        ("sigmoid", -1, 1, r"in \[0, 1\].*sigmoid.*from -1 to 1.*\(x \+ 1\) / 2"),
        ("sigmoid", 0, 255, r"in \[0, 1\].*x / 255"),
        ("tanh", -1, 1.005, None),
        ("tanh", -1, 1.6, r"in \[-1, 1\]"),
        ("relu", 0, 9, None),
        ("relu", -1, 9, r"in \[0, inf\].*relu"),
        (None, -3, 3, None),
        (None, 0, 255, r"about \[-1, 1\].*8 bits"),
    ],
)
@pytest.mark.parametrize("moved", [False, True])
def test_the_range_is_that_of_the_last_activation(activation, low, high, message, moved):
    last = [keras.layers.Dense(16, activation=activation), keras.layers.Reshape(SHAPE)]
    if moved:
        last.insert(1, keras.layers.Activation("linear", dtype="float32"))
        last = [keras.Sequential([keras.Input((6,)), *last[:2]]), last[2]]
    generator = keras.Sequential([keras.Input((6,)), *last])
    gan = GAN(generator, networks.discriminator(), latent_dim=6, seed=1)
    gan.compile("hinge", run_eagerly=True)
    x = np.linspace(low, high, COUNT * 16, dtype="float32").reshape(COUNT, *SHAPE)
    if message is None:
        gan.fit(x, batch_size=BATCH, verbose=0)
    else:
        refuses(gan, lambda: gan.fit(x, batch_size=BATCH, verbose=0), message)


def test_points_are_free():
    generator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2)])
    gan = GAN(generator, networks.discriminator((2,)), latent_dim=6, seed=1)
    gan.compile("hinge", run_eagerly=True)
    gan.fit(300.0 * np.abs(networks.examples(COUNT, (2,))), verbose=0)


@pytest.mark.parametrize("door", ["array", "tf.data", "PyDataset", "generator", "loader"])
def test_half_of_the_range_warns_once(door):
    data, options = DOORS[door](np.abs(networks.examples(COUNT)))
    with pytest.warns(UserWarning, match=r"from .* to 0\.9.*makes \[-1, 1\].*2 \* x - 1") as said:
        make(run_eagerly=True).fit(*data, **options, verbose=0)
    assert len(said) == 1


def test_channels_first_are_named():
    gan = make(example_shape=(4, 4, 3))
    message = r"\(4, 4, 3\).*\(3, 4, 4\)\. Channels come last.*transpose\(0, 2, 3, 1\)"
    refuses(gan, lambda: gan.fit(networks.examples(COUNT, (3, 4, 4))), message)


@pytest.mark.parametrize(
    "data, options, message",
    [
        (slices(networks.examples(8)), {}, r"single ones.*batch_size=32\), or dataset\.batch\(32"),
        (slices(networks.examples(8)).batch(4), ARRAYS, "no batch_size for a tf.data.Dataset"),
        (Batches(networks.examples(8)), ARRAYS, "no batch_size for a Batches"),
        (Loader(networks.examples(8)), ARRAYS, "no batch_size for a Loader"),
        (slices(networks.examples(8)).batch(4).repeat(), {}, "steps_per_epoch for .* without end"),
        ({"pixels": networks.examples(8)}, {}, "one of the names image, .*one with pixels"),
        ({"image": networks.examples(8), "weight": np.ones(8)}, {}, "no weight"),
        ("photos", {}, "Received: x of type str"),
        (None, {}, "Received: x of type NoneType"),
        ([networks.examples(1), networks.examples(2, (2,))], {}, "Expected|shape"),
        (MemorySource.from_arrays(networks.examples(8), name="x"), {}, "steps_per_epoch.*Run"),
    ],
    ids=[
        "single",
        "batched twice",
        "PyDataset",
        "loader",
        "endless",
        "names",
        "weights",
        "text",
        "nothing",
        "two shapes",
        "source",
    ],
)
def test_what_is_not_understood_is_said(data, options, message):
    gan = make(run_eagerly=True)
    refuses(gan, lambda: gan.fit(data, **options, verbose=0), message)


def test_a_source_goes_on_where_the_gan_is():
    source = MemorySource.from_arrays(networks.examples(COUNT), name="x")
    whole, parts = (make(run_eagerly=True) for _ in range(2))
    parts.set_weights(whole.get_weights())
    whole.fit(source.batches(BATCH, seed=3), steps_per_epoch=4, verbose=0)
    for _ in range(2):
        parts.fit(source, batch_size=BATCH, steps_per_epoch=2, verbose=0)
    networks.assert_same_state(parts, whole)
    found = whole.evaluate(source, batch_size=BATCH, steps=2, verbose=0, return_dict=True)
    assert np.isfinite(found["d_loss"])


def test_a_gan_without_an_objective():
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
    for call in (gan.fit, gan.evaluate, gan.train_on_batch):
        with pytest.raises(ValueError, match=r"Expected gan\.compile\('hinge'\).*from_recipe"):
            call(networks.examples(8))


def test_the_data_loader_of_pytorch():
    data = pytest.importorskip("torch.utils.data")
    import torch

    x = networks.examples(COUNT)
    for made in (data.TensorDataset(torch.tensor(x)), torch.tensor(x)):
        gan, expected = make(), make()
        expected.set_weights(gan.get_weights())
        gan.fit(data.DataLoader(made, batch_size=BATCH), verbose=0)
        expected.fit(x, batch_size=BATCH, shuffle=False, verbose=0)
        networks.assert_same_state(gan, expected)
    levels = data.TensorDataset(torch.tensor(in_levels("uint8")))
    refuses(gan, lambda: gan.fit(data.DataLoader(levels, batch_size=BATCH)), "dtype uint8")
