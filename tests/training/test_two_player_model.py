"""What Keras promises of a model: evaluation, metrics, callbacks; and what is refused by name."""

import functools

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

import tfgan_losses
from tfgan_losses import GAN, gan_types
from tfgan_losses.training import stock_callbacks

SGD = keras.optimizers.SGD
EVALUATED = {"d_loss", "d_real", "d_fake", "g_loss"}
X, Y = networks.examples(24), networks.labels(24)


class MeanDifference(keras.metrics.Metric):
    """|mean of real - mean of generated|: a distance that streams."""

    def __init__(self, name="mean_difference", **kwargs):
        super().__init__(name=name, **kwargs)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, real, generated, sample_weight=None):
        self.total.assign_add(keras.ops.sum(real) - keras.ops.sum(generated))
        self.count.assign_add(tf.cast(tf.size(real), "float32"))

    def result(self):
        return keras.ops.abs(self.total / self.count)


def make(name="gan", **optimizers):
    keras.utils.set_random_seed(3)
    return networks.recipe_gan(name, ema_decay=0.9, optimizers=optimizers)


def fit(gan, **options):
    return gan.fit(X, Y, batch_size=4 * gan.d_steps, verbose=0, shuffle=False, **options).history


# evaluate


@pytest.mark.parametrize(
    "name",
    [
        "gan",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("wgan-gp", "acgan", "infogan", "began", "ebgan")
        ),
    ],
)
@pytest.mark.parametrize("mode", [{"run_eagerly": True}, {}])
def test_evaluation_moves_nothing(name, mode):
    gan, other = make(name, **mode), make(name, **mode)
    for model in (gan, other):
        model.fit(X, Y, batch_size=12, verbose=0) if model.d_steps == 1 else fit(model)
    before = networks.all_state(gan)
    first = gan.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    second = gan.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    assert first == second and set(first) == EVALUATED and np.isfinite(list(first.values())).all()
    for a, b in zip(before, networks.all_state(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    # Nor what a row of the running means has.
    assert [float(m.result()) for m in gan.metrics] == [float(m.result()) for m in other.metrics]
    for model in (gan, other):
        fit(model)
    networks.assert_same_state(gan, other)


def test_evaluation_is_the_loss_of_the_average_on_held_out_examples():
    gan = make("wgan-gp", run_eagerly=True)
    fit(gan)
    found = gan.evaluate(X, batch_size=24, verbose=0, return_dict=True)
    pair = gan.evaluation_pair
    latents = pair.latents(tf.constant(X), "discriminator", 0)
    fake = gan.ema_generator(latents, training=False)
    real_logits, fake_logits = (gan.discriminator(x, training=False).numpy() for x in (X, fake))
    assert found["d_real"] == pytest.approx(real_logits.mean(), rel=1e-5)
    assert found["d_fake"] == pytest.approx(fake_logits.mean(), rel=1e-5)
    assert found["g_loss"] == pytest.approx(-fake_logits.mean(), rel=1e-5)
    # The penalty's part, with random points between the examples of each pair.
    penalty = found["d_loss"] - (fake_logits.mean() - real_logits.mean())
    (term,) = gan.objective.penalties
    values = term(gan.discriminator, X, fake, seed=tf.constant([1, 2], tf.int64))
    assert penalty == pytest.approx(np.mean(values), rel=0.2)
    assert not np.array_equal(latents, gan.pair.latents(tf.constant(X), "discriminator", 0))


def test_lazy_terms_count_once_in_an_evaluation():
    gan = make("gan", run_eagerly=True)
    values = {}
    for every in (1, 4):
        gan.compile("wasserstein", penalties=f"r1(weight=2, every={every})", run_eagerly=True)
        values[every] = gan.evaluate(X, batch_size=24, verbose=0, return_dict=True)["d_loss"]
    assert values[1] == pytest.approx(values[4], rel=1e-6)


def test_a_last_batch_weighs_as_its_examples():
    gan = make("gan")
    found = gan.evaluate(X, batch_size=16, verbose=0, return_dict=True)
    whole = gan.evaluate(X, batch_size=24, verbose=0, return_dict=True)
    assert found["d_real"] == pytest.approx(whole["d_real"], rel=1e-5)


def test_draws_of_an_evaluation_differ_from_batch_to_batch():
    seen = []

    class Keep(MeanDifference):
        def update_state(self, real, generated, sample_weight=None):
            seen.append(np.asarray(generated))

        def result(self):
            return keras.ops.zeros(())

    gan = make("gan")
    gan.compile("hinge", metrics=[Keep()], run_eagerly=True)
    gan.evaluate(X, batch_size=12, verbose=0)
    assert len(seen) == 2 and not np.array_equal(*seen)


# metrics and validation


@pytest.mark.parametrize("mode", [{"run_eagerly": True}, {}, {"jit_compile": True}])
def test_metrics_get_real_and_generated_examples(mode):
    gan = make("gan")
    gan.compile("hinge", metrics=[MeanDifference()], **mode)
    logs = fit(gan, validation_data=X, epochs=2)
    assert {f"val_{key}" for key in (*EVALUATED, "mean_difference")} <= set(logs)
    # While it trains, a metric of samples costs nothing.
    assert "mean_difference" not in logs
    fakes = []
    for start in range(0, 24, 4):
        latents = gan.evaluation_pair.latents(tf.zeros([4, 1]), "discriminator", start)
        fakes.append(gan.ema_generator(latents, training=False))
    expected = abs(X.mean() - np.mean(np.concatenate(fakes)))
    assert logs["val_mean_difference"][-1] == pytest.approx(expected, rel=1e-4)


def test_validation_split_is_held_out():
    gan = make("gan")
    logs = gan.fit(X, batch_size=6, validation_split=0.25, verbose=0).history
    assert int(gan.step) == 3 and set(logs) >= {f"val_{key}" for key in EVALUATED}


def test_validation_of_a_conditional_gan():
    gan = make("acgan")
    logs = fit(gan, validation_data=(X, Y))
    assert np.isfinite(logs["val_d_loss"]).all()
    with pytest.raises(ValueError, match="conditioned on labels"):
        fit(gan, validation_data=X)


def test_best_checkpoint_and_early_stop_by_validation(tmp_path):
    gan = make("gan")
    callbacks = [
        keras.callbacks.ModelCheckpoint(
            tmp_path / "best.keras", monitor="val_d_loss", mode="min", save_best_only=True
        ),
        keras.callbacks.EarlyStopping("val_d_loss", mode="min", min_delta=100.0, patience=2),
    ]
    logs = fit(gan, epochs=9, validation_data=X, callbacks=callbacks)
    assert len(logs["val_d_loss"]) == 3
    best = keras.saving.load_model(tmp_path / "best.keras")
    found = best.evaluate(X, batch_size=4, verbose=0, return_dict=True)["d_loss"]
    assert found == pytest.approx(min(logs["val_d_loss"]), rel=1e-5)


def test_metrics_are_saved(tmp_path):
    gan = make("gan")
    gan.compile("hinge", metrics=[keras.metrics.MeanSquaredError(name="mse")])
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert set(loaded.evaluate(X, verbose=0, return_dict=True)) == {*EVALUATED, "mse"}


@pytest.mark.parametrize(
    ("metrics", "message"),
    [("mse", "metrics to be a list"), ([3], "Could not interpret|Expected metrics"),
     ([lambda a, b: 0], "keras.metrics.Metric, whose update_state takes")],
)  # fmt: skip
def test_bad_metrics(metrics, message):
    with pytest.raises(ValueError, match=message):
        make("gan").compile("hinge", metrics=metrics)


# callbacks

sets_two_rates = pytest.mark.skipif(
    tuple(map(int, keras.__version__.split(".")[:2])) < (3, 15),
    reason="Keras before 3.15 sets the rate of one optimiser only",
)


def test_a_callback_that_knows_of_one_learning_rate_is_refused_before_it_sets_any():
    gan = make("gan", g_optimizer=SGD(0.1), d_optimizer=SGD(0.3))
    with pytest.raises(ValueError, match=r"each of model\.optimizer\.optimizers.*= 0\.2, with K"):
        gan.optimizer.learning_rate = 0.2
    rates = [gan.g_optimizer.learning_rate, gan.d_optimizer.learning_rate]
    assert [float(rate) for rate in rates] == pytest.approx([0.1, 0.3])


@sets_two_rates
def test_learning_rate_scheduler_sets_both_rates():
    gan = make("gan", g_optimizer=SGD(0.1), d_optimizer=SGD(0.3))
    logs = fit(gan, epochs=3, callbacks=[keras.callbacks.LearningRateScheduler(lambda e, r: r / 2)])
    assert logs["learning_rate_generator"] == pytest.approx([0.05, 0.025, 0.0125])
    assert logs["learning_rate_discriminator"] == pytest.approx([0.15, 0.075, 0.0375])
    assert float(gan.d_optimizer.learning_rate) == pytest.approx(0.0375)


@sets_two_rates
def test_reduce_lr_on_plateau_reduces_both_rates():
    gan = make("gan", g_optimizer=SGD(0.1), d_optimizer=SGD(0.3))
    plateau = keras.callbacks.ReduceLROnPlateau(
        "val_d_loss", mode="min", patience=1, min_delta=9, factor=0.1
    )
    fit(gan, epochs=3, validation_data=X, callbacks=[plateau])
    assert float(gan.g_optimizer.learning_rate) == pytest.approx(0.001, rel=1e-5)
    assert float(gan.d_optimizer.learning_rate) == pytest.approx(0.003, rel=1e-5)


def test_a_logger_of_one_learning_rate():
    """What W&B's callback asks for."""
    rates = []
    gan = make("gan", g_optimizer=SGD(0.1))
    log = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: rates.append(float(gan.optimizer.learning_rate))
    )
    fit(gan, callbacks=[log])
    assert rates == pytest.approx([0.1])


def test_tensorboard_with_steps_per_second(tmp_path):
    board = keras.callbacks.TensorBoard(tmp_path, write_steps_per_second=True)
    fit(make("gan"), epochs=2, validation_data=X, callbacks=[board])
    assert list((tmp_path / "train").iterdir()) and list((tmp_path / "validation").iterdir())


@pytest.mark.parametrize("diverging", ["g_optimizer", "d_optimizer"])
def test_terminate_on_nan(diverging):
    gan = make("gan", **{diverging: SGD(1e30)})
    gan.compile("least_squares", **{diverging: SGD(1e30)})
    callbacks = [keras.callbacks.TerminateOnNaN()]
    logs = fit(gan, epochs=20, callbacks=callbacks)
    assert len(logs["d_loss"]) < 20
    gan = make("gan")
    assert len(fit(gan, epochs=3, callbacks=keras.callbacks.TerminateOnNaN())["d_loss"]) == 3


@pytest.mark.parametrize("bad", ["d_loss", "g_loss"])
def test_terminate_on_nan_looks_at_both_losses(bad):
    (watch,) = stock_callbacks.accepted([keras.callbacks.TerminateOnNaN()])
    gan = make("gan")
    watch.set_model(gan)
    gan.stop_training = False
    watch.on_train_batch_end(0, {"d_loss": 1.0, "g_loss": 1.0})
    assert not gan.stop_training
    watch.on_train_batch_end(1, {"d_loss": 1.0, "g_loss": 1.0, bad: float("nan")})
    assert gan.stop_training


def test_terminate_on_nan_looks_at_the_weights_after_an_epoch(capsys):
    gan, x = make(), networks.examples(16)
    calls = [keras.callbacks.TerminateOnNaN()]
    assert len(gan.fit(x, batch_size=8, epochs=2, callbacks=calls, verbose=0).epoch) == 2
    # One that no loss shows: the average is no part of the training.
    bad = gan.ema_generator.variables[0]
    bad.assign(np.full(bad.shape, np.nan))
    assert len(gan.fit(x, batch_size=8, epochs=2, callbacks=calls, verbose=0).epoch) == 1
    assert "Invalid loss, terminating training" in capsys.readouterr().out


def test_swap_ema_weights_is_refused():
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    with pytest.raises(ValueError, match=r"ema_decay=0.999.*SwapEMAWeights"):
        fit(make("gan"), callbacks=[swap])


@pytest.mark.parametrize("role", ["g_optimizer", "d_optimizer"])
def test_averages_of_optimizers_are_refused(role):
    with pytest.raises(ValueError, match=rf"{role} without an average.*ema_decay.*use_ema=True"):
        make("gan").compile("hinge", **{role: keras.optimizers.Adam(use_ema=True)})


def test_one_optimizer_cannot_be_set():
    with pytest.raises(AttributeError, match="Expected g_optimizer and d_optimizer"):
        make("gan").optimizer = SGD()


# refusals


@pytest.mark.parametrize("name", ["sample_weight", "class_weight"])
def test_weights_of_examples_are_refused(name):
    gan = make("gan")
    weights = {"sample_weight": np.ones(24), "class_weight": {0: 1.0}}[name]
    with pytest.raises(ValueError, match=f"Expected no {name}: an update looks at"):
        fit(gan, **{name: weights})
    assert int(gan.step) == 0
    if name == "sample_weight":
        with pytest.raises(ValueError, match="Expected no sample_weight"):
            gan.evaluate(X, sample_weight=weights, verbose=0)
        with pytest.raises(ValueError, match="Expected no sample_weight"):
            fit(gan, validation_data=(X, Y, weights))
        with pytest.raises(ValueError, match="Expected no sample_weight"):
            gan.train_on_batch(X, Y, sample_weight=weights)
        triples = tf.data.Dataset.from_tensor_slices((X, Y, weights)).batch(4)
        for method in (gan.fit, gan.evaluate):
            with pytest.raises(ValueError, match="Expected no sample_weight"):
                method(triples, verbose=0)
    assert int(gan.step) == 0


@pytest.mark.parametrize("name", ["gan.h5", "gan.hdf5"])
def test_hdf5_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.keras.*gan\.h"):
        make("gan").save(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_checkpoint_in_hdf5_is_refused_before_the_first_epoch(tmp_path):
    gan = make("gan")
    with pytest.raises(ValueError, match=r"ModelCheckpoint of a file that ends in \.keras"):
        fit(gan, callbacks=[keras.callbacks.ModelCheckpoint(tmp_path / "gan.h5")])
    assert int(gan.step) == 0
    weights = keras.callbacks.ModelCheckpoint(tmp_path / "x.weights.h5", save_weights_only=True)
    fit(gan, callbacks=[weights])
    assert (tmp_path / "x.weights.h5").exists()


def test_keras_export_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"gan\.export_generator\(path\).*\.onnx"):
        make("gan").export(tmp_path / "x")


@pytest.mark.parametrize("second", [1, 10])
def test_unnamed_outputs_of_a_discriminator_are_refused(second):
    """Two heads of one shape trained as real and generated."""
    example = keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(example)
    heads = [keras.layers.Dense(size)(flat) for size in (1, second)]
    message = r"discriminator with one output, or named ones \{'logits'.*returns 2 outputs"
    with pytest.raises(ValueError, match=message):
        GAN(networks.generator(), keras.Model(example, heads), latent_dim=networks.LATENT_DIM)


class TwoHeads(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(x), self.dense(x)


def test_unnamed_outputs_of_a_subclassed_discriminator_are_refused():
    with pytest.raises(ValueError, match="one that returns 2 outputs"):
        GAN(networks.generator((3,)), TwoHeads(), latent_dim=networks.LATENT_DIM)


# state of losses


@keras.saving.register_keras_serializable("tfgan_losses_tests")
class Counting(tfgan_losses.losses.AdversarialLoss):
    """WGAN whose generator's loss is weighed by the number of steps before."""

    report_keys = ("steps_before",)

    def __init__(self):
        self.steps = keras.Variable(0.0, trainable=False, name="steps")

    @property
    def variables(self):
        return [self.steps]

    def discriminator_loss(self, real_logits, fake_logits):
        return fake_logits - real_logits

    def generator_loss(self, real_logits, fake_logits):
        return -self.steps * fake_logits

    def end_step(self, d_real, g_fake):
        before = keras.ops.convert_to_tensor(self.steps)
        self.steps.assign_add(1.0)
        return {"steps_before": before}


@pytest.fixture(autouse=True)
def _a_loss_with_state(monkeypatch):
    """Known by name here only: other tests run over the registry."""
    monkeypatch.setitem(tfgan_losses.losses.registry._classes, "counting_for_tests", Counting)


@pytest.mark.parametrize(
    "losses",
    [
        {"loss": "counting_for_tests"},
        {"loss": Counting},
        {"d_loss": "counting_for_tests", "g_loss": "counting_for_tests"},
        {"loss": {"class_name": "counting_for_tests"}},
    ],
)
def test_a_loss_with_state_is_one_object(losses, tmp_path):
    if isinstance(losses.get("loss"), dict):
        losses = {"loss": keras.saving.serialize_keras_object(Counting())}
    gan = make("gan")
    gan.compile(**losses)
    fit(gan)
    assert gan.objective.d_loss is gan.objective.g_loss
    assert float(gan.objective.g_loss.steps.numpy()) == 6
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.objective.d_loss is loaded.objective.g_loss
    assert float(loaded.objective.g_loss.steps.numpy()) == 6


def test_two_losses_with_state_keep_it_apart(tmp_path):
    gan = make("gan")
    gan.compile(d_loss=Counting(), g_loss=Counting())
    fit(gan)
    gan.objective.g_loss.steps.assign(3.0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert float(loaded.objective.d_loss.steps.numpy()) == 6
    assert float(loaded.objective.g_loss.steps.numpy()) == 3


STATEFUL = ("boundary_equilibrium", "counting_for_tests", "lecam")


@pytest.mark.parametrize(
    "name", [STATEFUL[0], *(pytest.param(x, marks=pytest.mark.slow) for x in STATEFUL[1:])]
)
def test_state_goes_nowhere_where_it_is_not_known(name, tmp_path):
    """load_model(compile=False), and load_weights into another objective and back."""
    recipe = "began" if name == "boundary_equilibrium" else "gan"
    objective = {"loss": "hinge", "penalties": "lecam"} if name == "lecam" else {"loss": name}
    fresh = functools.partial(make, recipe)
    gan = fresh()
    gan.compile(**objective)
    fit(gan)
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    bare = keras.saving.load_model(tmp_path / "gan.keras", compile=False)
    assert not bare.compiled and int(bare.step) == 6 == int(bare.d_updates)
    np.testing.assert_array_equal(bare.generate(3), gan.generate(3))
    other = fresh()
    other.compile("wasserstein")
    other.load_weights(tmp_path / "gan.weights.h5")
    assert int(other.step) == 6
    other.save_weights(tmp_path / "other.weights.h5")
    (before,) = {float(v.numpy()) for v in list(gan.objective.state.values())[:1]}
    gan.load_weights(tmp_path / "other.weights.h5")
    # What the file does not know stays.
    assert float(next(iter(gan.objective.state.values())).numpy()) == before


def test_the_discriminators_updates_are_counted_and_saved(tmp_path):
    gan = make("wgan-gp")
    gan.fit(networks.examples(40), batch_size=20, verbose=0)
    assert int(gan.d_updates) == int(gan.d_optimizer.iterations) == 10
    gan.train_discriminator(tf.constant(networks.examples(20)))
    assert int(gan.d_updates) == 15 and int(gan.step) == 2
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = make("wgan-gp")
    other.load_weights(tmp_path / "gan.weights.h5")
    assert int(other.d_updates) == 15


def test_compile_holds_the_whole_recipe():
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
    gan.compile(**gan_types.get("wgan-gp").compile_arguments())
    assert gan.d_steps == 5
    gan.fit(networks.examples(10), batch_size=10, verbose=0)
    assert int(gan.d_optimizer.iterations) == 5
