"""Two replicas of half a batch do what one device does with all of it.

`python tests/test_replicas.py CASE...` runs cases with two devices; several share a process, since
its start takes longer than most of them.
"""

import contextlib
import functools
import tempfile
import warnings
from pathlib import Path

import commands
import pytest

from tfgan_losses import gan_types

BATCH, D_STEPS, STEPS = 16, 2, 20


def make(**arguments):
    """A GAN in the scope of the present strategy, always with the same weights."""
    import keras
    import networks

    from tfgan_losses import GAN

    keras.utils.set_random_seed(3)
    # BatchNormalization would see the statistics of half a batch.
    pair = networks.pair(batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=11)
    # SGD: Adam divides by the size of the gradients, and so would hide a factor of 2 in them.
    optimizers = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    gan.compile(**{"loss": "hinge", "d_steps": D_STEPS, **optimizers, **arguments})
    return gan


def fit(gan, steps=STEPS):
    import networks

    size = BATCH * gan.d_steps
    x = networks.examples(size * steps)
    return gan.fit(x, batch_size=size, verbose=0, shuffle=False).history


def compare(**arguments):
    import networks
    import numpy as np

    one = make(**arguments)
    before = networks.all_state(one)
    history = fit(one)
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(one), strict=True)]
    assert max(moved) > 1e-2, "Nothing was trained."
    with commands.two_replicas().scope():
        two = make(**arguments)
    for a, b in zip(before, networks.all_state(two), strict=True):
        np.testing.assert_array_equal(a, b)
    for key, values in fit(two).items():
        np.testing.assert_allclose(values, history[key], rtol=1e-4, atol=1e-5, err_msg=key)
    g_updates = STEPS * arguments.get("g_steps", 1)
    assert two.step.numpy() == STEPS and two.g_optimizer.iterations.numpy() == g_updates
    d_updates = STEPS * arguments.get("d_steps", D_STEPS)
    assert two.d_optimizer.iterations.numpy() == two.d_updates.numpy() == d_updates
    networks.assert_same_state(two, one, rtol=0, atol=1e-5)
    for a, b in zip(one.ema_generator.variables, two.ema_generator.variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
    # Both replicas hold the same weights.
    for variable in two.trainable_variables:
        first, second = (np.asarray(value) for value in variable.value.values)
        np.testing.assert_array_equal(first, second)


def wgan_gp_and_r1_equal_one_device():
    compare(loss="wasserstein", penalties="gradient_penalty(weight=10), r1(weight=1, every=2)")


def hinge_equals_one_device():
    compare()


def lecam_equals_one_device():
    """The moving averages of a term with state are those of the global batch."""
    compare(penalties="lecam(weight=1, decay=0.8)")


def several_generator_updates_equal_one_device():
    """With latents that are the same for all replicas, and a penalty of a mean over pixels."""
    terms = {"penalties": "pixel_gradient_penalty", "auxiliary": "reconstruction(weight=1)"}
    compare(loss="wasserstein", g_steps=3, **terms)


def losses_of_networks_equal_one_device():
    """Regularisers of weights, and of activity, which Keras divides by the size of a batch."""
    import keras
    import networks
    import numpy as np

    from tfgan_losses import GAN

    def make_regularised():
        keras.utils.set_random_seed(3)
        options = {
            "kernel_regularizer": keras.regularizers.L2(0.1),
            "activity_regularizer": keras.regularizers.L2(0.1),
        }
        generator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, **options)])
        discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, **options)])
        gan = GAN(generator, discriminator, latent_dim=6, seed=1)
        rates = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
        gan.compile("hinge", d_steps=D_STEPS, **rates)
        return gan

    x = networks.examples(BATCH * D_STEPS * STEPS, (3,))
    trained, logs = [make_regularised()], []
    with commands.two_replicas().scope():
        trained.append(make_regularised())
    for gan in trained:
        logs.append(gan.fit(x, batch_size=BATCH * D_STEPS, verbose=0, shuffle=False).history)
    for key, values in logs[0].items():
        np.testing.assert_allclose(logs[1][key], values, rtol=1e-4, atol=1e-5, err_msg=key)
    networks.assert_same_state(trained[1], trained[0], rtol=0, atol=1e-5)


def evaluation_equals_one_device():
    """Also of a last batch that leaves nothing to one replica."""
    import keras
    import networks
    import numpy as np

    class Sums(keras.metrics.Metric):
        def __init__(self, **kwargs):
            super().__init__(name="sums", **kwargs)
            self.total = self.add_weight(name="total", initializer="zeros")

        def update_state(self, real, generated, sample_weight=None):
            self.total.assign_add(keras.ops.sum(real) + 1e3)

        def result(self):
            return keras.ops.convert_to_tensor(self.total)

    arguments = {"loss": "wasserstein", "penalties": "r1(weight=1)"}
    one = make(**arguments)
    with commands.two_replicas().scope():
        two = make(**arguments, metrics=[Sums()])
    x = networks.examples(17)
    found = two.evaluate(x, batch_size=8, verbose=0, return_dict=True)
    expected = one.evaluate(x, batch_size=8, verbose=0, return_dict=True)
    # Two whole batches and one of which the second replica has nothing: six updates.
    assert found.pop("sums") == pytest.approx(x.sum() + 6e3, rel=1e-5)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-5, err_msg=key)
    whole = two.evaluate(x[:16], batch_size=8, verbose=0, return_dict=True)
    expected = one.evaluate(x[:16], batch_size=8, verbose=0, return_dict=True)
    for key, value in expected.items():
        np.testing.assert_allclose(whole[key], value, rtol=1e-5, err_msg=key)


def evaluation_of_any_last_batch_equals_one_device():
    """One that leaves a replica less or nothing is drawn as on one device; labels one-hot, too."""
    import keras
    import networks
    import numpy as np

    for name in ("acgan", "infogan"):
        gans = []
        for scope in (contextlib.nullcontext, commands.two_replicas().scope):
            keras.utils.set_random_seed(3)
            with scope():
                gans.append(networks.recipe_gan(name, d_steps=1, ema_decay=0.9))
        for count in (1, 11):
            x, y = networks.examples(count), np.eye(3)[networks.labels(count)]
            one, two = (gan.evaluate(x, y, batch_size=8, verbose=0) for gan in gans)
            np.testing.assert_allclose(two, one, rtol=1e-5, err_msg=f"{name} {count}")


def a_last_batch_may_leave_a_replica_less_or_nothing():
    """Three examples, then one: means weigh examples, and nothing becomes NaN.

    `fit` leaves such a batch out, unless it has been distributed before.
    """
    import keras
    import networks
    import numpy as np
    import tensorflow as tf

    for name in ("hinge", "wgan-gp", "dragan", "ragan", "ebgan", "began", "acgan", "infogan"):
        for count in (1, 3):
            still = {key: keras.optimizers.SGD(0.0) for key in ("g_optimizer", "d_optimizer")}
            moving = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
            x, y = networks.examples(count), networks.labels(count)
            for optimizers in (still, moving):
                with commands.two_replicas().scope():
                    keras.utils.set_random_seed(3)
                    gan = networks.recipe_gan(name, d_steps=1, ema_decay=0.9, optimizers=optimizers)
                batch = tf.data.Dataset.from_tensors((x, y))
                distributed = commands.two_replicas().experimental_distribute_dataset(batch)
                logs = gan.fit(distributed, verbose=0).history
                assert np.isfinite(list(logs.values())).all(), (name, count, logs)
                assert all(np.isfinite(state).all() for state in networks.all_state(gan)), name
                outputs = gan.discriminator(
                    [x, np.eye(3)[y]] if gan.pair.d_takes_condition else x, training=False
                )
                outputs = outputs["logits"] if isinstance(outputs, dict) else outputs
                if optimizers is still:
                    expected = float(np.mean(outputs))
                    np.testing.assert_allclose(logs["d_real"], expected, rtol=1e-4, err_msg=name)
                    if name == "acgan":
                        assert logs["class_accuracy"][0] * count == pytest.approx(
                            round(logs["class_accuracy"][0] * count), abs=1e-5
                        )


def what_cannot_be_divided_is_left_out():
    """And said; the rest trains as on one device."""
    import keras
    import networks
    import tensorflow as tf

    x = networks.examples(17)

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return x[8 * index : 8 * index + 8]

    doors = {
        "arrays": lambda: (x, {"batch_size": 8}),
        "tf.data": lambda: (tf.data.Dataset.from_tensor_slices(x).batch(8), {}),
        "PyDataset": lambda: (Batches(), {}),
        "generator": lambda: ((x[i : i + 8] for i in (0, 8, 16)), {}),
    }
    one = make()
    one.fit(x[:16], batch_size=8, shuffle=False, verbose=0)
    for name, door in doors.items():
        with commands.two_replicas().scope():
            two = make()
        data, options = door()
        said = f": 1 cannot be divided by d_steps={D_STEPS} times 2 replicas."
        with warnings.catch_warnings(record=True) as all_said:
            warnings.simplefilter("always")
            two.fit(data, **options, shuffle=False, verbose=0)
        (warning,) = all_said
        assert said in str(warning.message), name
        assert two.step.numpy() == two.g_optimizer.iterations.numpy() == 2, name
        networks.assert_same_state(two, one, rtol=0, atol=1e-6)
    with commands.two_replicas().scope():
        two = make()
    with pytest.raises(ValueError, match=r"at least one batch of 8 .* Received: 7 examples"):
        two.fit(x[:7], batch_size=8, verbose=0)
    assert two.step.numpy() == 0


def compare_recipe(name):
    """Batch means, k, encodings, labels and codes are those of the global batch."""
    import keras
    import networks
    import numpy as np

    from tfgan_losses import layers

    def make_recipe():
        keras.utils.set_random_seed(3)
        optimizers = {key: keras.optimizers.SGD(0.01) for key in ("g_optimizer", "d_optimizer")}
        gan = networks.recipe_gan(name, d_steps=D_STEPS, ema_decay=0.9, optimizers=optimizers)
        # The conditional batch normalisation of `projection`.
        layers.synchronize_batch_normalization(gan.generator)
        return gan

    size = BATCH * D_STEPS
    x, y = networks.examples(size * STEPS), networks.labels(size * STEPS)
    one = make_recipe()
    before = networks.all_state(one)
    history = one.fit(x, y, batch_size=size, verbose=0, shuffle=False).history
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(one), strict=True)]
    assert max(moved) > 1e-3, "Nothing was trained."
    with commands.two_replicas().scope():
        two = make_recipe()
    found = two.fit(x, y, batch_size=size, verbose=0, shuffle=False).history
    for key, values in found.items():
        np.testing.assert_allclose(values, history[key], rtol=1e-4, atol=1e-5, err_msg=key)
    networks.assert_same_state(two, one, rtol=1e-5, atol=1e-5)


def batch_statistics():
    """Of half a batch they are others; synchronised, they are those of the whole."""
    import keras
    import networks
    import numpy as np

    from tfgan_losses import GAN, layers

    def train(synchronized):
        keras.utils.set_random_seed(3)
        gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=11)
        if synchronized:
            layers.synchronize_batch_normalization(gan.generator)
        sgd = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
        gan.compile("hinge", d_steps=D_STEPS, **sgd)
        fit(gan)
        return gan

    one = train(False)
    with commands.two_replicas().scope():
        networks.assert_same_state(train(True), one, rtol=1e-5, atol=1e-5)
        other = train(False)
    apart = zip(networks.all_state(other), networks.all_state(one), strict=True)
    assert max(np.abs(a - b).max() for a, b in apart) > 1e-3


def save_and_load():
    import keras
    import networks

    with commands.two_replicas().scope():
        gan = make()
    fit(gan)
    with tempfile.TemporaryDirectory() as folder:
        gan.save(Path(folder, "gan.keras"))
        gan.save_weights(Path(folder, "gan.weights.h5"))
        loaded = keras.saving.load_model(Path(folder, "gan.keras"))
        other = make()
        other.load_weights(Path(folder, "gan.weights.h5"))
        with commands.two_replicas().scope():
            mirrored = make()
            mirrored.load_weights(Path(folder, "gan.weights.h5"))
    for copy in (loaded, other, mirrored):
        networks.assert_same_state(copy, gan)
    # They go on alike.
    fit(gan)
    for copy in (loaded, other, mirrored):
        fit(copy)
        networks.assert_same_state(copy, gan, rtol=0, atol=1e-5)


def generate_and_export():
    import numpy as np
    import tensorflow as tf

    one = make()
    with commands.two_replicas().scope():
        two = make()
    np.testing.assert_allclose(two.generate(5, seed=2), one.generate(5, seed=2), atol=1e-6)
    with tempfile.TemporaryDirectory() as folder:
        two.export_generator(folder)
        exported = tf.saved_model.load(folder)
        np.testing.assert_allclose(exported.sample(5, seed=2), one.generate(5, seed=2), atol=1e-6)


def a_run_is_resumed():
    """All callbacks, a checkpoint of two replicas, and one device that goes on from it."""
    import networks
    import numpy as np
    import tensorflow as tf

    from tfgan_losses import Keeping, Run

    class Source:
        example_shape, size, name = (4, 4, 1), 320, "noise"

        def batches(self, batch_size, *, seed, start):
            dataset = tf.data.Dataset.from_tensor_slices(networks.examples(320)).repeat()
            return dataset.batch(batch_size, drop_remainder=True).skip(start)

    keeping = Keeping(sample_every=4, checkpoint_every=4, log_every=2)
    options = {"batch_size": BATCH, "keeping": keeping}
    whole = make()
    with tempfile.TemporaryDirectory() as folder:
        assert Run(Path(folder, "one")).train(whole, Source(), steps=8, **options)
        with commands.two_replicas().scope():
            first, second = make(), make()
        assert Run(Path(folder, "two")).train(first, Source(), steps=4, **options)
        run = Run(Path(folder, "two"), resume=True)
        assert run.train(second, Source(), steps=8, **options)
        networks.assert_same_state(second, whole, rtol=0, atol=1e-5)
        rows = [
            np.loadtxt(Path(folder, name, "metrics.csv"), delimiter=",", skiprows=1)
            for name in ("one", "two")
        ]
        np.testing.assert_allclose(*rows, rtol=1e-4, atol=1e-5)


def several_steps_per_execution_are_refused():
    message = r"steps_per_execution=4, replicas=2"
    with commands.two_replicas().scope(), pytest.raises(ValueError, match=message):
        make(steps_per_execution=4)


def jit_compile_is_refused():
    message = r"jit_compile=True, .* replicas=2"
    with commands.two_replicas().scope(), pytest.raises(ValueError, match=message):
        make(jit_compile=True)


def indivisible_batches_are_refused():
    import networks
    import tensorflow as tf

    with commands.two_replicas().scope():
        gan = make()
    message = rf"divisible by d_steps={D_STEPS} times 2 replicas.*batch_size=6"
    # Batches are divided by d_steps, and would be by one replica.
    with pytest.raises(ValueError, match=message):
        gan.fit(networks.examples(24), batch_size=6, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices(networks.examples(24))
    with pytest.raises(ValueError, match=message):
        gan.fit(dataset.batch(6, drop_remainder=True), verbose=0)
    assert gan.step.numpy() == 0


MODEL = {
    case.__name__: case
    for case in (
        wgan_gp_and_r1_equal_one_device,
        hinge_equals_one_device,
        lecam_equals_one_device,
        several_generator_updates_equal_one_device,
        losses_of_networks_equal_one_device,
        evaluation_equals_one_device,
        evaluation_of_any_last_batch_equals_one_device,
        a_last_batch_may_leave_a_replica_less_or_nothing,
        what_cannot_be_divided_is_left_out,
        save_and_load,
        generate_and_export,
        batch_statistics,
        a_run_is_resumed,
        several_steps_per_execution_are_refused,
        jit_compile_is_refused,
        indivisible_batches_are_refused,
    )
}
OF_RECIPES = {name: functools.partial(compare_recipe, name) for name in gan_types.names()}


def parts(cases, count):
    """So that they run beside each other."""
    return [dict(list(cases.items())[part::count]) for part in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("cases", [MODEL, *parts(OF_RECIPES, 2)], ids=["model", "odd", "even"])
def test_two_replicas(cases):
    commands.check_with_two_devices(__file__, cases)


if __name__ == "__main__":
    commands.run_cases(MODEL | OF_RECIPES)
