"""The GAN model: what one step does, how Keras sees it, what it saves and refuses."""

import csv
import functools
import warnings

import keras
import networks
import numpy as np
import pytest
import rounding
import tensorflow as tf

import tfgan_losses
from tfgan_losses import GAN, gan_types, layers
from tfgan_losses.training.updates import part_of, update_discriminator, update_generator

SGD = keras.optimizers.SGD
# Where a graph is not the point: to trace one takes longer than a few steps.
EAGER = {"run_eagerly": True}

# Tracing every recipe several times takes minutes: one of each kind is fast, the rest is slow.
FAST = ("wgan", "wgan-gp")
every_gan_type_once_in_a_while = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
        for name in gan_types.names()
        if name not in networks.ONLY_ANOTHER_FORMULA
    ],
)


def make(*, d_steps=1, ema_decay=None, networks_pair=None, compile_arguments=None, **kwargs):
    keras.utils.set_random_seed(3)
    generator, discriminator = networks_pair or networks.pair(**kwargs)
    gan = GAN(
        generator,
        discriminator,
        latent_dim=networks.LATENT_DIM,
        ema_decay=ema_decay,
        seed=11,
    )
    gan.compile(**{"d_steps": d_steps, **(compile_arguments or {"loss": "non_saturating"})})
    return gan


def weights_of(network):
    return [np.array(w) for w in network.get_weights()]


def changed(before, network):
    return [not np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True)]


class OwnLoss(tfgan_losses.losses.AdversarialLoss):
    """A user's own loss, unregistered: the formulas of WGAN."""

    def discriminator_loss(self, real_logits, fake_logits):
        return fake_logits - real_logits

    def generator_loss(self, real_logits, fake_logits):
        return -fake_logits


@pytest.mark.parametrize("d_steps", [1, 3])
def test_update_counts(d_steps):
    gan = make(d_steps=d_steps)
    gan.fit(networks.examples(8 * 3 * d_steps), batch_size=8 * d_steps, verbose=0)
    assert int(gan.step) == int(gan.g_optimizer.iterations) == 3
    assert int(gan.d_optimizer.iterations) == 3 * d_steps


def test_each_discriminator_update_sees_other_real_examples():
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, x):
            tf.py_function(lambda v: seen.append(v.numpy()), [x[:, 0]], [])
            return x

    discriminator = keras.Sequential(
        [keras.Input((1,)), Recorder(), keras.layers.Dense(1, name="out")]
    )
    generator = keras.Sequential([keras.Input((networks.LATENT_DIM,)), keras.layers.Dense(1)])
    gan = make(d_steps=4, networks_pair=(generator, discriminator))
    real = np.arange(1000, 1024, dtype="float32")[:, None]
    gan.fit(real, batch_size=24, verbose=0, shuffle=False)
    parts = [set(values[values > 500]) for values in seen if (values > 500).any()]
    assert len(parts) == 4 and all(len(part) == 6 for part in parts)
    assert set.union(*parts) == set(real[:, 0])


def test_each_step_trains_its_own_network_only():
    gan = make(batch_normalization=False)
    real = tf.constant(networks.examples(8))
    before = weights_of(gan.generator)
    update_discriminator(gan, real, None, 0)
    assert not any(changed(before, gan.generator))
    before = weights_of(gan.discriminator)
    update_generator(gan, real, None, gan.step)
    assert not any(changed(before, gan.discriminator))


@pytest.mark.parametrize("name", gan_types.names())
def test_one_step_moves_the_outputs_the_right_way(name):
    optimizers = {"g_optimizer": SGD(1e-2), "d_optimizer": SGD(1e-2)}
    # Neither penalties nor auxiliary objectives, which may outweigh the loss in the first steps,
    # nor augmentations: it is outputs for the examples themselves that are to move.
    without = {"penalties": [], "constraint": None, "augmentation": []}
    gan = networks.recipe_gan(name, optimizers=optimizers | without)
    for term in gan.objective.auxiliary:
        term.weight = term.generator_weight = term.continuous_weight = 0.0
    # Small outputs, since least squares pull back what is beyond their targets.
    if name == "lsgan":
        last = gan.discriminator.get_layer("logits")
        last.kernel.assign(0.1 * last.kernel)
    real, labels = tf.constant(networks.examples(60)), tf.constant(networks.labels(60))

    def outputs(network):
        given = gan.pair.given(real, labels, network, 0)
        fake = gan.pair.generate(gan.pair.latents(real, network, 0), given)
        inputs = [x if not gan.pair.d_takes_condition else [x, given] for x in (real, fake)]
        found = [gan.discriminator(x, training=False) for x in inputs]
        return [tf.reduce_mean(x["logits"] if isinstance(x, dict) else x) for x in found]

    def gap():
        real_mean, fake_mean = outputs("discriminator")
        return float(real_mean - fake_mean)

    for variable in gan.objective.state.values():
        # BEGAN's k: at 0 its discriminator does not look at generated examples.
        variable.assign(1.0)
    before = gap()
    update_discriminator(gan, real, labels, 0)
    assert gap() > before
    before = outputs("generator")[1]
    update_generator(gan, real, labels, gan.step)
    assert outputs("generator")[1] > before


def test_one_step_of_sgd_is_the_hand_written_one():
    """Linear networks, WGAN: every number in closed form."""
    generator = keras.Sequential(
        [keras.Input((networks.LATENT_DIM,)), keras.layers.Dense(2, use_bias=False)]
    )
    discriminator = keras.Sequential([keras.Input((2,)), networks.Dense1()])
    psi, kernel = np.ones([2, 1]), generator.get_weights()[0].astype("float64")
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=5)
    gan.compile("wasserstein", g_optimizer=SGD(0.1), d_optimizer=SGD(0.1))
    real = networks.examples(8, (2,)).astype("float64")
    latents = [
        np.asarray(gan.pair.latents(tf.constant(real), network, 0), "float64")
        for network in ("discriminator", "generator")
    ]
    report = gan.fit(real.astype("float32"), batch_size=8, verbose=0, shuffle=False).history
    fake = latents[0] @ kernel
    psi_new = psi - 0.1 * (fake.mean(0) - real.mean(0))[:, None]
    kernel_new = kernel + 0.1 * latents[1].mean(0)[:, None] @ psi_new.T
    np.testing.assert_allclose(gan.discriminator.get_weights()[0], psi_new, rtol=1e-5)
    np.testing.assert_allclose(gan.generator.get_weights()[0], kernel_new, rtol=1e-5)
    # Means of both batches: 8 sums of 2, after the 6 of a fake one.
    terms = 8 + 2 + networks.LATENT_DIM
    magnitude = (np.abs(real) @ psi + np.abs(latents[0]) @ np.abs(kernel) @ psi).mean()
    apart = rounding.tolerance(0.0, rounding.between_orders(terms, magnitude))
    assert report["d_real"][0] == pytest.approx((real @ psi).mean(), rel=1e-5, abs=apart)
    distance = (real @ psi - fake @ psi).mean()
    assert report["w_distance"][0] == pytest.approx(distance, rel=1e-5, abs=apart)
    assert report["d_loss"][0] == pytest.approx(-report["w_distance"][0], rel=1e-6, abs=apart)
    assert report["g_loss"][0] == pytest.approx(-(latents[1] @ kernel @ psi_new).mean(), rel=1e-4)


def test_penalties_are_reported_as_their_part_of_the_loss():
    gan = make(
        compile_arguments={"loss": "wasserstein", "penalties": ["gradient_penalty", "r1(weight=1)"]}
    )
    logs = gan.fit(networks.examples(16), batch_size=16, verbose=0).history
    assert list(gan.objective.report_keys) == [
        "d_real", "d_fake", "gradient_penalty", "r1", "d_loss", "g_loss", "w_distance",
    ]  # fmt: skip
    parts = -logs["w_distance"][0] + logs["gradient_penalty"][0] + logs["r1"][0]
    assert logs["d_loss"][0] == pytest.approx(parts, rel=1e-5)


def test_joint_pass_is_two_passes():
    """One concatenated pass gives what two give, for a discriminator that mixes nothing."""
    states = []
    for joint in (True, False):
        gan = make(compile_arguments=EAGER | {"loss": "hinge", "penalties": "gradient_penalty"})
        assert gan.pair.joint_pass
        gan.pair.joint_pass = joint
        gan.fit(networks.examples(32), batch_size=8, verbose=0, shuffle=False)
        states.append(gan)
    networks.assert_same_state(*states, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "extra, alone",
    [
        ((), True),
        ((keras.layers.LayerNormalization(),), True),
        ((layers.LayerNormalization(),), True),
        ((keras.layers.BatchNormalization(),), False),
        ((keras.layers.Lambda(lambda x: x),), False),
    ],
)
def test_layers_that_may_mix_examples_get_two_passes(extra, alone):
    generator = networks.generator()
    gan = make(networks_pair=(generator, networks.discriminator(extra=extra)))
    assert gan.pair.joint_pass is alone


@every_gan_type_once_in_a_while
def test_eager_graph_and_jit_train_the_same(name):
    trained, losses = [], []
    # A graph is what XLA is given, run by the kernels of eager mode: two recipes say enough of it.
    graph = ({},) if name in FAST else ()
    d_steps = 2 if name in FAST else 1
    for mode in (EAGER, {"jit_compile": True}, *graph):
        keras.utils.set_random_seed(3)
        # SGD: Adam's first steps turn rounding errors of tiny gradients into whole steps.
        options = mode | {"g_optimizer": SGD(0.01), "d_optimizer": SGD(0.01)}
        gan = networks.recipe_gan(name, d_steps=d_steps, ema_decay=0.9, optimizers=options)
        x, y = networks.examples(32), networks.labels(32)
        losses.append(gan.fit(x, y, batch_size=16, epochs=2, verbose=0, shuffle=False).history)
        trained.append(gan)
    for other, found in zip(trained[1:], losses[1:], strict=True):
        networks.assert_same_state(other, trained[0], rtol=1e-4, atol=1e-5)
        for key, values in found.items():
            np.testing.assert_allclose(values, losses[0][key], rtol=1e-5, atol=1e-5, err_msg=key)


@pytest.mark.usefixtures("same_bits")
def test_steps_per_execution_changes_nothing():
    trained = []
    for count in (1, 3):
        gan = make(compile_arguments={"loss": "minimax", "steps_per_execution": count})
        gan.fit(networks.examples(48), batch_size=8, epochs=2, verbose=0, shuffle=False)
        trained.append(gan)
    networks.assert_same_state(*trained)


@pytest.mark.parametrize("shape", [(2,), (5, 3), (4, 4, 1), (2, 3, 2, 1)])
def test_examples_of_any_rank(shape):
    arguments = gan_types.get("wgan-gp").compile_arguments()
    gan = make(example_shape=shape, compile_arguments=arguments)
    logs = gan.fit(networks.examples(20, shape), batch_size=10, verbose=0).history
    assert np.isfinite([values[0] for values in logs.values()]).all()
    assert gan.generate(3).shape == (3, *shape)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_last_batch_may_be_smaller_and_indivisible(jit_compile):
    gan = make(d_steps=3, compile_arguments={"loss": "hinge", "jit_compile": jit_compile})
    for last in (1, 4):
        logs = gan.fit(networks.examples(6 + last), batch_size=6, verbose=0).history
        assert np.isfinite([values[0] for values in logs.values()]).all()
    assert int(gan.step) == 4


@pytest.mark.parametrize("size", range(1, 12))
def test_parts_of_a_batch_are_of_one_size_and_leave_nothing_out(size):
    examples = np.arange(size, dtype="float32")
    parts = [
        part_of(tf.constant(examples), None, part, d_steps=5, divisor=1)[0].numpy()
        for part in range(5)
    ]
    assert {len(part) for part in parts} == {-(-size // 5)}
    assert set(np.concatenate(parts)) == set(examples)


@pytest.mark.usefixtures("same_bits")
def test_numpy_datasets_and_labelled_pairs_are_the_same():
    x, labels = networks.examples(32), np.arange(32)
    datasets = [
        (x,),
        (x, labels),
        (tf.data.Dataset.from_tensor_slices(x).batch(8),),
        (tf.data.Dataset.from_tensor_slices((x, labels)).batch(8, drop_remainder=True),),
    ]
    trained = []
    for arguments in datasets:
        gan = make(d_steps=2, compile_arguments=EAGER | {"loss": "non_saturating"})
        batch = {} if isinstance(arguments[0], tf.data.Dataset) else {"batch_size": 8}
        gan.fit(*arguments, **batch, verbose=0, shuffle=False)
        trained.append(gan)
    for other in trained[1:]:
        networks.assert_same_state(other, trained[0])


@pytest.mark.usefixtures("same_bits")
@every_gan_type_once_in_a_while
def test_save_and_load_restore_everything(name, tmp_path):
    make_gan = functools.partial(
        networks.recipe_gan, name, d_steps=2, ema_decay=0.9, optimizers=EAGER
    )
    gan = make_gan()
    x, y = networks.examples(32), networks.labels(32)
    gan.fit(x, y, batch_size=16, verbose=0, shuffle=False)
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    configs = [
        {key: x for key, x in model.get_config().items() if not isinstance(x, dict)}
        for model in (loaded, gan)
    ]
    assert configs[0] == configs[1] and configs[0]["ema_decay"] == 0.9
    assert loaded.get_compile_config() == gan.get_compile_config()
    networks.assert_same_state(loaded, gan)
    other = make_gan()
    other.load_weights(tmp_path / "gan.weights.h5")
    networks.assert_same_state(other, gan)
    for continued in (gan, loaded, other):
        continued.fit(x, y, batch_size=16, verbose=0, shuffle=False)
    networks.assert_same_state(loaded, gan)
    networks.assert_same_state(other, gan)


def test_generator_saves_alone(tmp_path):
    gan = make()
    gan.generator.save(tmp_path / "g.keras")
    latents = np.ones([2, networks.LATENT_DIM], "float32")
    loaded = keras.saving.load_model(tmp_path / "g.keras")
    np.testing.assert_array_equal(loaded(latents), gan.generator(latents))


def test_a_dataset_is_taken_without_a_warning():
    dataset = tf.data.Dataset.from_tensor_slices(networks.examples(16)).batch(8)
    make().fit(dataset, verbose=0)


@pytest.mark.usefixtures("same_bits")
def test_own_keras_losses():
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    smooth = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
    trained = []
    for arguments in ({"loss": bce}, {"d_loss": bce, "g_loss": bce}, {"loss": "non_saturating"}):
        gan = make(compile_arguments=EAGER | arguments)
        gan.fit(networks.examples(16), batch_size=8, verbose=0, shuffle=False)
        trained.append(gan)
    networks.assert_same_state(trained[1], trained[0])
    networks.assert_same_state(trained[2], trained[0], rtol=1e-4, atol=1e-6)
    gan = make(compile_arguments={"d_loss": smooth, "g_loss": "hinge"})
    assert np.isfinite(gan.fit(networks.examples(16), verbose=0).history["d_loss"][0])


@pytest.mark.usefixtures("same_bits")
def test_own_adversarial_loss():
    gan = make(compile_arguments={"loss": OwnLoss()})
    wasserstein = make(compile_arguments={"loss": "wasserstein"})
    for model in (gan, wasserstein):
        model.fit(networks.examples(16), batch_size=8, verbose=0, shuffle=False)
    networks.assert_same_state(gan, wasserstein)


def test_moving_average_is_the_formula():
    gan = make(ema_decay=0.5)
    expected = weights_of(gan.generator)
    for step in range(8):
        gan.fit(networks.examples(8), batch_size=8, verbose=0, shuffle=False)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = [
            decay * e + (1 - decay) * w
            for e, w in zip(expected, gan.generator.get_weights(), strict=True)
        ]
    for a, b in zip(gan.ema_generator.get_weights(), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    latents = tfgan_losses.random.sample_latents(4, networks.LATENT_DIM, 9)
    apart = rounding.between_orders_of(gan.ema_generator, latents)
    np.testing.assert_allclose(
        gan.generate(4, seed=9),
        gan.ema_generator(latents, training=False),
        rtol=1e-6,
        atol=rounding.tolerance(0.0, apart),
    )
    # The average is not trained: D's and G's variables are all that gradients reach.
    trained = gan.generator.trainable_variables + gan.discriminator.trainable_variables
    assert len(gan.trainable_variables) == len(trained)


def test_weight_clipping_reaches_every_variable():
    gan = make(compile_arguments=EAGER | gan_types.get("wgan").compile_arguments())
    gan.fit(networks.examples(80), batch_size=40, verbose=0)
    for variable in gan.discriminator.trainable_variables:
        assert np.abs(variable.numpy()).max() <= np.float32(0.01)


def test_generate_is_seeded_and_does_not_depend_on_the_batch_size():
    gan = make()
    first = gan.generate(7, seed=4)
    np.testing.assert_array_equal(first, gan.generate(7, seed=4))
    latents = tfgan_losses.random.sample_latents(7, networks.LATENT_DIM, 4)
    apart = rounding.tolerance(0.0, rounding.between_orders_of(gan.generator, latents))
    np.testing.assert_allclose(first, gan.generate(7, seed=4, batch_size=3), rtol=1e-5, atol=apart)
    assert not np.array_equal(first, gan.generate(7, seed=5))
    with pytest.raises(ValueError, match="count to be an integer >= 1"):
        gan.generate(0)


@pytest.mark.usefixtures("same_bits")
def test_the_seed_decides_the_run():
    runs = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(3)
        gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=seed)
        gan.compile("hinge", penalties="gradient_penalty", **EAGER)
        gan.fit(networks.examples(16), batch_size=8, verbose=0, shuffle=False)
        runs.append(gan)
    networks.assert_same_state(runs[0], runs[1])
    assert not np.array_equal(
        runs[0].generator.get_weights()[0], runs[2].generator.get_weights()[0]
    )
    unseeded = [GAN(*networks.pair(), latent_dim=networks.LATENT_DIM).seed for _ in range(2)]
    assert unseeded[0] != unseeded[1]


def test_stock_callbacks_work(tmp_path):
    gan = make(ema_decay=0.9)
    callbacks = [
        keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="g_loss", mode="min",
                                        save_best_only=True),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "logs"),
        keras.callbacks.EarlyStopping("d_loss", min_delta=100.0, mode="min", patience=2),
    ]  # fmt: skip
    history = gan.fit(
        networks.examples(32), batch_size=8, epochs=50, verbose=0, callbacks=callbacks
    ).history
    assert len(history["d_loss"]) == 3  # The first epoch and two without improvement by 100.
    assert int(keras.saving.load_model(tmp_path / "best.keras").step) > 0
    with open(tmp_path / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["d_loss"]) for row in rows] == pytest.approx(history["d_loss"])
    assert list((tmp_path / "logs" / "train").iterdir())


def test_one_trace_for_a_run():
    traces = []

    class Traced(keras.layers.Layer):
        def call(self, x):
            traces.append(1)
            return x

    gan = make(networks_pair=(networks.generator(), networks.discriminator(extra=(Traced(),))))
    gan.fit(networks.examples(64), batch_size=8, verbose=0)
    first = len(traces)
    gan.fit(networks.examples(64), batch_size=8, epochs=3, verbose=0)
    assert len(traces) == first


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    arguments = {**gan_types.get("wgan-gp").compile_arguments(), "d_steps": 1}
    gan = make(compile_arguments=arguments, ema_decay=0.9)
    scaled = isinstance(gan.d_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled is (policy == "mixed_float16")
    logs = gan.fit(networks.examples(32), batch_size=8, epochs=4, verbose=0).history
    assert np.isfinite([values[-1] for values in logs.values()]).all()
    assert all(v.dtype == "float32" for v in gan.trainable_variables)
    assert gan.generate(2).dtype == np.float32


class Subclassed(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.dense = keras.layers.Dense(units)

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, x):
        return self.dense(x)


def test_subclassed_and_unbuilt_networks():
    gan = make(networks_pair=(Subclassed(3), Subclassed(1)))
    assert gan.example_shape == (3,)
    assert not gan.pair.joint_pass
    gan.fit(networks.examples(8, (3,)), batch_size=8, verbose=0)
    assert gan.generate(2).shape == (2, 3)


# Bad input: one clear error before training.


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"latent_dim": 5}, r"generator does not fit latents .*\(6,\).*Received: \(5,\)"),
        ({"latent_dim": 0}, "latent_dim to be an integer >= 1"),
        ({"ema_decay": 1.0}, r"ema_decay in \(0, 1\)"),
        ({"ema_decay": 0.0}, r"ema_decay in \(0, 1\)"),
        ({"generator": "dcgan"}, "generator to be a Keras model"),
    ],
)
def test_bad_arguments(arguments, message):
    generator, discriminator = networks.pair()
    defaults = {"generator": generator, "discriminator": discriminator, "latent_dim": 6}
    with pytest.raises(ValueError, match=message):
        GAN(**{**defaults, **arguments})


def test_networks_must_fit_each_other():
    with pytest.raises(ValueError, match=r"discriminator does not fit the generator"):
        GAN(networks.generator((4, 4, 1)), networks.discriminator((4, 4, 3)), latent_dim=6)


@pytest.mark.parametrize("named", [False, True])
def test_a_generator_of_several_outputs_is_refused(named):
    latents = keras.Input((6,))
    outputs = [keras.layers.Dense(3)(latents), keras.layers.Dense(3)(latents)]
    generator = keras.Model(latents, {"a": outputs[0], "b": outputs[1]} if named else outputs)
    message = "generator with one output.*Received: one " + ("with named" if named else "that .* 2")
    with pytest.raises(ValueError, match=message):
        GAN(generator, networks.discriminator((3,)), latent_dim=6)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "hard_sigmoid"])
def test_bounded_discriminators_are_refused(activation):
    discriminators = [
        networks.discriminator(activation=activation),
        keras.Sequential([networks.discriminator(), keras.layers.Activation(activation)]),
    ]
    inputs = keras.Input((4, 4, 1))
    outputs = networks.discriminator(activation=activation)(inputs)
    discriminators.append(keras.Model(inputs, outputs))
    for discriminator in discriminators:
        with pytest.raises(ValueError, match=f"raw outputs.*ends in {activation}"):
            GAN(networks.generator(), discriminator, latent_dim=6)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({}, "Expected loss, or both d_loss and g_loss"),
        ({"d_loss": "hinge"}, "Expected loss, or both"),
        ({"loss": "hinge", "d_loss": "hinge", "g_loss": "hinge"}, "Received: all three"),
        ({"loss": "hnge"}, "Unknown loss"),
        ({"loss": "hinge", "penalties": ["gp"]}, "Unknown penalty"),
        ({"loss": "hinge", "constraint": "clip"}, "Unknown constraint"),
        ({"loss": "hinge", "constraint": "weight_clipping(limit=0)"}, "limit > 0"),
        ({"loss": "hinge", "constraint": 0.01}, "Expected a constraint"),
        ({"loss": "hinge", "d_steps": 0}, "d_steps to be an integer >= 1"),
    ],
)
def test_bad_objectives(arguments, message):
    gan = GAN(*networks.pair(), latent_dim=6)
    with pytest.raises(ValueError, match=message):
        gan.compile(**arguments)


def test_one_optimizer_for_both_is_refused():
    optimizer = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="two optimisers"):
        make(compile_arguments={
            "loss": "hinge", "g_optimizer": optimizer, "d_optimizer": optimizer,
        })  # fmt: skip


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1e-3])
@pytest.mark.parametrize("role", ["g_optimizer", "d_optimizer"])
def test_no_learning_rate_is_refused(role, rate):
    with pytest.raises(ValueError, match=f"Expected {role} with a finite learning rate >= 0"):
        make(compile_arguments={"loss": "hinge", role: SGD(rate)})


def test_batch_normalization_under_a_penalty_warns():
    pair = networks.generator(), networks.discriminator(extra=(layers.BatchNormalization(),))
    with pytest.warns(UserWarning, match="BatchNormalization, and the penalty gradient_penalty"):
        make(
            networks_pair=pair, compile_arguments={"loss": "hinge", "penalties": "gradient_penalty"}
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(networks_pair=(networks.generator(), pair[1]), compile_arguments={"loss": "hinge"})


@pytest.mark.parametrize("name", ["LayerNormalization", "GroupNormalization"])
def test_normalisations_of_keras_under_a_penalty_warn_once(name):
    """Their second derivatives are wrong; tests/layers/test_normalization_layers.py."""

    def compiled(module, penalties):
        options = {"groups": 1} if name == "GroupNormalization" else {}
        extra = [getattr(module, name)(**options, name=f"own_{index}") for index in range(2)]
        pair = networks.generator(), networks.discriminator(extra=extra)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            make(networks_pair=pair, compile_arguments={"loss": "hinge", "penalties": penalties})
        return [str(warning.message) for warning in found]

    (message,) = compiled(keras.layers, "gradient_penalty")
    assert "'own_0'" in message and f"Use tfgan_losses.layers.{name}," in message
    assert compiled(layers, "gradient_penalty") == compiled(keras.layers, ()) == []


@pytest.mark.parametrize(
    "x, batch_size, message",
    [
        (networks.examples(20, (4, 4, 3)), 10, r"examples of shape \(4, 4, 1\).*\(4, 4, 3\)"),
        (networks.examples(20), 9, "batch size divisible by d_steps=2.*batch_size=9"),
        (np.zeros([20, 4, 4, 1], "uint8"), 10, r"scaled to \[-1, 1\].*uint8"),
        (
            tf.data.Dataset.from_tensor_slices(networks.examples(20)).batch(5, drop_remainder=True),
            None,
            "divisible by d_steps=2.*batch_size=5",
        ),
        (
            tf.data.Dataset.from_tensor_slices(networks.examples(20, (3,))).batch(4),
            None,
            r"Received: x with examples of shape \(3,\)",
        ),
    ],
)
def test_bad_training_data(x, batch_size, message):
    gan = make(d_steps=2)
    with pytest.raises(ValueError, match=message):
        gan.fit(x, batch_size=batch_size, verbose=0)
    assert int(gan.step) == 0


def test_what_a_notebook_prints_is_short_and_says_what_it_is(capsys):
    gan = GAN.from_recipe("wgan", (2,), width=8, seed=0)
    gan.compile("hinge(margin=2)", penalties="r1(weight=cosine(start=1, end=0, steps=9))")
    text = repr(gan)
    assert text.startswith("GAN(latent_dim=128, condition=None, ema_decay=0.999; 1,122 + 105 param")
    assert text.endswith("hinge(margin=2) + r1(weight=cosine(start=1, end=0, steps=9), every=1))")
    assert repr(GAN(gan.generator, gan.discriminator, latent_dim=128)).endswith("not compiled)")
    # Keras counts the state of the optimisers, too.
    gan.summary()
    out = capsys.readouterr().out
    assert "Optimizer params" in out
    # The generator, the discriminator and the average, each by a name of its own.
    assert all(f" {name} (" in out for name in ("generator", "averaged_generator"))


@pytest.mark.parametrize("name", ["generator", "discriminator"])
def test_networks_from_outside_of_the_scope_are_refused(name):
    """TensorFlow's own message comes in `compile`, and names one variable with all its values."""
    outside = dict(zip(("generator", "discriminator"), networks.pair(), strict=True))
    with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
        inside = dict(zip(("generator", "discriminator"), networks.pair(), strict=True))
        GAN(**inside, latent_dim=networks.LATENT_DIM)
        with pytest.raises(ValueError, match=rf"Expected a {name} that is built within .*scope"):
            GAN(**{**inside, name: outside[name]}, latent_dim=networks.LATENT_DIM)
