"""Labels and codes: from what a person gives to what the networks see, and back in pictures."""

import functools

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, conditioning, sampling
from tfgan_losses.training.updates import part_of

LABELS = conditioning.Labels(num_classes=3)
CODES = conditioning.Codes(categorical=(3, 2), continuous=2)
NUMBERS = conditioning.Codes(categorical=(), continuous=1)
CONDITIONAL = ["cgan", "acgan", "projection"]


@functools.cache
def fitted(name):
    """A GAN that was trained a little, which tests only read."""
    gan = networks.recipe_gan(name, d_steps=1, ema_decay=0.9, optimizers={"run_eagerly": True})
    gan.fit(networks.examples(12), networks.labels(12), batch_size=6, verbose=0)
    return gan


@pytest.mark.parametrize("labels", [[2, 0], [[2], [0]], [[0, 0, 1], [1, 0, 0]]])
def test_labels_as_integers_and_one_hot(labels):
    np.testing.assert_array_equal(LABELS.encode(labels), [[0, 0, 1], [1, 0, 0]])


def test_labels_that_do_not_exist_stop_the_training():
    with pytest.raises(tf.errors.InvalidArgumentError, match="from 0 to 2"):
        LABELS.encode([0, 3])
    with pytest.raises(ValueError, match=r"one-hot \[n, 3\]. Received: shape \(2, 4\)"):
        LABELS.encode(np.zeros([2, 4]))


def test_codes_are_one_hot_beside_numbers():
    found = CODES.encode(tf.constant([[2, 1, 0.5, -1], [0, 0, 0, 1]], tf.float32))
    np.testing.assert_allclose(found, [[0, 0, 1, 0, 1, 0.5, -1], [1, 0, 0, 1, 0, 0, 1]])
    assert (CODES.size, CODES.factors, CODES.posterior_size) == (7, 4, 9)
    # log 3 + log 2; a uniform number of [-1, 1] has the density 1/2.
    assert CODES.categorical_entropy == pytest.approx(np.log(6))
    assert CODES.continuous_entropy == pytest.approx(2 * np.log(2))


@pytest.mark.parametrize("condition", [LABELS, CODES])
def test_draws_are_the_prior(condition):
    uniforms = np.random.default_rng(0).uniform(size=[30000, condition.factors])
    drawn = condition.encode(condition.from_uniforms(tf.constant(uniforms, tf.float32))).numpy()
    classes = 3
    # Standard error of a share of 1/3: 0.003.
    np.testing.assert_allclose(drawn[:, :classes].mean(axis=0), 1 / 3, atol=0.015)
    if condition is CODES:
        numbers = drawn[:, 5:]
        assert np.abs(numbers).max() <= 1 and np.abs(numbers.mean(axis=0)).max() < 0.02
        np.testing.assert_allclose(numbers.var(axis=0), 1 / 3, atol=0.01)


def test_the_largest_uniform_is_the_last_class():
    almost_one = tf.fill([1, 1], np.nextafter(np.float32(1), np.float32(0)))
    assert int(conditioning.Labels(num_classes=1000).from_uniforms(almost_one)[0]) == 999


@pytest.mark.parametrize("condition", [LABELS, CODES, NUMBERS])
def test_rows_of_a_picture(condition):
    latents, given = sampling.row_inputs(4, 5, condition, seed=3)
    rows = condition.rows
    assert latents.shape == (rows * 4, 5) and given.shape == (rows * 4, condition.size)
    # The latents of a column are the same in all rows; the first factor that of its row.
    np.testing.assert_array_equal(latents[:4], latents[-4:])
    first = given[:, :3].numpy().reshape(rows, 4, -1)
    np.testing.assert_array_equal(first[:, :1].repeat(4, axis=1), first)
    assert len(np.unique(first[:, 0], axis=0)) == rows


@pytest.mark.parametrize(
    "spec, message",
    [
        ("labels(num_classes=1)", "num_classes to be an integer >= 2"),
        ("codes(categorical=(1,))", "at least two classes"),
        ("codes(categorical=(), continuous=0)", "at least one code"),
        ("label(num_classes=3)", "Unknown condition. Expected one of"),
        (3, "Expected a condition"),
    ],
)
def test_bad_conditions(spec, message):
    with pytest.raises(ValueError, match=message):
        conditioning.get(spec)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_generate_takes_labels(name):
    gan = fitted(name)
    one_hot = np.eye(3)[[0, 1, 2, 2]]
    samples = gan.generate(4, seed=1, labels=[0, 1, 2, 2])
    np.testing.assert_array_equal(gan.generate(4, seed=1, labels=one_hot), samples)
    assert np.abs(gan.generate(4, seed=1, labels=[1, 1, 2, 2])[0] - samples[0]).max() > 0
    np.testing.assert_array_equal(gan.generate(2, labels=2), gan.generate(2, labels=[2, 2]))
    # Drawn labels depend on the seed alone, not on how many samples are made at a time.
    np.testing.assert_allclose(gan.generate(9), gan.generate(9, batch_size=2), atol=1e-6)
    assert gan.generate_rows(4).shape == (12, 4, 4, 1)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"labels": [0, 1]}, r"labels of shape \(3,\).*Received: shape \(2,\)"),
        ({"labels": 3}, "labels from 0 to 2. Received: 3 to 3"),
        ({"codes": [[0, 0]]}, "codes only for a GAN that is conditioned on codes"),
    ],
)
def test_bad_labels_for_generate(arguments, message):
    with pytest.raises(ValueError, match=message):
        networks.recipe_gan("cgan").generate(3, **arguments)


@pytest.mark.parametrize("name", ["cgan", "infogan"])
def test_the_seed_of_samples_decides_their_conditions(name):
    gan = networks.recipe_gan(name)
    first, again, other = (
        sampling.generator_inputs(20, networks.LATENT_DIM, gan.condition, seed)[1].numpy()
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_codes_for_generate():
    gan = fitted("infogan")
    code = [4, 0.5, -1.0]
    samples = gan.generate(2, codes=code)
    np.testing.assert_array_equal(gan.generate(2, codes=[code, code]), samples)
    with pytest.raises(ValueError, match=r"codes of shape \(2, 3\)"):
        gan.generate(2, codes=[1])
    with pytest.raises(ValueError, match="whole numbers from 0 to 9 in column 0"):
        gan.generate(2, codes=[10, 0, 0])
    with pytest.raises(ValueError, match="labels only for a GAN"):
        gan.generate(2, labels=[0, 1])


@pytest.mark.parametrize("name", [*CONDITIONAL, pytest.param("infogan", marks=pytest.mark.slow)])
def test_export_and_save(name, tmp_path):
    gan = fitted(name)
    gan.export_generator(tmp_path / "generator")
    loaded = tf.saved_model.load(tmp_path / "generator")
    values = {"codes": [[3, 0.1, 0.2], [0, 1, -1]]} if name == "infogan" else {"labels": [2, 0]}
    np.testing.assert_allclose(loaded.sample(2, seed=4), gan.generate(2, seed=4), atol=1e-6)
    np.testing.assert_allclose(
        loaded.sample(2, seed=4, **values), gan.generate(2, seed=4, **values), atol=1e-6
    )
    signature = loaded.signatures["serving_default"]
    source = gan.condition.source
    assert set(signature.structured_input_signature[1]) == {"latents", source}
    given = tf.constant(values[source], gan.condition.value_spec.dtype)
    served = signature(latents=tf.zeros([2, networks.LATENT_DIM]), **{source: given})
    assert next(iter(served.values())).shape == (2, 4, 4, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="as many labels or codes"):
        loaded.sample(3, seed=4, **values)
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    networks.assert_same_state(gan, copy)
    np.testing.assert_array_equal(copy.generate(3, **{source: values[source][0]}),
                                  gan.generate(3, **{source: values[source][0]}))  # fmt: skip


def test_a_penalty_knows_the_label_of_its_pair():
    """D(x, y) = psi_y |x|^2 / 2 with R1: every example by the slope of its own class."""
    x, y = keras.Input((2,)), keras.Input((3,))
    slope = keras.layers.Dense(1, use_bias=False)(y)
    energy = keras.layers.Dot(axes=1)([x, x])
    critic = keras.Model([x, y], keras.layers.Multiply()([slope, energy]))
    critic.set_weights([np.array([[0.5], [1.0], [2.0]])])
    z, c = keras.Input((networks.LATENT_DIM,)), keras.Input((3,))
    generator = keras.Model([z, c], keras.layers.Dense(2)(keras.layers.Concatenate()([z, c])))
    gan = GAN(generator, critic, latent_dim=networks.LATENT_DIM, condition=LABELS)
    gan.compile("hinge", penalties="r1(weight=2)", d_optimizer=keras.optimizers.SGD(0.0))
    real = np.random.default_rng(0).normal(size=[6, 2]).astype("float32")
    labels = networks.labels(6)
    report = gan.train_discriminator(real, labels)
    slopes = np.array([0.5, 1.0, 2.0])[labels]
    # grad of psi |x|^2 is 2 psi x; weight / 2 = 1.
    expected = np.mean(np.sum((2 * slopes[:, None] * real) ** 2, axis=1))
    assert float(report["r1"]) == pytest.approx(expected, rel=1e-5)


def test_labels_of_the_parts_go_with_their_examples():
    examples, labels = networks.examples(12), np.arange(12)
    for part in range(3):
        own, own_labels = part_of(
            tf.constant(examples), tf.constant(labels), part, d_steps=3, divisor=1
        )
        np.testing.assert_array_equal(own_labels, labels[part::3])
        np.testing.assert_array_equal(own, examples[part::3])


def test_a_last_batch_that_cannot_be_divided_starts_again():
    examples, labels = networks.examples(7), np.arange(7)
    for part, rows in enumerate(([0, 3, 6], [1, 4, 0], [2, 5, 1])):
        own, own_labels = part_of(
            tf.constant(examples), tf.constant(labels), part, d_steps=3, divisor=1
        )
        np.testing.assert_array_equal(own_labels, rows)
        np.testing.assert_array_equal(own, examples[rows])


def test_missing_labels_are_named():
    gan = networks.recipe_gan("acgan")
    examples = networks.examples(8)
    for data in (examples, tf.data.Dataset.from_tensor_slices(examples).batch(4)):
        with pytest.raises(ValueError, match=r"conditioned on labels.*pairs \(examples, labels\)"):
            gan.fit(data)
    with pytest.raises(ValueError, match=r"labels from 0 to 2. Received: 0 to 3"):
        gan.fit(networks.examples(8), networks.labels(8, num_classes=4))


def test_networks_and_condition_must_fit():
    conditional = networks.recipe_gan("cgan")
    plain = networks.pair()
    with pytest.raises(ValueError, match=r"generator of 1 input: latents.*needs condition="):
        GAN(conditional.generator, plain[1], latent_dim=networks.LATENT_DIM)
    with pytest.raises(ValueError, match="generator of 2 inputs"):
        GAN(*plain, latent_dim=networks.LATENT_DIM, condition=LABELS)
    with pytest.raises(ValueError, match="discriminator that takes examples and labels"):
        GAN(plain[0], conditional.discriminator, latent_dim=networks.LATENT_DIM)
    with pytest.raises(ValueError, match=r"what it is conditioned on.*Received: \(4,\)"):
        GAN(
            conditional.generator,
            conditional.discriminator,
            latent_dim=networks.LATENT_DIM,
            condition="labels(num_classes=4)",
        )
