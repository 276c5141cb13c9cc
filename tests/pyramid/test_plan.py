import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import gan_types
from tfgan_losses.pyramid import Scales, images
from tfgan_losses.pyramid.plan import Plan

IMAGE = np.random.default_rng(0).uniform(-1, 1, (14, 18, 3)).astype("float32")
SCALES = Scales(((11, 14), (12, 16), (14, 18)), 0.88)


def plan(**arguments):
    given = {"recipe": gan_types.get("singan"), "image": IMAGE, "scales": SCALES, "steps": 4}
    return Plan(**{**given, "width": 2, **arguments})


def shaken(gan):
    """The same GAN with other weights and statistics, as after a training."""
    for variable in [*gan.generator.stages[-1].variables, *gan.discriminator.variables]:
        variable.assign(variable * 1.5 + 0.01)
    return gan


def weights(model):
    return [np.asarray(variable) for variable in model.variables]


def same(first, second):
    second = second if isinstance(second, list) else weights(second)
    return all(map(np.array_equal, weights(first), second))


@pytest.fixture(scope="module")
def two_scales():
    """A plan, the GAN of the coarsest scale as if trained, and that of the next."""
    made = plan()
    below = shaken(made.gan(0))
    return made, below, made.gan(1, below)


def test_a_scale_starts_from_the_one_below(two_scales):
    """Stage and critic as copies; the stages below are used as they are."""
    _, below, gan = two_scales
    assert gan.generator.stages[0] is below.generator.stages[0]
    assert gan.generator.stages[1] is not below.generator.stages[0]
    assert same(gan.generator.stages[1], below.generator.stages[0])
    assert gan.discriminator is not below.discriminator
    assert same(gan.discriminator, below.discriminator)


class Widening(Plan):
    widths = (2, 4)


def test_a_wider_scale_starts_afresh():
    made = Widening(gan_types.get("singan"), IMAGE, SCALES, steps=4)
    gan = made.gan(1, made.gan(0))
    first, second = gan.generator.stages
    assert [stage.get_layer("conv_1").filters for stage in (first, second)] == [2, 4]
    kernel = np.asarray(second.get_layer("conv_2").kernel)
    assert 0.01 < kernel.std() < 0.03


def test_the_noise_is_a_tenth_of_what_is_left(two_scales):
    made, below, gan = two_scales
    stage = gan.generator.stages[1]
    before = below.generator.reconstruct()
    enlarged = tf.image.resize(before, (12, 16)).numpy()[0]
    expected = 0.1 * np.sqrt(np.mean((made.reals[1] - enlarged) ** 2))
    assert stage.get_layer("amplitude").scale == pytest.approx(expected, rel=1e-4)
    assert below.generator.stages[0].get_layer("amplitude").scale == 1.0
    assert made.reconstruction_error(below) == pytest.approx(
        np.sqrt(np.mean((made.reals[0] - before.numpy()[0]) ** 2)), rel=1e-6
    )


def test_the_fixed_noise_is_the_same_at_every_scale(two_scales):
    _, below, gan = two_scales
    latents = [each.generator.reconstruction_latents().numpy()[0] for each in (below, gan)]
    np.testing.assert_array_equal(latents[1][: len(latents[0])], latents[0])
    assert not latents[1][len(latents[0]) :].any() and latents[0].std() > 0.9


def test_only_the_newest_stages_are_trained():
    made, gan, trained = plan(concurrent=2), None, [1, 2]
    for scale in range(3):
        gan = made.gan(scale, gan)
    stages = gan.generator.stages
    expected = [id(v) for number in trained for v in stages[number].trainable_variables]
    assert [id(v) for v in gan.generator.trainable_variables] == expected
    before = [weights(stage) for stage in stages]
    gan.generator(tf.ones((1, gan.latent_dim)), training=True)
    for number, stage in enumerate(stages):
        # The moving statistics of a stage that is not trained stay: it infers.
        assert same(stage, before[number]) == (number not in trained)


def test_weights_are_those_of_the_seed():
    """Whatever was drawn before: a resumed run builds a scale in another process."""
    one = plan(seed=3).gan(0)
    other = plan(seed=3).gan(0)
    assert same(one.generator, other.generator) and same(one.discriminator, other.discriminator)
    assert not same(one.generator, plan(seed=4).gan(0).generator)
    kernels = [v for v in one.generator.variables if "kernel" in v.path]
    assert len({np.asarray(v).ravel()[0] for v in kernels}) == len(kernels)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"steps": 0}, "steps"),
        ({"concurrent": 0}, "concurrent"),
        ({"image": np.zeros((4, 4))}, "Expected one image"),
        ({"recipe": gan_types.get("cgan")}, "without a condition.*recipe='cgan'"),
        ({"recipe": gan_types.get("wgan-gp")}, "ema_decay=0.*ema_decay=0.999"),
    ],
)
def test_bad_plans(arguments, match):
    with pytest.raises(ValueError, match=match):
        plan(**arguments)


def test_concurrent_training_is_adams():
    recipe = dataclasses.replace(gan_types.get("singan"), optimizer=("SGD", {"learning_rate": 0.1}))
    made = plan(recipe=recipe, concurrent=2)
    with pytest.raises(ValueError, match=r"Expected Adam.*g_optimizer=SGD, concurrent=2"):
        made.gan(1, made.gan(0))


def test_reals_are_resized_from_the_finest():
    made = plan()
    np.testing.assert_array_equal(made.reals[2], IMAGE)
    np.testing.assert_array_equal(made.reals[0], images.resize(IMAGE, 11, 14))
    assert made.source(1).example_shape == (12, 16, 3) and made.source(1).size == 1
