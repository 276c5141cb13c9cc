"""The classes that docs/trackers.md has for W&B and MLflow, run without a network."""

import re
import sys

import commands
import pytest
from snippets import python_blocks

from tfgan_losses.run_files.directory import RunDirectory

PAGE = commands.ROOT / "docs" / "trackers.md"
FLAGS = ("--dataset=ring8", *commands.FEW_STEPS, "--output_dir=run")


def classes():
    """The blocks of the page by the names of their classes."""
    blocks = python_blocks(PAGE.read_text(encoding="utf-8"))
    return {re.search(r"^class (\w+)", block, re.MULTILINE)[1]: block for block in blocks}


def train(name, directory, monkeypatch):
    """A run of three steps and its resume to the fourth, with a class of the page."""
    monkeypatch.chdir(directory)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "trackers", raising=False)
    (directory / "trackers.py").write_text(classes()[name])
    assert commands.call(*FLAGS, f"--callbacks=trackers:{name}") == 0
    assert commands.call("--resume=run", "--steps=4") == 0
    sys.modules.pop("trackers")
    return RunDirectory(directory / "run")


def test_the_page_has_what_it_says():
    assert set(classes()) == {"Tracker", "WandB", "MLflow", "Aim", "Neptune"}
    for name, block in classes().items():
        compile(block, name, "exec")
        assert f"--callbacks=trackers:{name}" in PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_smallest_one_prints_each_report(tmp_path, monkeypatch, capfd):
    train("Tracker", tmp_path, monkeypatch)
    printed = capfd.readouterr().out
    assert re.findall(r"^run (\d) {'d_real'", printed, re.MULTILINE) == ["1", "2", "3", "4"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_with_a_local_store(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    run = train("MLflow", tmp_path, monkeypatch)
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("gans").experiment_id
    (found,) = client.search_runs([experiment])
    assert found.data.tags["id"] == run.tracking_id() and found.info.status == "FINISHED"
    assert found.data.params["gan_type"] == "wgan-gp" and found.data.params["steps"] == "3"
    history = client.get_metric_history(found.info.run_id, "d_loss")
    losses = {row["step"]: row["d_loss"] for row in run.rows()}
    assert {each.step: each.value for each in history} == pytest.approx(losses)
    pictures = [each.path for each in client.list_artifacts(found.info.run_id, "samples")]
    assert pictures == [f"samples/step_{step:08d}.png" for step in (0, 2, 3, 4)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wandb_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    run = train("WandB", tmp_path, monkeypatch)
    parts = sorted((run.path / "wandb").glob(f"offline-run-*-{run.tracking_id()}"))
    assert len(parts) == 2  # One before and one after the resume, of one id.
    logged = b"".join((part / f"run-{run.tracking_id()}.wandb").read_bytes() for part in parts)
    for name in run.rows()[-1].keys() | {"g_learning_rate", "wgan-gp"}:
        assert name.encode() in logged
    media = [path.name for part in parts for path in (part / "files/media/images").iterdir()]
    names = [name.split("_")[0] for name in media]
    assert sorted(names) == ["real", "samples", "samples", "samples", "samples"]
