"""Terms: weights, schedules, `every`, state in both networks' updates; what fits into one file."""

import json

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, penalties, schedules
from tfgan_losses.training.terms import Term

SGD = keras.optimizers.SGD
BATCH = 8


def make(*, optimizers=None, **arguments):
    keras.utils.set_random_seed(3)
    gan = GAN(*networks.pair((3,), batch_normalization=False), latent_dim=6, seed=11)
    still = {"g_optimizer": SGD(0.0), "d_optimizer": SGD(0.0)}
    gan.compile(**{"loss": "hinge", "run_eagerly": True, **(optimizers or still), **arguments})
    return gan


def fit(gan, steps=1, epochs=1, **options):
    x = networks.examples(BATCH * gan.d_steps * steps, (3,))
    size = BATCH * gan.d_steps
    history = gan.fit(
        x, batch_size=size, epochs=epochs, verbose=0, shuffle=False, **options
    ).history
    return {key: values[-1] for key, values in history.items()}


def steps_of(gan, count):
    """The logs of each of several steps."""
    return [fit(gan) for _ in range(count)]


class Constant(Term):
    """Adds its weight, and records where it was asked."""

    networks = ("discriminator", "generator")

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []

    def values(self, seen):
        self.asked.append((seen.network, int(seen.update)))
        return tf.ones([len(seen.real)])


def test_a_term_of_both_networks_has_a_column_for_each():
    term = Constant(weight=3.0)
    logs, without = fit(make(penalties=[term])), fit(make())
    assert logs["d_Constant"] == logs["g_Constant"] == 3.0
    for key in ("d_loss", "g_loss"):
        assert logs[key] - without[key] == pytest.approx(3.0, abs=1e-6)


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_weights_go_over_the_updates_of_each_network(run_eagerly):
    """A schedule that is open: over 4 steps of G, and over the 8 updates of D in them."""
    term = Constant(weight=schedules.Cosine(start=1.0, end=0.0))
    gan = make(penalties=[term], d_steps=2, steps=4, run_eagerly=run_eagerly)
    if not run_eagerly:
        term.values = lambda seen: tf.ones([tf.shape(seen.real)[0]])
    logs = steps_of(gan, 5)

    def weight(done):
        return 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))

    for step, row in enumerate(logs):
        expected = np.mean([weight((2 * step + k) / 8) for k in (0, 1)])
        assert row["d_Constant"] == pytest.approx(expected, abs=1e-6)
        assert row["g_Constant"] == pytest.approx(weight(step / 4), abs=1e-6)


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_every_counts_the_updates_of_each_network(run_eagerly):
    term = Constant(weight=1.0, every=3)
    if not run_eagerly:
        term.values = lambda seen: tf.ones([tf.shape(seen.real)[0]])
    gan = make(penalties=[term], d_steps=2, run_eagerly=run_eagerly)
    logs = steps_of(gan, 4)
    assert [row["g_Constant"] for row in logs] == [3.0, 0.0, 0.0, 3.0]
    # Updates 0 to 7, two in a step: 0, 3 and 6 are due, three times as strong.
    assert [row["d_Constant"] for row in logs] == [1.5, 1.5, 0.0, 1.5]
    if run_eagerly:
        updates = [n for network, n in term.asked if network == "discriminator"]
        assert updates == [0, 3, 6]


def test_the_terms_of_one_name_are_one():
    with pytest.raises(ValueError, match="each penalty once"):
        make(penalties=["r1", "r1(weight=2)"])


def test_a_penalty_and_an_auxiliary_objective_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"of different names.*'d_Constant'"):
        make(penalties=[Constant()], auxiliary=[Constant()])


def test_the_updates_of_d_alone_say_nothing_of_the_run():
    with pytest.raises(ValueError, match=r"Expected steps, .* beside d_updates"):
        make(d_updates=10)


@pytest.mark.parametrize("wrong", [0, 1.5, True])
def test_every_is_checked(wrong):
    with pytest.raises(ValueError, match="every to be an integer >= 1"):
        Constant(every=wrong)


def test_weights_may_be_specs_of_schedules():
    (term,) = penalties.get_all("lecam(weight=cosine(start=1, end=0.5))")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(term)))
    copy = keras.saving.deserialize_keras_object(config)
    assert repr(copy.weight) == repr(term.weight) == "cosine(start=1, end=0.5, steps=None)"


# LeCam: outputs and state.


def lecam_by_hand(real, fake, averages, *, decay, form):
    """The authors' TensorFlow code (google/lecam-gan, stylegan2/lecam_loss.py) in float64.

    `averages` holds the sums of the zero-debiased moving averages: they are moved by the means of
    the batch before they are used.
    """
    means = np.array([real.mean(), fake.mean(), 1.0])
    averages = decay * averages + (1 - decay) * means
    real_average, fake_average = averages[:2] / averages[2]
    above, below = real - fake_average, real_average - fake
    if form == "code":
        above, below = np.maximum(above, 0), np.maximum(below, 0)
    return np.mean(above**2 + below**2), averages


@pytest.mark.parametrize("form", ["code", "paper"])
def test_lecam_is_the_formula(form):
    term = penalties.get(f"lecam(weight=0.3, decay=0.9, form={form!r})")
    averages = np.zeros(3)
    rng = np.random.default_rng(0)
    for update in range(5):
        real, fake = rng.normal(0.5, size=[2, 16, 1])
        expected, averages = lecam_by_hand(real, fake, averages, decay=0.9, form=form)
        outputs = [{"logits": tf.constant(x, tf.float32)} for x in (real, fake)]
        seen = networks.seen(real_outputs=outputs[0], fake_outputs=outputs[1], update=update)
        found = tf.reduce_mean(term.weighted(seen, 1))
        assert float(found) == pytest.approx(0.3 * expected, rel=1e-5)
        term.end_update({"d_real": real.mean(), "d_fake": fake.mean()}, update)
    found = [float(variable.numpy()) for variable in term.variables]
    np.testing.assert_allclose(found, averages, rtol=1e-5)


def test_lecam_has_no_gradient_through_its_averages():
    """d/dr mean(relu(r - a)^2) = 2 relu(r - a) / n with a held, here for one example each."""
    term = penalties.get("lecam(weight=1, decay=0.5)")
    term.end_update({"d_real": 2.0, "d_fake": -1.0}, 0)
    real, fake = tf.Variable([[3.0]]), tf.Variable([[-2.0]])
    with tf.GradientTape(persistent=True) as tape:
        seen = networks.seen(real_outputs={"logits": real}, fake_outputs={"logits": fake})
        loss = tf.reduce_sum(term.values(seen))
    # Sums 0.25 * (2, -1, 1) + 0.5 * (3, -2, 1): averages (8/3, -5/3).
    np.testing.assert_allclose(tape.gradient(loss, real), [[2 * (3 + 5 / 3)]], rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(loss, fake), [[-2 * (8 / 3 + 2)]], rtol=1e-6)


@pytest.mark.parametrize("d_steps", [1, 3])
@pytest.mark.parametrize("mode", [{"run_eagerly": True}, {"run_eagerly": False}])
def test_lecam_follows_every_update(d_steps, mode):
    """The state after a training is that of the logits of each update."""
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, x):
            tf.py_function(lambda v: seen.append(v.numpy()), [x], [])
            return x

    keras.utils.set_random_seed(3)
    discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1), Recorder()])
    gan = GAN(networks.generator((3,)), discriminator, latent_dim=6, seed=1)
    gan.compile(
        "hinge",
        penalties="lecam(decay=0.7)",
        d_steps=d_steps,
        g_optimizer=SGD(0.0),
        d_optimizer=SGD(0.5),
        **mode,
    )
    seen.clear()
    fit(gan, steps=3)
    (term,) = gan.objective.penalties
    # Real, generated, ..., and those of the generator's update.
    step = np.array([x.mean() for x in seen]).reshape(3, 2 * d_steps + 1)[:, :-1]
    averages = np.zeros(3)
    for real, fake in step.reshape(-1, 2):
        averages = 0.7 * averages + 0.3 * np.array([real, fake, 1.0])
    np.testing.assert_allclose([v.numpy() for v in term.variables], averages, rtol=1e-5)
    assert abs(averages[0]) > 1e-3


def test_lecam_is_saved(tmp_path):
    def fresh():
        return make(penalties="lecam", optimizers={"g_optimizer": SGD(0.1)})

    whole = fresh()
    fit(whole, steps=2)
    whole.save(tmp_path / "gan.keras")
    whole.save_weights(tmp_path / "gan.weights.h5")
    loaded, other = keras.saving.load_model(tmp_path / "gan.keras"), fresh()
    other.load_weights(tmp_path / "gan.weights.h5")
    for gan in (whole, loaded, other):
        (term,) = gan.objective.penalties
        assert all(float(v.numpy()) != 0 for v in term.variables)
        fit(gan, steps=2)
        networks.assert_same_state(gan, whole)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lecam(decay=1.0)", r"decay in \[0, 1\)"),
        ("lecam(form='codes')", "form to be one of .*code.*paper"),
        ("lecam(weight=-1)", "weight >= 0"),
    ],
)
def test_bad_lecam(spec, message):
    with pytest.raises(ValueError, match=message):
        penalties.get(spec)


def test_lecam_sees_the_batch():
    with pytest.raises(ValueError, match="accumulate=1 for 'lecam'"):
        make(penalties="lecam", accumulate=2)


# All regularisers at once, in the ways in which a GAN may be trained.

ALONE = {
    "penalties": "consistency(augmentation=instance_noise(stddev=0.1)), r1(weight=auto, every=2), "
    "balanced_consistency(weight=3, fake_weight=cosine(start=2, end=1))",
    "auxiliary": "latent_consistency, path_length(every=2, decay=0.5)",
}
# Those that see a batch as a whole, too.
ALL = {
    "penalties": f"{ALONE['penalties']}, max_gradient(weight=0.1), lecam",
    "auxiliary": f"{ALONE['auxiliary']}, feature_matching(weight=0.1)",
}


def make_regularised(**arguments):
    """A GAN of images, whose networks treat each example alone."""
    keras.utils.set_random_seed(3)
    optimizers = {key: SGD(0.01) for key in ("g_optimizer", "d_optimizer")}
    return networks.recipe_gan("hinge", **{**ALL, **optimizers, **arguments})


def fit_images(gan, steps=3):
    size = BATCH * gan.d_steps
    x = networks.examples(size * steps)
    return gan.fit(x, batch_size=size, verbose=0, shuffle=False).history


def assert_alike(gans, **tolerance):
    """Trains all of them: the same logs and the same state, and something was trained."""
    before = networks.all_state(gans[0])
    first, *others = [fit_images(gan) for gan in gans]
    moved = zip(before, networks.all_state(gans[0]), strict=True)
    assert max(np.abs(a - b).max() for a, b in moved) > 1e-3
    for gan, history in zip(gans[1:], others, strict=True):
        for key, values in history.items():
            np.testing.assert_allclose(values, first[key], rtol=1e-3, atol=1e-5, err_msg=key)
        networks.assert_same_state(gan, gans[0], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_regularisers_are_the_same_eagerly_in_a_graph_and_under_xla():
    ways = [{"run_eagerly": True}, {"jit_compile": False}, {"jit_compile": True}]
    assert_alike([make_regularised(**way) for way in ways])


def test_regularisers_of_single_examples_do_not_see_the_parts_of_a_batch():
    assert_alike([make_regularised(**ALONE, accumulate=x, run_eagerly=True) for x in (1, 2)])


@pytest.mark.parametrize("spec", ["max_gradient", "lecam"])
def test_penalties_that_see_the_batch_are_not_evaluated_in_parts(spec):
    with pytest.raises(ValueError, match=f"accumulate=1 for '{spec}'"):
        make(penalties=spec, accumulate=2)


def test_regularisers_go_on_as_if_nothing_had_been(tmp_path):
    """Saved with their configs and their state, and trained on."""
    whole = make_regularised(run_eagerly=True)
    fit_images(whole)
    whole.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert {"path_length_average", "lecam_real_sum"} <= set(loaded.named_state())
    assert float(loaded.named_state()["path_length_average"].numpy()) > 0
    assert list(map(repr, loaded.objective.terms)) == list(map(repr, whole.objective.terms))
    for gan in (whole, loaded):
        fit_images(gan)
    networks.assert_same_state(loaded, whole)


# Options that are names and specs themselves.


def test_options_may_be_bare_names_and_augmentations():
    spec = "consistency(augmentation=instance_noise(stddev=cosine(start=1, end=0.5)))"
    (term,) = penalties.get_all(spec)
    assert repr(term.augmentation) == "instance_noise(stddev=cosine(start=1, end=0.5, steps=None))"
    for spec in (
        "consistency(augmentation=instance_noise)",
        "consistency(augmentation='instance_noise')",
    ):
        assert penalties.get(spec).augmentation.name == "instance_noise"
    assert penalties.get("dragan(variant=paper)").variant == "paper"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("consistency(augmentation=blur)", "Unknown augmentation"),
        ("consistency(augmentation=blur(size=3))", "Unknown schedule"),
        ("lecam(form=false)", "Cannot read this penalty"),
        ("r1(weight=cosine)", "weight to be a number or a schedule"),
    ],
)
def test_bad_options(spec, message):
    with pytest.raises(ValueError, match=message):
        penalties.get(spec)
