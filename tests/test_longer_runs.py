"""Finished runs that go on, resumed runs that are other ones, and models for notebooks."""

import commands
import keras
import numpy as np
import pytest
import test_run

from tfgan_losses import Run
from tfgan_losses.run_files.directory import RunDirectory

FLAGS = ("--dataset=ring8", "--gan_type=hinge", "--model=mlp", "--width=4", "--batch_size=4")


pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(path):
    return RunDirectory(path).settings()


@pytest.mark.parametrize(
    ("more", "follows"),
    [
        ((), False),
        (("--learning_rate_decay=linear",), True),
        (
            (
                "--penalties=r1(weight=cosine(start=1, end=0))",
                "--ema_decay=half_life(start=0, end=1)",
            ),
            True,
        ),
    ],
)
def test_a_finished_run_goes_on_with_more_steps(here, capsys, more, follows):
    assert commands.call(*FLAGS, *more, "--steps=2", "--output_dir=out") == 0
    before = {path.name: path.read_bytes() for path in (here / "out").iterdir() if path.is_file()}
    assert commands.call("--resume=out", "--steps=4", "--dry_run") == 0
    assert before == {p.name: p.read_bytes() for p in (here / "out").iterdir() if p.is_file()}
    capsys.readouterr()
    assert commands.call("--resume=out", "--steps=4") == 0
    out = capsys.readouterr().out
    assert "Going on at step 2 from" in out and "step 4/4" in out
    assert ("Schedules go over 4 steps from here on" in out) == follows
    assert "--steps=4" in settings(here / "out")
    # It knows by itself how long it is now.
    assert commands.call("--resume=out") == 0
    assert "is at step 4 of 4: nothing to train" in capsys.readouterr().out
    message = commands.call("--resume=out", "--batch_size=8")
    assert "There: --batch_size=4. Received: --batch_size=8." in message


def test_data_that_changed_since_the_beginning(here):
    generator = np.random.default_rng(0)
    images = generator.uniform(0, 1, [9, 8, 8, 1]).astype(np.float32)
    np.savez(here / "images.npz", images=images)
    flags = ("--dataset=npz:images.npz", "--gan_type=gan", "--model=dcgan", "--width=4")
    assert commands.call(*flags, "--batch_size=4", "--steps=1", "--output_dir=out") == 0
    (here / "images.npz").rename(here / "moved.npz")
    moved = ("--resume=out", "--dataset=npz:moved.npz", "--steps=2")
    assert commands.call(*moved, "--dry_run") == 0
    np.savez(here / "moved.npz", images=images[:7])
    before = settings(here / "out")
    for more in ((), ("--dry_run",)):
        message = commands.call(*moved, *more)
        assert "was begun with, see out/run.json. Received: data: 9 examples, now 7" in message
    assert settings(here / "out") == before


def test_a_dry_run_refuses_what_the_run_would(here):
    for more, part in (
        (("--accumulate=3",), "accumulate=3"),
        (("--resume=out",), "Looked for"),
    ):
        assert part in commands.call(*FLAGS, *more, "--dry_run")
    assert not list(here.iterdir())


def test_the_whole_model_for_notebooks(here):
    _, gan, _ = test_run.train(here / "out", steps=2)
    samples = commands.python(
        "import sys, keras, numpy, tfgan_losses\n"
        "gan = keras.models.load_model(sys.argv[1])\n"
        "numpy.save('samples.npy', gan.generate(4, seed=0))\n"
        "print(int(gan.step.numpy()), float(gan.g_optimizer.iterations.numpy()))",
        here / "out" / "gan.keras",
        directory=here,
    )
    assert samples.out == "2 2.0\n", samples.err
    np.testing.assert_allclose(np.load(here / "samples.npy"), gan.generate(4, seed=0), atol=1e-6)


class Unsaveable(keras.layers.Dense):
    """Does not say how it is made."""

    def get_config(self):
        raise NotImplementedError("This layer has no config.")


def test_networks_that_cannot_be_saved_whole(here, capsys):
    gan = test_run.make_gan()
    generator = keras.Sequential([keras.Input([2]), Unsaveable(2)])
    gan = type(gan)(generator, gan.discriminator, latent_dim=2, seed=7)
    gan.compile("non_saturating", run_eagerly=True)
    finished, _, _ = test_run.train(here / "out", steps=1, gan=gan)
    assert finished
    assert "Without " in capsys.readouterr().out
    assert not (here / "out" / "gan.keras").exists() and (here / "out" / "generator").exists()


def test_the_same_process_trains_again_and_again(here):
    run = Run(here / "out")
    gan, source = test_run.make_gan(), test_run.Points()
    for steps in (1, 2):
        assert run.train(gan, source, steps=steps, batch_size=4)
    held = RunDirectory(here / "out")
    with held.lock:
        with pytest.raises(ValueError, match="which this process has held since"):
            run.train(gan, source, steps=3, batch_size=4)
        # Its holder may hand it on.
        assert Run(held, resume=True).train(gan, source, steps=3, batch_size=4)
        assert held.lock.path.exists()
    assert not held.lock.path.exists()
    other = Run(here / "new")
    assert Run(here / "new").train(test_run.make_gan(), source, steps=1, batch_size=4)
    with pytest.raises(ValueError, match="Expected a new or empty directory, or resume=True"):
        other.train(gan, source, steps=3, batch_size=4)
