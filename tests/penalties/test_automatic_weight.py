"""r1 and r2 by the size of images and batches: the number that the rule says, in every way."""

import json

import keras
import networks
import pytest
import tensorflow as tf

from tfgan_losses import penalties

SGD = keras.optimizers.SGD


def test_the_numbers_of_the_paper():
    # Karras et al., 2020, appendix C: 256 x 256 and 64 images make 0.2.
    assert penalties.automatic_weight(256 * 256, 64) == pytest.approx(0.2048)
    assert penalties.automatic_weight(32 * 32, 64) == pytest.approx(0.0032)


def penalties_of(weight, arguments, size=8):
    keras.utils.set_random_seed(3)
    spec = f"r1(weight={weight}), r2(weight={weight}, every=2)"
    optimizers = {"g_optimizer": SGD(0.0), "d_optimizer": SGD(0.0)}
    gan = networks.recipe_gan("hinge", penalties=spec, run_eagerly=True, **optimizers, **arguments)
    x = networks.examples(size)
    logs = gan.fit(x, batch_size=size, verbose=0, shuffle=False).history
    return [logs[name][0] for name in ("r1", "r2")]


@pytest.mark.parametrize(
    ("arguments", "examples"),
    [({}, 8), ({"d_steps": 2, "accumulate": 2}, 4)],
)
def test_it_is_the_number_of_one_update(arguments, examples):
    number = 0.0002 * 16 / examples
    found = penalties_of("auto", arguments)
    assert min(found) > 0
    assert found == pytest.approx(penalties_of(number, arguments), rel=1e-5)


def test_a_loop_of_ones_own():
    real = fake = tf.constant(networks.examples(5))
    critic = networks.discriminator()
    found = penalties.get("r1(weight=auto, every=2)")(critic, real, fake, step=0)
    expected = penalties.get(f"r1(weight={0.0002 * 16 / 5}, every=2)")(critic, real, fake, step=0)
    assert found.numpy() == pytest.approx(expected.numpy(), rel=1e-5)
    with pytest.raises(ValueError, match="weight='auto'"):
        penalties.get("r1(weight=auto)")(critic, tf.zeros([4, 2]), tf.zeros([4, 2]))


def test_it_stays_open_in_the_config():
    original = penalties.get("r2(weight='auto', every=4)")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(original)))
    copy = keras.saving.deserialize_keras_object(config)
    assert repr(copy) == repr(original) == "r2(weight='auto', every=4)" and copy.is_automatic


def test_points_have_no_pixels():
    message = r"weight of 'r1', or images.*Received: weight='auto', examples of shape \(3,\)"
    with pytest.raises(ValueError, match=message):
        networks.recipe_gan("hinge", example_shape=(3,), penalties="r1(weight=auto)")
    with pytest.raises(ValueError, match="Received: weight='automatic'"):
        penalties.get("r1(weight=automatic)")
