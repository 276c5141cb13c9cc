"""A batch in parts, one after the other, makes the update of the whole batch."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import gan_types, random
from tfgan_losses.training.accumulation import mean_over_parts

BATCH, D_STEPS, STEPS = 12, 2, 3


def train(name, accumulate, **options):
    keras.utils.set_random_seed(3)
    gan = networks.recipe_gan(name, d_steps=D_STEPS, ema_decay=0.9)
    # SGD: Adam divides by the size of the gradients, and so would hide a factor in them.
    sgd = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    arguments = {**gan_types.get(name).compile_arguments(STEPS), "d_steps": D_STEPS}
    gan.compile(**{**arguments, **sgd, "accumulate": accumulate, **options})
    before = networks.all_state(gan)
    count = BATCH * D_STEPS * STEPS
    history = gan.fit(
        networks.examples(count),
        networks.labels(count),
        batch_size=BATCH * D_STEPS,
        shuffle=False,
        verbose=0,
    ).history
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(gan), strict=True)]
    assert max(moved) > 1e-3, "Nothing was trained."
    return gan, history


# Draws of latents, of the points of penalties, and of codes; labels; state; two terms of a loss.
@pytest.mark.parametrize(
    "name",
    [
        "wgan-gp",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("infogan", "acgan", "began", "singan")
        ),
    ],
)
def test_parts_equal_the_whole(name):
    (whole, expected), (parts, found) = train(name, 1), train(name, 3)
    networks.assert_same_state(parts, whole, rtol=0, atol=2e-6)
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-4, atol=1e-5, err_msg=key)


def test_one_draw_in_parts():
    seed = random.step_seed(3, 7, "latents")
    whole = random.normal(6, [2], seed)
    parts = []
    for index in range(3):
        with random.part_of_batch(index, 3):
            parts.append(random.normal(2, [2], seed))
    np.testing.assert_array_equal(tf.concat(parts, 0), whole)
    np.testing.assert_array_equal(random.normal(6, [2], seed), whole)


def test_the_parts_wait_for_each_other():
    """Else a graph may hold the activations of all parts at once."""

    @tf.function
    def gradients(x):
        return mean_over_parts(lambda part: ([tf.sin(part)], {"mean": tf.reduce_sum(part)}), 2, x)

    graph = gradients.get_concrete_function(tf.zeros([4])).graph
    first, second = (op for op in graph.get_operations() if op.type == "Sin")
    assert first in second.control_inputs and not first.control_inputs


def test_what_has_no_gradient_stays_none():
    x = tf.constant([1.0, 3.0])
    gradients, report = mean_over_parts(lambda part: ([None, part], {"mean": part}), 2, x)
    assert gradients[0] is None
    assert float(gradients[1][0]) == float(report["mean"][0]) == 2.0


@pytest.mark.parametrize(
    ("name", "culprit"), [("ragan", "relativistic_average"), ("ebgan", "pull_away"),
                          ("dragan", "dragan")]
)  # fmt: skip
def test_what_sees_the_whole_batch_is_refused(name, culprit):
    with pytest.raises(ValueError, match=f"accumulate=1 for '{culprit}'.*accumulate=2"):
        train(name, 2)


def test_noise_that_does_not_see_the_batch_is_accepted():
    train("dragan", 2, penalties="dragan(variant='paper')")


@pytest.mark.parametrize("wrong", [0, 1.5, True])
def test_counts_out_of_range(wrong):
    with pytest.raises(ValueError, match=r"accumulate to be an integer >= 1\."):
        train("gan", wrong)


def test_batches_that_cannot_be_divided():
    gan = networks.recipe_gan("gan")
    gan.compile(loss="hinge", accumulate=4)
    with pytest.raises(ValueError, match=r"accumulate=4.*batch_size=6"):
        gan.fit(networks.examples(24), batch_size=6, verbose=0)


def test_is_saved(tmp_path):
    gan = networks.recipe_gan("gan")
    gan.compile(loss="hinge", accumulate=4)
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").accumulate == 4
