"""A new run starts from the networks of another, as far as they fit.

`python tests/test_init_from.py CASE...` runs cases with two devices.
"""

import json
import shutil

import commands
import keras
import networks
import numpy as np
import pytest
import runs
import test_run

import tfgan_losses
from tfgan_losses import GAN, Run
from tfgan_losses.run_files.checkpoint_files import write_checkpoint


def make(recipe="hinge", seed=0, example_shape=(8, 8, 1), **options):
    """A GAN of small convolutions; another seed gives other weights."""
    keras.utils.set_random_seed(seed)
    options = {"model": "dcgan", "width": 4, "steps": 9, "run_eagerly": True, **options}
    return GAN.from_recipe(recipe, example_shape, latent_dim=4, seed=1, **options)


def written(gan, path):
    """The checkpoint of a GAN that has trained: another average, moved counters and statistics."""
    for number, variable in enumerate(gan.generator.variables + gan.discriminator.variables):
        variable.assign(variable + 0.01 * number)
    for variable in gan.ema_generator.variables if gan.ema_generator else ():
        variable.assign(variable - 1.0)
    gan.step.assign(30)
    gan.d_updates.assign(30)
    for optimizer in (gan.g_optimizer, gan.d_optimizer):
        optimizer.iterations.assign(30)
    write_checkpoint(gan, path)
    return path


def assert_same(network, other):
    for one, two in zip(network.variables, other.variables, strict=True):
        np.testing.assert_array_equal(one, two, err_msg=one.path)


# With vectors of spectral normalisation and batch statistics.
@pytest.mark.parametrize("recipe", ["sngan", "gan"])
def test_networks_and_average_come_along_and_nothing_else(tmp_path, recipe):
    old, new = make(recipe), make(recipe, seed=1)
    found = tfgan_losses.initialize_from(new, written(old, tmp_path / "a.weights.h5"))
    assert found.step == 30 and not found.fresh
    for name in ("generator", "discriminator", "ema_generator"):
        assert_same(getattr(new, name), getattr(old, name))
    fresh = make(recipe)
    for name in ("g_optimizer", "d_optimizer"):
        assert_same(getattr(new, name), getattr(fresh, name))
    assert int(new.step) == int(new.d_updates) == 0


def test_without_an_average_it_starts_as_the_generator(tmp_path):
    keras.utils.set_random_seed(0)
    pair = networks.pair()
    old, path = GAN(*pair, latent_dim=networks.LATENT_DIM), tmp_path / "a.weights.h5"
    old.compile("hinge")
    # Keras numbers the names of such layers anew.
    new = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, ema_decay=0.9)
    new.compile("wasserstein")
    found = tfgan_losses.initialize_from(new, written(old, path))
    assert not found.fresh
    assert_same(new.generator, old.generator)
    assert_same(new.ema_generator, old.generator)


def test_layers_that_do_not_fit_are_named_and_fresh(tmp_path):
    old, new, fresh = (make("acgan", num_classes=count) for count in (3, 5, 5))
    found = tfgan_losses.initialize_from(new, written(old, tmp_path / "a.weights.h5"))
    assert dict(found.fresh) == {
        "discriminator/classes": "[32, 3] there, [32, 5] here",
        "generator/project": "[7, 32] there, [9, 32] here",
        "ema_generator/project": "[7, 32] there, [9, 32] here",
    }
    assert "Fresh: discriminator/classes: [32, 3] there, [32, 5] here" in str(found)
    for name in ("project", "up_1", "norm_1"):
        source = fresh if name == "project" else old
        assert_same(new.generator.get_layer(name), source.generator.get_layer(name))
    # A kernel and its bias, of which the shape alone would fit, stay together.
    assert_same(new.discriminator.get_layer("classes"), fresh.discriminator.get_layer("classes"))


def test_images_of_another_size_start_from_what_is_common(tmp_path):
    path = written(make(d_normalization="none"), tmp_path / "a.weights.h5")
    new = make(d_normalization="none", seed=1, example_shape=(16, 16, 1))
    found = tfgan_losses.initialize_from(new, path)
    assert {"discriminator/conv_1", "discriminator/conv_2", "generator/up_1"} <= {*found.taken}
    assert found.fresh["generator/project"] == "[4, 32] there, [4, 128] here"


def test_where_nothing_fits_everything_stays(tmp_path):
    path = written(make(width=3, d_normalization="none"), tmp_path / "a.weights.h5")
    new = networks.recipe_gan("gan")
    before = [np.array(variable) for variable in new.variables]
    with pytest.raises(ValueError, match=r"at least one layer fits .*a\.weights\.h5, of which"):
        tfgan_losses.initialize_from(new, path)
    for old, variable in zip(before, new.variables, strict=True):
        np.testing.assert_array_equal(old, variable)


def test_a_run_a_checkpoint_or_a_saved_gan(tmp_path):
    old = make()
    directory = runs.write(tmp_path / "run", old)
    places = (tmp_path / "run", directory.newest_checkpoint(), directory.gan)
    for place in places:
        new = make(seed=1)
        found = tfgan_losses.initialize_from(new, place)
        assert found.step == 2 and not found.fresh
        assert_same(new.generator, old.generator)
    shutil.rmtree(directory.checkpoints)
    assert tfgan_losses.initialize_from(make(), tmp_path / "run").file == str(directory.gan)


def test_what_is_no_gan_is_refused(tmp_path):
    old = make()
    directory = runs.write(tmp_path / "run", old)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").touch()
    (tmp_path / "torn.keras").write_bytes(directory.gan.read_bytes()[:500])
    whole = directory.newest_checkpoint().read_bytes()
    (tmp_path / "torn.weights.h5").write_bytes(whole[:2000])
    spoilt = bytearray(whole)
    spoilt[len(spoilt) // 2] ^= 1
    (tmp_path / "spoilt.weights.h5").write_bytes(spoilt)
    old.generator.save(tmp_path / "generator.keras")
    for name, said in {
        "nothing": "no such file or directory",
        "empty": "a directory that holds no run",
        "a.txt": "another ending",
        "torn.keras": "it cannot be read",
        "torn.weights.h5": "it cannot be read",
        "spoilt.weights.h5": "its checksum does not fit",
        "generator.keras": "weights of something that is no GAN",
        "run/generator": f"an exported generator. Did you mean {tmp_path / 'run'}?",
    }.items():
        with pytest.raises(ValueError, match=r"Expected .*Received: ") as error:
            tfgan_losses.initialize_from(make(), tmp_path / name)
        assert said in str(error.value), name


def start(tmp_path, steps, *, resume=False, callbacks=(), init_from=None, **options):
    """Trains points in `new`, from the networks of `old`."""
    gan = test_run.make_gan(**options)
    run = Run(tmp_path / "new", resume=resume)
    keeping = tfgan_losses.Keeping(log_every=2, checkpoint_every=2, sample_every=9, metrics=None)
    run.train(
        gan,
        test_run.Points(),
        steps=steps,
        batch_size=4,
        keeping=keeping,
        callbacks=callbacks,
        init_from=init_from,
    )
    return gan


@pytest.fixture
def old(tmp_path):
    """The run that others start from."""
    return str(runs.write(tmp_path / "old", test_run.make_gan(), exported=False).path)


@pytest.mark.slow
def test_a_run_that_starts_from_another_goes_on_without_it(tmp_path, old, capsys):
    with pytest.raises(test_run.Killed):
        # Killed before its first checkpoint: the networks are read again.
        start(tmp_path, 4, callbacks=[test_run.At(1, test_run.fail)], init_from=old)
    assert "step 2: 4 of 4 layers fit." in capsys.readouterr().out
    record = tmp_path / "new" / "run.json"
    came_from = json.loads(record.read_text())["init_from"]
    assert came_from["path"] == old and came_from["step"] == 2
    with pytest.raises(test_run.Killed):
        start(tmp_path, 4, resume=True, callbacks=[test_run.At(3, test_run.fail)])
    assert "Starting from " in capsys.readouterr().out
    with pytest.raises(ValueError, match=r'init_from: ".*old" before, ".*other" now'):
        start(tmp_path, 4, resume=True, init_from=tmp_path / "other")
    shutil.rmtree(old)
    resumed = start(tmp_path, 4, resume=True, init_from=old)
    assert "Starting from " not in capsys.readouterr().out
    assert json.loads(record.read_text())["init_from"] == came_from

    (tmp_path / "new").rename(tmp_path / "first")
    runs.write(tmp_path / "old", test_run.make_gan(), exported=False)
    whole = start(tmp_path, 4, init_from=old)
    networks.assert_same_state(resumed, whole)
    fresh = start(tmp_path / "fresh", 4)
    assert np.any(np.array(fresh.generator.variables[0]) != np.array(whole.generator.variables[0]))


def test_a_command_without_such_a_run_names_those_near_by(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "flags.txt").touch()
    message = commands.call("--init_from=runs/b", "--output_dir=out")
    assert "no such file or directory" in message and "Runs near by, the newest first: " in message
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_starts_from_a_run_of_other_data(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    images = np.random.default_rng(0).uniform(0, 1, (12, 8, 8, 1)).astype(np.float32)
    np.savez(tmp_path / "a.npz", images=images)
    few = ("--steps=2", "--batch_size=4", "--width=4", "--metrics=")
    assert commands.call(*few, "--output_dir=old") == 0
    new = (*few, "--dataset=npz:a.npz", "--gan_type=hinge", "--init_from=old", "--freeze_d=1")
    capsys.readouterr()
    assert commands.call(*new, "--output_dir=new", "--dry_run") == 0
    dry = capsys.readouterr().out
    assert not (tmp_path / "new").exists()
    assert commands.call(*new, "--output_dir=new") == 0
    out = capsys.readouterr().out
    for said in (dry, out):
        assert "frozen:     conv_1 of D (1 of 2 blocks); " in said
        assert f"Starting from {tmp_path}/old/checkpoints/step_00000002.weights.h5, step 2" in said
    shutil.rmtree(tmp_path / "old")
    assert commands.call("--resume=new", "--steps=4", "--init_from=old") == 0
    assert "Going on at step 2 from" in capsys.readouterr().out
    assert f"--init_from={tmp_path}/old" in (tmp_path / "new" / "flags.txt").read_text()
    for flag in ("--init_from=other", "--freeze_d=0"):
        assert flag.split("=")[0] in commands.call("--resume=new", "--steps=6", flag)


def started_under_a_strategy():
    """Under two replicas all of them get the same networks."""
    import tempfile
    from pathlib import Path

    old = make("sngan", run_eagerly=False)
    with tempfile.TemporaryDirectory() as folder:
        path = written(old, Path(folder) / "a.weights.h5")
        with commands.two_replicas().scope():
            new = make("sngan", seed=1, run_eagerly=False)
        tfgan_losses.initialize_from(new, path)
        for name in ("generator", "discriminator", "ema_generator"):
            for one, other in zip(
                getattr(new, name).variables, getattr(old, name).variables, strict=True
            ):
                for copy in new.distribute_strategy.experimental_local_results(one.value):
                    np.testing.assert_array_equal(copy, other, err_msg=one.path)


CASES = {each.__name__: each for each in (started_under_a_strategy,)}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
