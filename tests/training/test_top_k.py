"""Top-k training and flipped labels: closed forms, gradients, doors."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, losses, random
from tfgan_losses.training import label_flipping, top_k
from tfgan_losses.training.objective import Objective

RNG = np.random.default_rng(0)
REAL, FAKE = (RNG.normal(size=(10, 1)).astype("float32") for _ in range(2))


def gan_of(loss="non_saturating", **options):
    keras.utils.set_random_seed(2)
    pair = networks.pair(batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=1)
    sgd = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    gan.compile(loss, **{**sgd, **options})
    return gan


def seen(network, real=REAL, fake=FAKE, update=0, **more):
    logits = {"real_outputs": {"logits": tf.constant(real)}, "fake_outputs": {"logits": fake}}
    return networks.seen(network, **logits, update=tf.constant(update, tf.int64), **more)


@pytest.mark.parametrize("share, k", [(0.1, 1), (0.3, 3), (0.5, 5), (0.51, 6), (0.7, 7), (1e-6, 1)])
def test_the_mean_is_that_of_the_k_highest(share, k):
    fake = tf.Variable(FAKE)
    with tf.GradientTape() as tape:
        total, report = Objective("non_saturating", top_k=share).generator_total(
            seen("generator", fake=fake)
        )
    best = np.sort(FAKE.ravel())[-k:]
    assert float(total) == pytest.approx(np.mean(np.log1p(np.exp(-best))), rel=1e-5)
    assert float(report["g_fake"]) == pytest.approx(FAKE.mean(), rel=1e-5), "of all"
    slope = np.where(np.isin(FAKE, best), -1 / (1 + np.exp(FAKE)) / k, 0)
    np.testing.assert_allclose(tape.gradient(total, fake), slope, atol=1e-7)


@pytest.mark.parametrize("name", [n for n in losses.names() if not losses.get(n).sees_batch])
def test_every_loss_counts_the_chosen_pairs_alone(name):
    loss = losses.get(name)
    total, _ = Objective(loss, top_k=0.4).generator_total(seen("generator"))
    chosen = np.argsort(FAKE.ravel())[-4:]
    expected = np.mean(loss.generator_loss(tf.constant(REAL[chosen]), tf.constant(FAKE[chosen])))
    assert float(total) == pytest.approx(float(expected), rel=1e-5)


def test_stock_losses_and_patches():
    patches = RNG.normal(size=(6, 3, 3, 1)).astype("float32")
    best = np.argsort(patches.mean((1, 2, 3)))[-3:]
    for loss, reduce in (
        (keras.losses.BinaryCrossentropy(from_logits=True), np.mean),
        (keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum"), np.sum),
    ):
        total, _ = Objective(loss, top_k=0.5).generator_total(
            seen("generator", patches, tf.constant(patches))
        )
        assert float(total) == pytest.approx(reduce(np.log1p(np.exp(-patches[best]))), rel=1e-5)


def test_of_equal_logits_the_first_are_chosen():
    mask, count = top_k.choose(tf.zeros([5, 1]), 0.6)
    np.testing.assert_array_equal(mask, [1, 1, 1, 0, 0])
    assert float(count) == 3


def test_a_schedule_over_the_updates_of_the_generator():
    objective = Objective(
        "wasserstein", top_k="exponential(start=1, end=0.25)", updates={"generator": 10}
    )
    for update, k in ((0, 10), (5, 5), (10, 3), (99, 3)):
        total, _ = objective.generator_total(seen("generator", update=update, updates=10))
        assert float(total) == pytest.approx(-np.sort(FAKE.ravel())[-k:].mean(), rel=1e-5)


def test_pairs_are_swapped_with_their_probability():
    real, fake = tf.zeros([4000, 1]), tf.ones([4000, 1])
    told = label_flipping.flip(real, fake, 0.2, random.step_seed(0, 3, "x"))
    flipped = told[0].numpy().ravel()
    np.testing.assert_array_equal(told[1].numpy().ravel(), 1 - flipped)
    assert flipped.mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 4000))
    for probability, expected in ((0.0, (real, fake)), (1.0, (fake, real))):
        told = label_flipping.flip(real, fake, probability, random.step_seed(0, 3, "x"))
        np.testing.assert_array_equal(told, expected)


def test_the_loss_of_the_discriminator_takes_the_swapped_pairs():
    total, report = Objective("wasserstein", label_flipping=0.5).discriminator_total(
        seen("discriminator", update=4)
    )
    sight = seen("discriminator", update=4)
    drawn = np.asarray(random.uniform(10, [1], sight.seed_for("flipped labels")))
    sign = np.where(drawn < 0.5, -1, 1)
    assert 0 < (sign < 0).sum() < 10
    assert float(total) == pytest.approx(np.mean(sign * (FAKE - REAL)), rel=1e-5)
    assert float(report["d_real"]) == pytest.approx(REAL.mean(), rel=1e-5), "of the real ones"


def test_off_is_off():
    """No value, no operation and no byte of a config comes from what is off."""
    plain, off = gan_of(), gan_of(top_k=1, label_flipping="0")
    assert plain.get_compile_config().keys() == off.get_compile_config().keys()
    assert "top_k" not in plain.get_compile_config() and "top_k" not in repr(off)
    for gan in (plain, off):
        gan.fit(networks.examples(16), batch_size=8, verbose=0, shuffle=False)
    networks.assert_same_state(plain, off)


def fitted(count=24, **options):
    gan = gan_of(top_k=0.5, label_flipping=0.3, **options)
    gan.fit(networks.examples(count), batch_size=8, verbose=0, shuffle=False)
    return gan


@pytest.mark.slow
def test_graph_equals_eager_and_a_saved_gan_goes_on(tmp_path):
    graph = fitted(count=20)  # With a last batch of four.
    networks.assert_same_state(graph, fitted(count=20, run_eagerly=True), rtol=0, atol=1e-6)
    graph.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert (again.objective.top_k, again.objective.label_flipping) == (0.5, 0.3)
    for gan in (graph, again):
        gan.fit(networks.examples(8, seed=4), batch_size=8, verbose=0)
    networks.assert_same_state(graph, again)


@pytest.mark.slow
def test_xla_equals_the_graph():
    networks.assert_same_state(fitted(), fitted(jit_compile=True), rtol=0, atol=1e-5)


def test_evaluation_shows_the_plain_losses():
    x = networks.examples(16)
    plain, tricked = gan_of(), gan_of(top_k=0.5, label_flipping=0.5)
    expected = plain.evaluate(x, batch_size=8, verbose=0)
    np.testing.assert_allclose(tricked.evaluate(x, batch_size=8, verbose=0), expected)


def test_flipped_labels_in_parts_equal_the_whole():
    trained = []
    for accumulate in (1, 2):
        gan = gan_of(label_flipping=0.3, accumulate=accumulate)
        gan.fit(networks.examples(16), batch_size=8, verbose=0, shuffle=False)
        trained.append(gan)
    networks.assert_same_state(*trained, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"top_k": 0}, r"Expected top_k in \(0, 1\]. Received: top_k=0"),
        ({"top_k": 1.5}, r"Expected top_k in \(0, 1\]"),
        ({"top_k": "cosine(start=1, end=0)", "steps": 9}, r"Expected top_k in \(0, 1\]"),
        ({"top_k": "half"}, "Expected top_k to be a number or a schedule"),
        ({"top_k": "exponential(start=1, end=0.5)"}, "Expected top_k to be .* number of steps"),
        ({"label_flipping": 0.6}, r"Expected label_flipping in \[0, 0.5\]"),
        ({"label_flipping": -0.1}, r"Expected label_flipping in \[0, 0.5\]"),
        ({"top_k": 0.5, "accumulate": 2}, "Expected accumulate=1 for top_k"),
        ({"top_k": 0.5, "loss": "relativistic_average"}, "Expected top_k=1 for 'relativistic_av"),
        (
            {
                "top_k": 0.5,
                "loss": keras.losses.MeanSquaredError(reduction="mean_with_sample_weight"),
            },
            "with the reduction 'sum' or",
        ),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gan_of(**options)
