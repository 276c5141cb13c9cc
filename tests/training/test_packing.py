"""Several examples before the discriminator as one: layouts, values, and every way to train."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.training import packing
from tfgan_losses.training.updates import part_of

SHAPE = (4, 4, 1)
BATCH, STEPS, PACK = 12, 3, 2


def make(pack=PACK, example_shape=SHAPE, discriminator=None, **options):
    keras.utils.set_random_seed(3)
    generator = networks.generator(example_shape, batch_normalization=False)
    discriminator = discriminator or networks.discriminator(packing.shape_of(example_shape, pack))
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=5, pack=pack)
    sgd = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    gan.compile(**{"loss": "wasserstein", "jit_compile": False, **sgd, **options})
    return gan


def train(gan, count=BATCH * STEPS, **options):
    x = networks.examples(count, gan.example_shape)
    batch_size = BATCH * gan.d_steps
    return gan.fit(x, batch_size=batch_size, shuffle=False, verbose=0, **options).history


@pytest.mark.parametrize("shape", [(3,), (4, 5, 3)])
def test_packs_and_back(shape):
    x = np.arange(6 * np.prod(shape), dtype="float32").reshape(6, *shape)
    packs = packing.packed(tf.constant(x), 3)
    assert packs.shape == (2, *packing.shape_of(shape, 3))
    for row in range(2):
        expected = np.concatenate(list(x[3 * row : 3 * row + 3]), axis=-1)
        np.testing.assert_array_equal(packs[row], expected)
    np.testing.assert_array_equal(packing.unpacked(packs, 3), x)
    assert packing.packed(x, 1) is x and packing.rounded_up(x, 1) is x
    rounded = packing.rounded_up(tf.constant(x), 4)
    np.testing.assert_array_equal(rounded, np.concatenate([x, x[:2]]))


class Weighted(keras.layers.Layer):
    """[x, y] -> a x + b y + c x y of the mean of each member: alike members tell more."""

    def call(self, packs):
        x, y = tf.unstack(tf.reduce_mean(packs, axis=[1, 2]), axis=-1)
        return (1.0 * x + 3.0 * y + 2.0 * x * y)[:, None]


def critic():
    return keras.Sequential([keras.Input((4, 4, 2)), Weighted(), keras.layers.Rescaling(1.0)])


def latents(gan, real, network="discriminator"):
    return gan.pair.latents(tf.constant(real), network, 0)


def test_values_and_gradient_penalty_of_packs():
    """One critic in closed form: its outputs for packs, and one slope for each pack."""
    gan = make(discriminator=critic(), penalties="r1(weight=2)")
    real = networks.examples(6, SHAPE)
    fake = np.asarray(gan.generator(latents(gan, real)))
    found = {key: float(x) for key, x in gan.train_discriminator(real).items()}

    def outputs(examples):
        x, y = examples.mean(axis=(1, 2, 3)).reshape(3, 2).T
        return x + 3 * y + 2 * x * y, (1 + 2 * y) / 16, (3 + 2 * x) / 16

    (of_real, dx, dy), (of_fake, _, _) = outputs(real), outputs(fake)
    np.testing.assert_allclose(found["d_real"], of_real.mean(), rtol=1e-5)
    np.testing.assert_allclose(found["d_fake"], of_fake.mean(), rtol=1e-5)
    squared = 16 * (dx**2 + dy**2)
    np.testing.assert_allclose(found["r1"], squared.mean(), rtol=1e-5)


def test_the_generator_learns_through_all_members():
    gan = make(discriminator=critic())
    before = [np.asarray(v) for v in gan.generator.trainable_variables]
    real = tf.constant(networks.examples(6, SHAPE))
    with tf.GradientTape() as tape:
        fake = tf.reduce_mean(gan.generator(latents(gan, real, "generator")), axis=[1, 2, 3])
        x, y = fake[0::2], fake[1::2]
        loss = -tf.reduce_mean(x + 3 * y + 2 * x * y)
    expected = tape.gradient(loss, gan.generator.trainable_variables)
    report = gan.train_step(real)
    assert float(report["g_loss"]) == pytest.approx(float(loss), rel=1e-5)
    for old, new, slope in zip(before, gan.generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(new, old - 0.05 * slope, rtol=1e-4, atol=1e-6)


def test_members_are_augmented_one_by_one():
    """The same draws for the same images as without packs, and each member its own."""
    plain, packs = make(1), make(2)
    x = tf.constant(networks.examples(6, SHAPE))
    seen = {}
    for gan in (plain, packs):
        gan.compile("hinge", augmentation="instance_noise(stddev=0.5)")
        view = gan.pair.view(
            gan.objective.augmentations, "discriminator", 0, d_update=0, d_updates=10
        )
        seen[gan.pack] = view.of(gan.pair.packed(x), "real")
    assert seen[2].shape == (3, 4, 4, 2)
    np.testing.assert_array_equal(packing.unpacked(seen[2], 2), seen[1])
    noise = np.asarray(seen[1] - x)
    assert np.abs(noise[0] - noise[1]).max() > 0.1


def test_a_pack_of_one_is_no_pack():
    """`from_recipe(pack=1)` is what `from_recipe()` is, and pack=2 moves other weights."""
    found = [networks.recipe_gan("hinge", **given) for given in ({}, {"pack": 1}, {"pack": 2})]
    assert [gan.discriminator.input_shape for gan in found] == [
        (None, 4, 4, 1),
        (None, 4, 4, 1),
        (None, 4, 4, 2),
    ]
    assert all(gan.generator.output_shape == (None, 4, 4, 1) for gan in found)


def test_parts_equal_the_whole():
    options = {
        "penalties": "gradient_penalty",
        "augmentation": "instance_noise(stddev=0.1)",
        "steps": STEPS,
        "run_eagerly": True,
    }
    whole, parts = make(**options), make(**options, accumulate=3)
    expected, found = train(whole, 2 * BATCH), train(parts, 2 * BATCH)
    networks.assert_same_state(parts, whole, rtol=0, atol=2e-6)
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-4, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("mode", ["eager", pytest.param("jit", marks=pytest.mark.slow)])
def test_graph_equals(mode):
    options = {"penalties": "gradient_penalty", "d_steps": 2}
    graph = make(**options)
    own = make(**options, run_eagerly=mode == "eager", jit_compile=mode == "jit")
    train(graph, 2 * BATCH)
    train(own, 2 * BATCH)
    networks.assert_same_state(own, graph, rtol=0, atol=2e-6)


def test_a_last_batch_is_rounded_up():
    x = networks.examples(5, (1,))
    parts = [part_of(tf.constant(x), None, i, d_steps=2, divisor=2)[0] for i in range(2)]
    assert [len(part) for part in parts] == [4, 4]
    gan = make()
    train(gan, BATCH + 5)
    assert int(gan.step.numpy()) == 2


def test_evaluation_takes_every_example():
    gan = make(discriminator=critic())
    real = networks.examples(5, SHAPE)
    found = gan.evaluate(real, batch_size=5, verbose=0, return_dict=True)
    x, y = np.concatenate([real, real[:1]]).mean(axis=(1, 2, 3)).reshape(3, 2).T
    assert found["d_real"] == pytest.approx((x + 3 * y + 2 * x * y).mean(), rel=1e-5)


@pytest.mark.slow
def test_saved_and_loaded(tmp_path):
    gan = make(penalties="gradient_penalty")
    train(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.pack == loaded.pair.pack == loaded.evaluation_pair.pack == PACK
    train(gan)
    train(loaded)
    networks.assert_same_state(loaded, gan)
    config = gan.get_config()
    del config["pack"]  # As of a file from before there were packs.
    with pytest.raises(ValueError, match="does not fit the generator"):
        GAN.from_config(config)


@pytest.mark.parametrize("name", ["wgan-gp", "hinge", "began", "ebgan", "dragan", "rsgan"])
def test_recipes_in_packs(name):
    gan = networks.recipe_gan(name, pack=2, run_eagerly=True)
    report = gan.train_step(tf.constant(networks.examples(4 * gan.d_steps, SHAPE)))
    assert all(np.isfinite(np.asarray(value)) for value in report.values())
    assert gan.discriminator.input_shape == (None, 4, 4, 2)


@pytest.mark.parametrize("name", ["acgan", "cgan", "projection", "infogan"])
def test_recipes_with_a_condition_of_each_example(name):
    with pytest.raises(ValueError, match=rf"{name}.*kind.*Expected pack=1.*pack=2"):
        networks.recipe_gan(name, pack=2)


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"Expected pack to be an integer >= 1.*pack=0"):
        make(0, discriminator=critic())
    with pytest.raises(ValueError, match=r"generator and pack=3.*\(4, 4, 2\).*\(4, 4, 3\)"):
        make(3, discriminator=critic())
    gan = make(2)
    message = "divisible by d_steps=1 times pack=2.*batch_size=3"
    with pytest.raises(ValueError, match=message):
        gan.fit(networks.examples(6, SHAPE), batch_size=3, verbose=0)
    x, y = keras.Input((4, 4, 2)), keras.Input((3,))
    flat = keras.layers.Concatenate()([keras.layers.Flatten()(x), y])
    told = keras.Model([x, y], keras.layers.Dense(1)(flat))
    with pytest.raises(ValueError, match="Expected pack=1 for a discriminator that takes"):
        GAN(networks.generator(), told, latent_dim=networks.LATENT_DIM, pack=2)
    with pytest.raises(ValueError, match=r"Expected pack=1 for 'classification'.*labels"):
        gan.compile("hinge", auxiliary="classification")
    with pytest.raises(ValueError, match=r"Expected pack=1 for consistency.*as one.*pack=2"):
        gan.compile("hinge", penalties="consistency(augmentation=diff_augment)")


def test_health_looks_at_packs():
    from tfgan_losses.health.held_out import Scores
    from tfgan_losses.health.probe import Probe

    gan = make(discriminator=critic(), penalties="gradient_penalty")
    real = networks.examples(7, SHAPE)
    x, y = np.concatenate([real, real[:1]]).mean(axis=(1, 2, 3)).reshape(4, 2).T
    expected = (x + 3 * y + 2 * x * y).mean()
    found = Probe(gan, real, None)()
    assert found["d_real"] == pytest.approx(expected, rel=1e-5)
    assert found["slope"] > 0
    scores = Scores(gan)
    assert scores.of(real, None).value == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(scores.of_generated(7))
