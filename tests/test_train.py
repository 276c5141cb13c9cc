"""train.py from end to end, as a process in a directory of its own."""

import os
import re
import signal
import time

import commands
import numpy as np
import pytest
from PIL import Image

from tfgan_losses import gan_types

slow = pytest.mark.slow
OUTPUTS = {
    "checkpoints", "curves.png", "flags.txt", "gan.keras", "generator", "logs", "metrics.csv",
    "real.png", "run.json", "samples", "samples.gif",
}  # fmt: skip


# The default recipe has five updates of the discriminator, and each is traced.
FEW_UPDATES = (*commands.FEW_STEPS, "--d_steps=2")


def check_outputs(directory, steps=(1, 2, 3)):
    """Everything that a run says it leaves is there and can be read."""
    # Not every data set has names for its classes.
    assert {path.name for path in directory.iterdir()} - {"classes.txt"} == OUTPUTS
    rows = commands.rows(directory / "metrics.csv")
    assert [int(row["step"]) for row in rows] == list(steps)
    assert {"d_real", "d_fake", "d_loss", "g_loss"} <= set(rows[0])
    for row in rows:
        assert np.isfinite([float(value) for value in row.values()]).all()
        # So short a run measures at every row.
        measured = [name for name in row if name.startswith("frechet[")]
        assert len(measured) == 2 and measured[1] == f"{measured[0]}_error"
    (events,) = (directory / "logs").iterdir()
    assert events.name.startswith("events.out.tfevents") and events.stat().st_size > 1000
    pictures = sorted((directory / "samples").iterdir())
    assert [path.name for path in pictures] == [f"step_{n:08d}.png" for n in (0, 2, 3)]
    for path in (*pictures, directory / "curves.png"):
        with Image.open(path) as image:
            # Not one colour; an untrained network makes images of little contrast.
            assert np.ptp(np.asarray(image.convert("L"))) > 5
    with Image.open(directory / "samples.gif") as gif:
        assert gif.n_frames >= 2
    checkpoints = sorted((directory / "checkpoints").iterdir())
    assert [path.name for path in checkpoints] == [f"step_{n:08d}.weights.h5" for n in (2, 3)]
    for path in checkpoints:
        assert all(np.isfinite(array).all() for array in commands.arrays(path).values())
    assert (directory / "generator" / "saved_model.pb").exists()
    return rows


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return commands.workplace(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def finished(place):
    """What a short run of the default recipe printed; it lies in runs/ of `place`."""
    result = commands.train(place, *FEW_UPDATES)
    assert result.code == 0, result.err
    return result


def test_a_run_leaves_everything_that_it_says(place, finished):
    directory = place / "runs" / "digits-wgan-gp-001"
    rows = check_outputs(directory)
    assert list(rows[0]) == [
        "step", "d_real", "d_fake", "gradient_penalty", "d_loss", "g_loss", "w_distance",
        "frechet[pixels]", "frechet[pixels]_error",
    ]  # fmt: skip
    for row in rows:
        values = {name: float(value) for name, value in row.items()}
        assert values["w_distance"] == pytest.approx(values["d_real"] - values["d_fake"], abs=1e-5)
    assert "wgan-gp (Gulrajani et al., 2017" in finished.out
    assert "digits, 1,797 examples of shape (8, 8, 1)" in finished.out
    assert "3 steps of 2 x 8 real examples" in finished.out
    assert "step 3/3" in finished.out
    assert (
        "frechet[pixels] of 500 samples against 1,797 real examples, every 1 steps" in finished.out
    )
    told = rf"Measured:  frechet\[pixels\] {float(rows[-1]['frechet[pixels]']):.4g}, 95 % interval "
    assert re.search(told + r"[\d.]+ to [\d.]+ \(500 samples against 1797 real\)", finished.out)
    assert finished.err == ""
    # Nothing lies anywhere else.
    assert {path.name for path in place.iterdir()} == {"train.py", "runs"}


def test_flags_are_written_down(place, finished):
    text = (place / "runs" / "digits-wgan-gp-001" / "flags.txt").read_text()
    for line in ("# objective", "# run", "--gan_type=wgan-gp", "--width=8", "--batch_size=8",
                 "--seed=0"):  # fmt: skip
        assert line in text.splitlines()
    for once in ("output_dir", "resume", "dry_run", "list_gan_types"):
        assert once not in text


def test_a_second_run_gets_the_next_number(place, finished, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    assert commands.call("--dry_run") == 0
    assert "output:     runs/digits-wgan-gp-002\n" in capsys.readouterr().out
    assert sorted(place.rglob("*")) == before


def test_the_same_output_directory_is_refused(place, finished, monkeypatch):
    monkeypatch.chdir(place)
    message = commands.call(*FEW_UPDATES, "--output_dir=runs/digits-wgan-gp-001")
    assert "which holds metrics.csv" in message


def test_a_finished_run_is_resumed_with_nothing_to_do(place, finished, monkeypatch, capsys):
    monkeypatch.chdir(place)
    directory = place / "runs" / "digits-wgan-gp-001"
    before = (directory / "metrics.csv").read_bytes()
    assert commands.call("--resume=runs/digits-wgan-gp-001") == 0
    assert "is at step 3 of 3: nothing to train" in capsys.readouterr().out
    assert (directory / "metrics.csv").read_bytes() == before
    check_outputs(directory)
    message = commands.call("--resume=runs/digits-wgan-gp-001", "--seed=1")
    assert "There: --seed=0. Received: --seed=1." in message


def test_dry_run_resolves_everything_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = ("--dataset=ring8", "--gan_type=sngan", "--d_learning_rate=3e-4", "--loss=wasserstein")
    assert commands.call(*flags, "--dry_run") == 0
    out = capsys.readouterr().out
    for part in ("sngan (Miyato", "wasserstein; no penalty", "of shape (2,)", "G Adam 0.0002",
                 "D Adam 0.0003", "2500 steps of 5 x 64", "ema_decay 0.999",
                 "runs/ring8-sngan-001"):  # fmt: skip
        assert part in out
    assert not list(tmp_path.iterdir())


def test_list_gan_types(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.call("--list_gan_types") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == gan_types.names()
    for name in gan_types.names():
        assert f"    {gan_types.get(name).citation}" in lines
    assert not list(tmp_path.iterdir())


def test_help_and_mistyped_flags_answer_at_once(tmp_path):
    from tfgan_losses.flags import definitions

    result = commands.train(tmp_path, "--help")
    assert result.code == 0
    for group in definitions.GROUPS:
        assert f"\n{group}:\n" in result.out
    for name in (row.name for rows in definitions.GROUPS.values() for row in rows):
        assert re.search(rf"--(\[no\])?{name}:", result.out)
    result = commands.train(tmp_path, "--gan_tipe=wgan")
    assert result.code == 1
    assert "Unknown command line flag 'gan_tipe'. Did you mean: gan_type" in result.err
    assert "Traceback" not in result.err


@slow
@pytest.mark.parametrize(
    "name", [name for name in gan_types.names() if not gan_types.get(name).of_one_image]
)
def test_every_gan_type(tmp_path, name, monkeypatch, capsys):
    """It trains by the command, is saved, resumed to the same end, exported and reloaded."""
    monkeypatch.chdir(tmp_path)
    d_steps = min(2, gan_types.get(name).d_steps)
    flags = (f"--gan_type={name}", *commands.FEW_STEPS, f"--d_steps={d_steps}", "--deterministic")
    assert commands.call(*flags) == 0
    directory = tmp_path / "runs" / f"digits-{name}-001"
    check_outputs(directory)
    last = directory / "checkpoints" / "step_00000003.weights.h5"
    end, samples = commands.arrays(last), reloaded_samples(directory, name)
    assert samples.shape == (4, 8, 8, 1) and np.isfinite(samples).all()
    # As if the run had been killed after its checkpoint of step 2.
    last.unlink()
    assert commands.call(f"--resume=runs/digits-{name}-001") == 0
    assert "Going on at step 2 from" in capsys.readouterr().out
    assert_same_arrays(commands.arrays(last), end)
    np.testing.assert_array_equal(reloaded_samples(directory, name), samples)


def reloaded_samples(directory, name):
    """What the exported generator makes, of given labels or codes if it takes them."""
    import tensorflow as tf

    generator = tf.saved_model.load(directory / "generator")
    condition = gan_types.get(name).make_condition(num_classes=10)
    if condition is None:
        return generator.sample(4, seed=0).numpy()
    values = {"labels": [0, 1, 2, 9], "codes": [[3, 0.5, -1]] * 4}[condition.source]
    return generator.sample(4, seed=0, **{condition.source: values}).numpy()


def assert_same_arrays(first, second):
    assert first.keys() == second.keys()
    for key, array in first.items():
        np.testing.assert_array_equal(array, second[key], err_msg=key)


@slow
def test_flags_txt_repeats_a_run(place, finished):
    original = "runs/digits-wgan-gp-001"
    output = "with spaces/and 'quotes'"
    result = commands.train(place, f"--flagfile={original}/flags.txt", f"--output_dir={output}")
    assert result.code == 0, result.err
    for name in ("metrics.csv", "samples/step_00000003.png"):
        assert (place / output / name).read_bytes() == (place / original / name).read_bytes()
    assert (place / output / "flags.txt").read_text() == (
        (place / original / "flags.txt").read_text()
    )


@slow
def test_the_printed_lines_give_samples(place, finished):
    told = finished.out.splitlines()
    lines = [line[4:] for line in told[told.index("    import tensorflow as tf") :]]
    assert len(lines) == 5
    code = "\n".join([*lines, "print(images.shape, images.dtype.name)"])
    result = commands.python(code, directory=place)
    assert result.code == 0, result.err
    assert result.out == "(16, 8, 8, 1) float32\n"
    with Image.open(place / "sample.png") as picture:
        assert picture.size == (8, 8)
    (place / "sample.png").unlink()


# Long enough to be interrupted, small enough to be quick.
LONG = (
    "--gan_type=hinge", "--model=mlp", "--width=8", "--steps=1500", "--batch_size=16",
    "--log_every=10", "--checkpoint_every=100", "--sample_every=1000",
    "--learning_rate_decay=linear",
)  # fmt: skip


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The directory of a run that nothing interrupted."""
    directory = tmp_path_factory.mktemp("uninterrupted")
    result = commands.train(directory, *LONG, "--output_dir=out")
    assert result.code == 0, result.err
    return directory / "out"


def wait_for(process, condition, seconds=120):
    """Waits until something is true of a running process."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def assert_same_end(directory, expected):
    name = "step_00001500.weights.h5"
    assert_same_arrays(
        commands.arrays(directory / "checkpoints" / name),
        commands.arrays(expected / "checkpoints" / name),
    )
    for name in ("step_00001000.png", "step_00001500.png"):
        assert (directory / "samples" / name).read_bytes() == (
            (expected / "samples" / name).read_bytes()
        )


@slow
def test_signals_and_the_printed_commands(tmp_path, uninterrupted):
    """Stopped, gone on with as it says, stopped again, gone on with to the same end."""
    process = commands.start(tmp_path, *LONG, "--output_dir=my out")
    metrics = tmp_path / "my out" / "metrics.csv"
    steps = []
    for number, rows in ((signal.SIGTERM, 20), (signal.SIGINT, 60)):
        wait_for(process, lambda n=rows: metrics.exists() and metrics.read_text().count("\n") > n)
        process.send_signal(number)
        stopped = commands.finish(process)
        assert stopped.code == 3, stopped.err
        assert all(f"Going on at step {step} from " in stopped.out for step in steps)
        step = int(re.search(rf"Stopped by {number.name} at step (\d+) of 1500", stopped.out)[1])
        assert 10 * rows <= step < 1500
        steps = [step]
        assert (tmp_path / "my out" / "generator").exists()
        (command,) = re.findall("^To go on: (.*)$", stopped.out, flags=re.MULTILINE)
        process = commands.start_shell(tmp_path, command)
    resumed = commands.finish(process)
    assert resumed.code == 0, resumed.err
    assert f"Going on at step {step} from " in resumed.out
    assert_same_end(tmp_path / "my out", uninterrupted)


@slow
def test_a_killed_run_goes_on_from_its_newest_checkpoint(tmp_path, uninterrupted):
    process = commands.start(tmp_path, *LONG, "--output_dir=out")
    checkpoints = tmp_path / "out" / "checkpoints"
    wait_for(process, lambda: len(list(checkpoints.glob("step_*.h5"))) >= 2)
    os.kill(process.pid, signal.SIGKILL)
    assert commands.finish(process).code == -signal.SIGKILL
    newest = sorted(checkpoints.glob("step_*.h5"))[-1]
    # A checkpoint that the kill has cut short, as on a disk that lost its newest blocks.
    whole = newest.read_bytes()
    (checkpoints / "step_00001499.weights.h5").write_bytes(whole[: len(whole) // 2])
    resumed = commands.train(tmp_path, "--resume=out")
    assert resumed.code == 0, resumed.err
    assert f"from out/checkpoints/{newest.name}" in resumed.out
    assert_same_end(tmp_path / "out", uninterrupted)
    name = "metrics.csv"
    assert (tmp_path / "out" / name).read_bytes() == (uninterrupted / name).read_bytes()


@slow
def test_the_best_checkpoint_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = ("--dataset=ring8", "--gan_type=hinge", *commands.FEW_STEPS, "--checkpoint_every=1")
    assert (
        commands.call(*flags, "--monitor=d_real", "--monitor_mode=max", "--keep_checkpoints=1") == 0
    )
    directory = tmp_path / "runs" / "ring8-hinge-001"
    values = [float(row["d_real"]) for row in commands.rows(directory / "metrics.csv")]
    best, last = sorted(path.name for path in (directory / "checkpoints").iterdir())
    assert best.endswith(f"step_{1 + values.index(max(values)):08d}.weights.h5")
    assert last == "step_00000003.weights.h5"


@slow
def test_the_best_generator_by_what_is_measured(tmp_path, monkeypatch, capsys):
    """Also of a run that goes on with another metric beside it."""
    import tensorflow as tf

    monkeypatch.chdir(tmp_path)
    flags = ("--dataset=ring8", "--gan_type=hinge", *commands.FEW_STEPS, "--checkpoint_every=3")
    assert commands.call(*flags, "--monitor=frechet", "--output_dir=out") == 0
    rows = commands.rows(tmp_path / "out" / "metrics.csv")
    values = [float(row["frechet[points]"]) for row in rows]
    step = 1 + values.index(min(values))
    assert f"Best:      out/best_generator, of step {step}, by" in capsys.readouterr().out
    generator = tf.saved_model.load(tmp_path / "out" / "best_generator")
    assert generator.sample(4, seed=0).shape == (4, 2)
    assert "--monitor=frechet\n" in (tmp_path / "out" / "flags.txt").read_text()
    # A number of fewer samples is another one; without a number there is nothing to go by.
    for flag, part in (
        ("--eval_samples=9", "There: --eval_samples=500. Received: --eval_samples=9"),
        ("--metrics=", "--monitor to be one of"),
    ):
        assert part in commands.call("--resume=out", "--steps=4", flag)
    more = ("--metrics=frechet, frechet_infinity", "--eval_every=2", "--log_every=2")
    assert commands.call("--resume=out", "--steps=4", *more) == 0
    assert "frechet_infinity[points] " in capsys.readouterr().out


@slow
def test_points_give_scatter_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.call("--dataset=ring8", "--gan_type=sngan", *FEW_UPDATES, "--penalties=") == 0
    directory = tmp_path / "runs" / "ring8-sngan-001"
    check_outputs(directory)
    assert "samples = generator.sample(16, seed=0)" in capsys.readouterr().out
    with Image.open(directory / "samples" / "step_00000003.png") as image:
        assert min(image.size) >= 200
    # An empty flag means none in flags.txt, too.
    flagfile = f"--flagfile={directory / 'flags.txt'}"
    assert commands.call(flagfile, "--output_dir=again", "--dry_run") == 0
    assert "hinge; no penalty" in capsys.readouterr().out


@slow
def test_folders_and_archives(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    (tmp_path / "my photos").mkdir()
    for number in range(12):
        pixels = generator.integers(0, 256, [20 + number, 24, 3], np.uint8)
        Image.fromarray(pixels).save(tmp_path / "my photos" / f"{number}.png")
    flags = ("--gan_type=gan", "--dataset=folder:my photos", "--image_size=8")
    assert commands.call(*flags, *commands.FEW_STEPS) == 0
    assert "12 examples of shape (8, 8, 3)" in capsys.readouterr().out
    check_outputs(tmp_path / "runs" / "folder_my_photos-gan-001")

    images = generator.uniform(0, 1, [10, 10, 10]).astype(np.float32)
    np.savez(tmp_path / "images.npz", images=images)
    flags = ("--gan_type=gan", "--dataset=npz:images.npz", "--ema_decay=0")
    assert commands.call(*flags, *commands.FEW_STEPS) == 0
    out = capsys.readouterr().out
    assert "10 examples of shape (10, 10, 1)" in out
    assert "ema_decay None" in out
    check_outputs(tmp_path / "runs" / "npz_images.npz-gan-001")


@slow
@pytest.mark.parametrize(
    "flag, part",
    [
        ("--strategy=mirrored", "1 CPU"),
        ("--mixed_precision=mixed_bfloat16", "mixed_bfloat16"),
        ("--mixed_precision=mixed_float16", "mixed_float16"),
        ("--jit_compile", "XLA on"),
    ],
)
def test_flags_of_the_machine(tmp_path, flag, part, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.call(flag, *FEW_UPDATES) == 0
    assert part in capsys.readouterr().out
    check_outputs(tmp_path / "runs" / "digits-wgan-gp-001")
