"""What train.py says to wrong input: one clear message, exit code 1, and nothing trained."""

import os

import commands
import numpy as np
import pytest
from PIL import Image

# Points in the plane and tiny networks, where the data and the networks do not matter.
POINTS = ("--dataset=ring8", "--gan_type=hinge", "--width=4")
# What the last line offers.
WHERE = "\n(python train.py --help shows all flags, TFGAN_LOSSES_DEBUG=1 where this was.)"
HELP = "\n(python train.py --help shows all flags.)"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TFGAN_LOSSES_DEBUG", raising=False)
    return tmp_path


def refusal(*flags):
    """The message with which train.py ends."""
    # One step, so that a mistake of this test does not take minutes.
    message = commands.call("--steps=1", *flags)
    # Python prints a text given to sys.exit to stderr, and the exit code is 1.
    assert isinstance(message, str), message
    assert message.startswith("train.py: ")
    assert message.endswith((WHERE, HELP))
    return message


def folder_of_images(path, count=3, size=16):
    path.mkdir()
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = generator.integers(0, 256, [size, size, 3], np.uint8)
        Image.fromarray(pixels).save(path / f"{number}.png")
    return path


@pytest.mark.parametrize(
    "flags, parts",
    [
        (
            ["--gan_type=wgan_gp"],
            ["Unknown gan_type", "Did you mean 'wgan-gp'?", "Received: 'wgan_gp'"],
        ),
        (["--gan_type=acgan", "--dataset=ring8"], ["'acgan' is conditioned on labels", "without"]),
        (["--loss=boundary_equilibrium"], ["needs an autoencoder", "kind='autoencoder'"]),
        (["--auxiliary=clasification"], ["Unknown auxiliary objective", "'classification'"]),
        (["--auxiliary=classification"], ["output 'classes'", "Received: one with ['logits']"]),
        (["--condition=colours"], ["Unknown condition", "'labels'", "'codes'"]),
        (
            ["--ema_decay=fast"],
            ["--ema_decay: Expected ema_decay to be a number", "ema_decay='fast'"],
        ),
        (["--gan_type=r3gan", "--learning_rate_decay=linear"], ["r3gan has a schedule of its own"]),
        (["--monitor=fid"], ["--monitor to be one of ['d_real', 'd_fake'", "--monitor=fid"]),
        (["--monitor=frechet", "--metrics="], ["--monitor to be one of", "--monitor=frechet"]),
        (
            ["--metrics=classifier_score"],
            ["extractor that is a classifier", "--extractor='pixels'"],
        ),
        (["--eval_every=3", "--log_every=2"], ["--eval_every=3 --log_every=2. Did you mean"]),
        (["--inception=none.pb"], ["No such file", "--inception=none.pb"]),
        (["--extractor=model:none.keras"], ["No such file: none.keras"]),
        (["--loss=hnge"], ["Unknown loss", "'hinge'", "Received: 'hnge'"]),
        (["--loss=hinge(margn=1)"], ["'hinge' has no option 'margn'", "'margin'"]),
        (["--loss=hinge(margin=-1)"], ["margin=-1"]),
        (["--loss=hinge(margin='a')"], ["the loss 'hinge'", "{'margin': 'a'}"]),
        (["--loss=hinge("], ["Cannot read this loss", "Received: 'hinge('"]),
        (["--loss=hinge(0.5)"], ["Cannot read this loss", "keyword arguments"]),
        (["--loss=hinge, wasserstein"], ["Expected one loss", "names 2"]),
        (["--loss="], ["Expected one loss", "names 0"]),
        (["--penalties=gp"], ["Unknown penalty", "'gradient_penalty'", "Received: 'gp'"]),
        (["--penalties=r1(weight=-1)"], ["weight=-1"]),
        (["--penalties=r1(weight='a')"], ["Expected weight to be a number", "weight='a'"]),
        (["--penalties=r1(every=0)"], ["every=0"]),
        (["--penalties=r1(wait=1)"], ["'r1' has no option 'wait'", "'weight'"]),
        (["--penalties=r1 r2"], ["Cannot read this penalty", "Received: 'r1 r2'"]),
        (["--constraint=clip"], ["Unknown constraint", "'weight_clipping'"]),
        (["--constraint=weight_clipping(limit=0)"], ["limit"]),
        (["--constraint=weight_clipping(bound=1)"], ["has no option 'bound'"]),
        ([*POINTS, "--model=unet"], ["Unknown network", "'dcgan'", "'unet'"]),
        ([*POINTS, "--model=dcgan"], ["that of an image", "(2,)"]),
        ([*POINTS, "--g_normalization=bach"], ["Unknown normalisation", "'batch'", "'bach'"]),
        ([*POINTS, "--d_normalization=bach"], ["Unknown normalisation", "'batch'", "'bach'"]),
        ([*POINTS, "--ema_decay=1"], ["ema_decay in (0, 1)", "ema_decay=1.0"]),
        ([*POINTS, "--image_size=8"], ["holds points, not images"]),
        ([*POINTS, "--split=test"], ["only the split 'train'", "split='test'"]),
        (["--image_size=7"], ["both sides of 8 pixels or more", "(7, 7, 1)"]),
        (["--model=resnet", "--image_size=6x9"], ["both sides of 8 pixels", "(6, 9, 1)"]),
        (["--fit=pad"], ["Expected --image_size=... beside --fit=pad"]),
        (["--channels=4", "--background=red"], ["no image with transparent parts"]),
        (["--split=trian"], ["Unknown split of 'digits'", "'train'", "split='trian'"]),
        (["--dataset=dgits"], ["Unknown data set", "digits", "Did you mean 'digits'?"]),
        (["--dataset=folder:none"], ["No such folder", "folder:none"]),
        (["--dataset=npz:none.npz"], ["No such file", "npz:none.npz"]),
        (["--resume=none"], ["Looked for /", "none/flags.txt: there is no such directory"]),
        (["--resume="], ["Expected --resume=<directory>"]),
        (["--resume", "--seed=3"], ["Expected --resume=<directory>. Received: --resume=--seed=3"]),
        ([*POINTS, "--output_dir="], ["Expected --output_dir=<directory>"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) and "--" in value[0] else "",
)
def test_wrong_values(here, flags, parts):
    message = refusal(*flags)
    for part in parts:
        assert part in message
    assert not list(here.iterdir())


def test_an_empty_folder(here):
    (here / "photos").mkdir()
    message = refusal("--dataset=folder:photos")
    assert "The folder has no images" in message and ".png" in message


def test_images_of_several_sizes(here):
    folder_of_images(here / "photos")
    Image.new("RGB", (20, 20)).save(here / "photos" / "other.png")
    message = refusal("--dataset=folder:photos")
    assert "several sizes" in message and "image_size" in message


def test_a_truncated_image_is_named_or_left_out(here, capsys):
    photos = folder_of_images(here / "photos")
    whole = (photos / "1.png").read_bytes()
    (photos / "1.png").write_bytes(whole[: len(whole) // 2])
    message = refusal("--dataset=folder:photos")
    assert "1 of 3 files cannot be read" in message
    assert os.path.join("photos", "1.png") in message and "0.png" not in message
    assert "skip_bad_images" in message
    assert commands.call("--dataset=folder:photos", "--skip_bad_images", "--dry_run") == 0
    report = capsys.readouterr().out
    assert "2 examples of shape (16, 16, 3)" in report and "left out:   1 unreadable" in report


def test_nan_in_an_archive(here):
    images = np.zeros([4, 8, 8, 1], np.float32)
    images[2, 3, 4, 0] = np.nan
    np.savez(here / "images.npz", images=images)
    message = refusal("--dataset=npz:images.npz")
    assert "images.npz" in message and "1 of the 256 values" in message
    assert "(2, 3, 4, 0)" in message


def test_a_data_set_without_network(here):
    # The name is known, but its folder is empty; where there is a network it would be downloaded.
    from tfgan_losses.datasets.tfds_builders import network_available

    if network_available():
        pytest.skip("a network is there")
    message = refusal("--dataset=mnist", f"--data_dir={here / 'empty'}")
    assert "'mnist' is not in" in message and "tfds.load('mnist'" in message
    assert not list(here.iterdir())


def test_a_data_directory_that_is_a_file(here):
    (here / "data").touch()
    assert "data" in refusal(f"--data_dir={here / 'data'}")


def test_a_mistyped_flag():
    for flag, part in (
        ("--gan_typ=wgan", "Unknown command line flag 'gan_typ'. Did you mean: gan_type"),
        ("--steps=0", "flag --steps=0: 0 is not a positive integer"),
        ("--monitor_mode=least", "Expected one of min, max. Received: 'least'"),
        ("gan_type=wgan", "Expected flags only, each with two dashes. Received: gan_type=wgan"),
        ("--flagfile=none", "Received: --flagfile=none"),
    ):
        message = commands.call(flag)
        assert message.startswith("train.py: ") and part in message
        assert message.endswith(HELP)


def test_an_output_directory_that_cannot_be_one(here):
    (here / "file").touch()
    for path in ("file", "file/deeper", "/proc/none"):
        message = refusal(*POINTS, f"--output_dir={path}")
        assert "can be made and written to" in message and repr(path) in message


def test_another_run_in_the_output_directory(here):
    (here / "out").mkdir()
    (here / "out" / "metrics.csv").write_text("step\n1\n")
    (here / "out" / "flags.txt").write_text("--steps=7\n")
    message = refusal(*POINTS, "--output_dir=out")
    assert "holds metrics.csv" in message and "resume" in message
    assert (here / "out" / "metrics.csv").read_text() == "step\n1\n"
    assert (here / "out" / "flags.txt").read_text() == "--steps=7\n"


def test_other_folders_beside_the_runs_are_no_runs(here, capsys):
    for name in ("ring8-hinge-002", "ring8-hinge-002-old", "ring8-hinge-gp-009", "ring8-hinge-x"):
        (here / "runs" / name).mkdir(parents=True)
    assert commands.call(*POINTS, "--dry_run") == 0
    assert "runs/ring8-hinge-003\n" in capsys.readouterr().out


@pytest.fixture
def finished(here):
    steps = ("--steps=2", "--batch_size=4", "--sample_every=9")
    assert commands.call(*POINTS, *steps, "--output_dir=out") == 0
    return here / "out"


def test_resume_with_other_flags_and_networks(finished):
    before = {path: path.read_bytes() for path in finished.rglob("*") if path.is_file()}
    more = (*POINTS, "--resume=out", "--steps=4")
    # Both values are named.
    message = refusal(*more, "--batch_size=4", "--width=5")
    assert "There: --width=4. Received: --width=5." in message
    message = refusal(*more, "--batch_size=4", "--d_steps=2")
    assert "There: --d_steps by default. Received: --d_steps=2." in message
    assert "--flagfile=out/flags.txt" in message
    # Without flags.txt nothing says what seed and batches were.
    (finished / "flags.txt").unlink()
    message = refusal("--resume=out")
    assert "the directory holds metrics.csv, " in message and "no flags to go on with" in message
    for path, content in before.items():
        if path.name != "flags.txt":
            assert path.read_bytes() == content


def test_diverged_training_names_the_quantity_and_keeps_the_checkpoint(here):
    rates = ("--g_learning_rate=1e30", "--d_learning_rate=1e30")
    steps = ("--steps=50", "--batch_size=8", "--checkpoint_every=1", "--log_every=1")
    message = refusal(*POINTS, *rates, *steps, "--output_dir=out")
    assert "Training has diverged: " in message and " at step " in message
    assert "lower learning rate" in message
    kept = sorted((here / "out" / "checkpoints").iterdir())
    for path in kept:
        assert all(np.isfinite(array).all() for array in commands.arrays(path).values())
    assert message.split("\n")[0].endswith(
        f"Kept: out/checkpoints/{kept[-1].name}" if kept else "No checkpoint was written before."
    )
    assert not (here / "out" / "generator").exists()


def test_as_a_process(here):
    result = commands.train(here, "--gan_type=wgan_gp")
    assert result.code == 1
    assert result.out == ""
    assert "Traceback" not in result.err
    said = "train.py: --gan_type: Unknown gan_type"
    assert [line for line in result.err.splitlines() if line.startswith(said)]
    assert not (here / "runs").exists()
