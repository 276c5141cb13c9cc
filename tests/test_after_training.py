"""`sample`, `interpolate` and `evaluate`, as a person types them."""

import json
import shutil
import subprocess
import sys

import commands
import networks
import numpy as np
import pytest
import runs
from PIL import Image

from tfgan_losses import RunDirectory, commands as rooms, datasets
from tfgan_losses.measuring import opening
from tfgan_losses.measuring.description import quantised


def call(name, *flags):
    """The exit code of a command in this process, or what it would write to stderr."""
    try:
        return rooms.get(name).call([*map(str, flags)], typed=f"python -m tfgan_losses {name}")
    except SystemExit as end:
        return end.code


def refused(name, *flags):
    """The one line that a command ends with, without the hint below it."""
    said, hint = str(call(name, *flags)).split("\n")
    assert said.startswith(f"{name}: ") and "--help shows all flags" in hint
    return said


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with runs, data, and what is neither; nobody writes into it."""
    path = tmp_path_factory.mktemp("place")
    # It has ended, and step 1 is the best by d_loss.
    runs.write(path / "run", runs.labelled(), best="d_loss")
    runs.write(path / "plain", networks.recipe_gan("hinge"))
    images = quantised(networks.examples(60))
    np.savez(path / "data.npz", images=images, labels=networks.labels(60))
    np.savez(path / "large.npz", images=images[:30].repeat(2, axis=1).repeat(2, axis=2))
    for name in ("empty", "few", "torn"):
        (path / name).mkdir()
    for number, image in enumerate(images[:30, ..., 0]):
        Image.fromarray(image).save(path / "few" / f"{number}.png")
    (path / "torn" / "saved_model.pb").write_bytes(b"abc")
    (path / "text.txt").write_text("")
    return path


@pytest.fixture
def run(place):
    return RunDirectory(place / "run")


@pytest.fixture
def data(place):
    return place / "data.npz"


def levels_of(folder):
    return [np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))]


def test_samples_are_those_of_generate_to_the_byte(run, tmp_path, capsys):
    assert (
        call("sample", f"--run={run.path}", "--count=7", "--seed=3", f"--output={tmp_path}/o") == 0
    )
    gan = opening.open_run(run).generator
    expected = quantised(gan.generate(7, seed=3))[..., 0]
    np.testing.assert_array_equal(levels_of(tmp_path / "o"), expected)
    said = f"7 samples of {run.path}, step 2: {tmp_path}/o/00000.png and so on\n"
    assert capsys.readouterr().out == said


def test_a_step_classes_and_an_archive(run, tmp_path):
    flags = ("--count=5", "--checkpoint=best", "--labels=owl,0", "--npz", "--grid")
    assert call("sample", f"--run={run.path}", *flags, f"--output={tmp_path}/o") == 0
    assert sorted(x.name for x in (tmp_path / "o").iterdir()) == ["samples.npz", "samples.png"]
    source = datasets.load(f"npz:{tmp_path}/o/samples.npz")
    np.testing.assert_array_equal(source.labels, [2, 0, 2, 0, 2])
    gan = opening.open_run(run, "1").generator
    expected = quantised(gan.generate(5, seed=0, labels=[2, 0, 2, 0, 2]))
    np.testing.assert_array_equal(source.examples, expected)


def test_truncation_changes_latents_only(run, tmp_path):
    for name, flags in (("a", ()), ("b", ("--truncation=0.2",)), ("c", ("--truncation=9",))):
        typed = ("--count=9", *flags, f"--output={tmp_path}/{name}")
        assert call("sample", f"--run={run.path}", *typed) == 0
    a, b, c = (np.stack(levels_of(tmp_path / name)).astype(int) for name in "abc")
    assert np.abs(a - c).max() <= 1 and np.abs(a - b).max() > 5
    rows = [commands.rows(tmp_path / name / "labels.csv") for name in "ab"]
    assert rows[0] == rows[1]


def test_points_are_an_archive_and_a_picture(tmp_path):
    run = runs.write(tmp_path / "run", networks.recipe_gan("hinge", example_shape=(2,)))
    assert call("sample", f"--run={run.path}", "--count=600", f"--output={tmp_path}/o") == 0
    assert sorted(x.name for x in (tmp_path / "o").iterdir()) == ["samples.npz", "samples.png"]
    source = datasets.load(f"npz:{tmp_path}/o/samples.npz")
    expected = opening.open_run(run).generator.generate(600, seed=0)
    np.testing.assert_array_equal(source.examples, expected)


def test_ways_between_seeds(run, tmp_path):
    flags = ("--count=2", "--steps=4", f"--output={tmp_path}/o")
    assert call("interpolate", f"--run={run.path}", *flags) == 0
    with Image.open(tmp_path / "o" / "interpolation.png") as picture:
        assert picture.size == (5 * 66 + 2, 3 * 66 + 2)  # From seed to seed, a row for each class.
    with Image.open(tmp_path / "o" / "interpolation.gif") as animation:
        assert animation.n_frames == 8


def test_a_run_is_measured(run, data, tmp_path, capsys):
    flags = (f"--dataset=npz:{data}", "--extractor=pixels", "--metrics=frechet", "--samples=50")
    path = tmp_path / "a.json"
    assert call("evaluate", f"--run={run.path}", *flags, f"--output={path}") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"generated: {run.path}, step 2: 50 examples, seed 0"
    assert out[2].startswith("features:  pixels: 16 numbers")
    found = json.loads(path.read_text())
    shown = next(line for line in out if line.startswith("frechet[pixels]")).split()[1]
    assert float(shown) == pytest.approx(found["numbers"]["frechet[pixels]"], rel=1e-3)
    assert found["generated"]["step"] == 2 and found["generated"]["count"] == 50
    assert found["real"]["fingerprint"]["kind"] == "npz" and found["real"]["count"] == 60
    assert found["command"].startswith(f"python -m tfgan_losses evaluate --run={run.path} ")
    # The export is the same generator; it is written into the working directory by default.
    other = (f"--generator={run.generator}", *flags, f"--output={tmp_path}/b.json")
    assert call("evaluate", *other) == 0
    again = json.loads((tmp_path / "b.json").read_text())["numbers"]["frechet[pixels]"]
    assert again == pytest.approx(found["numbers"]["frechet[pixels]"], rel=1e-3)


def test_numbers_go_into_the_run_one_after_the_other(run, data, tmp_path):
    run = RunDirectory(shutil.copytree(run.path, tmp_path / "run"))
    flags = (f"--dataset=npz:{data}", "--extractor=pixels", "--metrics=frechet")
    for _ in range(2):
        assert call("evaluate", f"--run={run.path}", *flags) == 0
    there = sorted(path.name for path in run.path.glob("*.json"))
    assert there == ["evaluation-001.json", "evaluation-002.json"]
    first, second = (json.loads((run.path / name).read_text()) for name in there)
    assert first["numbers"] == second["numbers"]


def test_two_sets_of_images(place, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = ("--extractor=pixels", "--metrics=frechet")
    assert call("evaluate", f"--generator={data}", f"--against={data}", *flags) == 0
    assert call("evaluate", f"--generator={place / 'few'}", f"--against={data}", *flags) == 0
    same, few = (json.loads((tmp_path / f"evaluation-00{i}.json").read_text()) for i in (1, 2))
    assert same["numbers"]["frechet[pixels]"] == pytest.approx(0, abs=1e-6)
    assert few["numbers"]["frechet[pixels]"] > 0.1
    assert few["generated"]["count"] == 30 and few["real"]["count"] == 60


def test_what_is_refused_without_tensorflow(run, tmp_path):
    code = (
        "READS_FLAGS_FIRST = True\nimport sys\nfrom tfgan_losses import commands\n"
        "for typed in sys.argv[1:]:\n"
        "    name, *flags = typed.split()\n"
        "    try:\n        commands.get(name).call(flags, typed=name)\n"
        "    except SystemExit as end:\n        print(str(end).splitlines()[0])\n"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)\n"
    )
    typed = [
        "sample --run=nowhere --output=o",
        f"sample --run={run.path}",
        f"interpolate --run={run.path} --output={run.path}",
        "evaluate --generator=nothing --dataset=digits",
        f"evaluate --run={run.path} --metrics=freche",
        f"evaluate --run={run.path} --dataset=npz:nothing.npz",
        f"evaluate --run={run.path} --dataset=digits --output={run.record.parent}/none/a.json",
    ]
    result = subprocess.run(
        [sys.executable, "-c", code, *typed],
        cwd=commands.ROOT, env=commands.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    *lines, modules = result.stdout.splitlines()
    assert modules == "False False" and len(lines) == len(typed), result.stdout


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--run={at}/rum",), "Expected that of a run. Received: --run={at}/rum. Did you mean"),
        (("--run={at}",), "Expected the directory of a run, with flags.txt"),
        (("--run={at}/run/generator",), "an exported generator. Did you mean --run={at}/run?"),
        (("--run={at}/run", "--output={at}/run"), "Expected a new or empty folder, so that"),
        (("--run={at}/run", "--output={at}/data.npz"), "File exists"),
        (("--run={at}/run", "--count=0"), "flag --count=0: 0 is not a positive integer"),
        (("--run={at}/run", "--checkpoint=7"), "one of 1, 2. Received: --checkpoint=7"),
        (("--run={at}/run", "--checkpoint=lsat"), "Expected best, last, or a step"),
        (("--run={at}/run", "--labels=owel"), "Did you mean 'owl'?"),
        (("--run={at}/run", "--labels=3"), "or a name of its classes. Received: --labels=3"),
        (("--run={at}/run", "--labels=,"), "--labels: Expected classes with commas between"),
        (("--run={at}/plain", "--labels=1"), "--labels=1 for one with condition=none"),
        (("--run={at}/plain", "--checkpoint=best"), "was trained with --monitor="),
        (("--run={at}/run", "--truncation=0"), "--truncation: Expected a number above 0"),
    ],
)
def test_what_sample_refuses(flags, message, place, tmp_path):
    given = [flag.format(at=place) for flag in flags]
    assert message.format(at=place) in refused("sample", f"--output={tmp_path}/o", *given)
    assert not any(tmp_path.iterdir())  # No empty folder is left.


def test_a_folder_where_nothing_can_be_written(run):
    assert "made and written to. Received: --output=/proc/o" in refused(
        "sample", f"--run={run.path}", "--output=/proc/o"
    )


def test_a_run_without_a_generator(run, tmp_path):
    run = RunDirectory(shutil.copytree(run.path, tmp_path / "run"))
    shutil.rmtree(run.checkpoints)
    shutil.rmtree(run.generator)
    said = refused("sample", f"--run={run.path}", f"--output={tmp_path}/o")
    assert "with a checkpoint or an exported generator" in said and "gan.keras" in said


def test_a_generator_of_nan_leaves_nothing(tmp_path):
    gan = networks.recipe_gan("hinge")
    gan.generator.trainable_variables[-1].assign_add([np.nan] * 16)
    run = runs.write(tmp_path / "run", gan)
    for name in ("sample", "interpolate"):
        said = refused(name, f"--run={run.path}", f"--output={tmp_path}/o")
        assert "Received: NaN or infinity among its samples" in said
        assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "Expected one of --run=<directory> and --generator="),
        (("--run={at}/run", "--generator={at}/few"), "Received: both"),
        (("--run={at}/run",), "Expected --dataset=<real data> or --against="),
        (("--generator={at}/fwe",), "not there. Did you mean '--generator={at}/few'?"),
        (("--generator={at}/text.txt",), "text.txt, another file"),
        (("--generator={at}/empty", "--against={at}/data.npz"), "folder has no images"),
        (("--generator={at}/torn", "--against={at}/data.npz"), "generator that can be read"),
        (("--generator={at}/large.npz",), "Expected --dataset=<real data> or --against="),
        (("--generator={at}/large.npz", "--against={at}/data.npz"), "or --image_size=4x4, to"),
        (("--run={at}/run", "--against={at}/large.npz"), "Expected real examples of shape (4,"),
        (("--run={at}/run", "--dataset=npz:{at}/date.npz"), "Did you mean"),
        (("--run={at}/run", "--dataset=digits", "--against={at}/data.npz"), "Received: both"),
        (("--run={at}/run", "--metrics=freche"), "Did you mean 'frechet'?"),
        (("--run={at}/run", "--samples=1"), "flag --samples=1: 1 is not integer >= 2"),
        (("--generator={at}/data.npz", "--against={at}/data.npz", "--samples=99"),
         "as many examples as --samples=99. Received: npz:"),
        (("--generator={at}/data.npz", "--checkpoint=best"), "--checkpoint only with --run"),
        (("--run={at}/run", "--against={at}/data.npz", "--output={at}/text.txt"),
         "which is there"),
    ],
)  # fmt: skip
def test_what_evaluate_refuses(flags, message, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = [flag.format(at=place) for flag in flags]
    said = refused("evaluate", *given, "--extractor=pixels")
    assert message.format(at=place) in said
    assert not [*tmp_path.iterdir(), *place.glob("**/evaluation-*.json")]


def test_files_that_differ_in_size_are_compared_at_one(place, data, tmp_path):
    flags = (f"--generator={place}/large.npz", f"--against={data}", "--image_size=4")
    output = tmp_path / "a.json"
    more = ("--extractor=pixels", "--metrics=frechet", f"--output={output}")
    assert call("evaluate", *flags, *more) == 0
    found = json.loads(output.read_text())
    assert found["example_shape"] == [4, 4, 1]
    assert "8x8" in found["generated"]["preparation"]


@pytest.mark.slow
def test_a_run_of_the_default_data_from_its_own_flags(tmp_path):
    flags = ("--gan_type=acgan", "--monitor=d_loss", *commands.FEW_STEPS)
    assert commands.train(tmp_path, *flags, "--output_dir=run").code == 0
    run = RunDirectory(tmp_path / "run")
    shutil.copytree(run.path, tmp_path / "rebuilt")
    rebuilt = RunDirectory(tmp_path / "rebuilt")
    rebuilt.gan.unlink()
    for each in (run, rebuilt):
        out = f"--output={tmp_path}/{each.path.name}-samples"
        assert call("sample", f"--run={each.path}", "--count=5", out) == 0
    pairs = zip(*(levels_of(tmp_path / f"{n}-samples") for n in ("run", "rebuilt")), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)
    result = commands.python(
        "import sys; from tfgan_losses import commands;"
        "sys.exit(commands.get('evaluate').call(sys.argv[1:], typed='evaluate'))",
        f"--run={run.path}",
        directory=tmp_path,
        PYTHONPATH=str(commands.ROOT),
    )
    assert result.code == 0, result.err
    found = json.loads((run.path / "evaluation-001.json").read_text())
    assert found["real"]["name"] == "digits" and found["real"]["count"] == 1797
    assert found["generated"]["count"] == 1797
    assert any(name.startswith("frechet[") for name in found["numbers"])
