"""`export`, as a person types it."""

import shutil

import networks
import numpy as np
import pytest
import runs

from tfgan_losses import commands as rooms, random
from tfgan_losses.commands import export
from tfgan_losses.exporting import formats
from tfgan_losses.measuring import opening


def call(*flags):
    """The exit code of the command, or the line that it would write to stderr."""
    typed = "python -m tfgan_losses export"
    try:
        return rooms.get("export").call([*map(str, flags)], typed=typed)
    except SystemExit as end:
        return str(end.code).splitlines()[0]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """It has ended at step 2, and step 1 is the best by d_loss."""
    return runs.write(tmp_path_factory.mktemp("runs") / "run", runs.labelled(), best="d_loss")


def test_a_run_in_several_formats(run, tmp_path, capsys):
    folder = tmp_path / "new" / "out"
    flags = (f"--run={run.path}", "--format=onnx,tflite", f"--output={folder}")
    assert call(*flags, "--checkpoint=best") == 0
    said, heads, *rows = capsys.readouterr().out.splitlines()
    assert said == (
        f"{run.path}, step 1: latents [n, 6], labels [n] (lines of {folder}/classes.txt, from 0) "
        "-> samples [n, 4, 4, 1]"
    )
    assert (folder / "classes.txt").read_text() == "cat\ndog\nowl\n"
    assert heads.split() == [word for head in export._HEADS for word in head.split()]
    generator = opening.open_run(run, "best").generator
    labels = np.array([2, 0, 1], "int32")
    expected = generator.generate(3, seed=0, labels=labels)
    last = opening.open_run(run).generator.generate(3, seed=0, labels=labels)
    assert np.abs(last - expected).max() > 1e-3
    inputs = [np.asarray(random.sample_latents(3, generator.latent_dim, 0)), labels]
    for name, row in zip(("onnx", "tflite"), rows, strict=True):
        kind, megabytes, one, each, difference, path = row.split()
        assert kind == name and path == str(folder / f"generator.{name}")
        size = (folder / f"generator.{name}").stat().st_size
        assert float(megabytes) == pytest.approx(size / 1e6, abs=0.005)
        assert float(one) > 0 and float(each) > 0 and float(difference) < 1e-5
        samples = formats.get(name).room.load(folder / f"generator.{name}")(inputs)
        np.testing.assert_allclose(samples, expected, rtol=0, atol=1e-5)


def test_what_was_written_before_a_failure_stays(run, tmp_path, monkeypatch, capsys):
    def fails(generator, path):
        path.write_text("half")
        raise RuntimeError("of a converter\nwith many lines")

    monkeypatch.setattr(formats.get("onnx").room, "write", fails)
    flags = (f"--run={run.path}", "--format=keras,onnx,tflite", f"--output={tmp_path}")
    assert call(*flags) == (
        "export: Expected a generator that onnx can hold. Received: of a converter"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.txt", "generator.keras"]
    assert capsys.readouterr().out.splitlines()[-1].startswith("keras ")


def test_a_run_without_classes(tmp_path, capsys):
    run = runs.write(tmp_path / "run", networks.recipe_gan("hinge"), exported=False)
    networks.recipe_gan("hinge").save(run.gan)
    output = tmp_path / "out"
    assert call(f"--run={run.path}", "--format=savedmodel", f"--output={output}") == 0
    assert "latents [n, 6] -> samples [n, 4, 4, 1]" in capsys.readouterr().out
    assert opening.open_export(output / "generator").generator.condition is None
    assert [path.name for path in output.iterdir()] == ["generator"]


def test_where_only_an_export_is_left(run, tmp_path):
    left = tmp_path / "run"
    shutil.copytree(run.path, left)
    shutil.rmtree(left / "checkpoints")
    said = call(f"--run={left}", "--format=tflite", f"--output={tmp_path}/out")
    assert said.startswith("export: Expected a run with a checkpoint, and gan.keras or flags.txt")
    assert f"Received: --run={left}, of which only {left}/generator is left" in said
    assert not (tmp_path / "out").exists()


def test_a_run_of_one_image_is_refused(tmp_path):
    (tmp_path / "run" / "scale_00").mkdir(parents=True)
    (tmp_path / "run" / "run.json").write_text("{}")
    said = call(f"--run={tmp_path}/run", "--format=onnx", f"--output={tmp_path}/out")
    assert said.startswith("export: Expected a run of one generator.")
    assert f"SavedModel, {tmp_path}/run/generator" in said and not (tmp_path / "out").exists()


def test_no_format(run, tmp_path):
    said = call(f"--run={run.path}", f"--output={tmp_path}/out")
    assert said == "export: Expected --format=<one or more formats>. Received: no --format"
