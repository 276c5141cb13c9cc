"""`python -m tfgan_losses doctor`, as a person types it and reads it."""

import importlib.metadata
import subprocess
import sys

import commands
import pytest

from tfgan_losses import __main__ as entry
from tfgan_losses.commands import doctor
from tfgan_losses.diagnosis import machine
from tfgan_losses.diagnosis.finding import Finding

FINE = [Finding("devices", "CPU"), Finding("first step", "made")]


def told(monkeypatch, capsys, tried):
    """The exit code and the lines of the report, with these findings of TensorFlow."""
    monkeypatch.setattr("tfgan_losses.diagnosis.probing.findings", lambda: tried)
    code = doctor.COMMAND.call([], typed="python -m tfgan_losses doctor")
    return code, capsys.readouterr().out.splitlines()


def test_all_is_well(monkeypatch, capsys):
    code, lines = told(monkeypatch, capsys, FINE)
    assert code == 0 and lines[-1] == "A first step can be made."
    begins = [line.split("  ")[0] for line in lines]
    assert begins[:2] == ["tfgan_losses", "Python"] and "packages" in begins
    assert f"numpy=={importlib.metadata.version('numpy')}" in " ".join(lines)
    assert max(len(line) for line in lines if not line.startswith("note: ")) <= 100


def test_what_is_wrong_has_a_line_each_and_the_code_is_1(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr("tfgan_losses.environment._of_keras", lambda: {"backend": "jax"})
    tried = [Finding("XLA", "failed", note="no XLA"), Finding("x", "failed", problem="no step")]
    code, lines = told(monkeypatch, capsys, tried)
    assert code == 1 and "note: no XLA" in lines
    wrong = [line for line in lines if line.startswith("wrong: ")]
    assert wrong[0].startswith("wrong: Expected Keras with backend='tensorflow'")
    assert wrong[1:] == ["wrong: no step"] == lines[-1:]


def test_a_gpu_that_tensorflow_does_not_use(monkeypatch, capsys):
    monkeypatch.setattr(machine, "_gpus", lambda: [Finding("GPU", "H100")])
    assert any('pip install "tfgan_losses[gpu]"' in x for x in told(monkeypatch, capsys, FINE)[1])
    tried = [Finding("devices", "CPU, GPU H100"), FINE[1]]
    assert not any("[gpu]" in line for line in told(monkeypatch, capsys, tried)[1])


def test_gpus_are_those_of_the_driver(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H100, 550.90, 80000 MiB, 81559 MiB'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    value = "NVIDIA H100, driver 550.90, 80000 MiB of 81559 MiB free"
    assert machine._gpus() == [Finding("GPU", value)]
    program.write_text("#!/bin/sh\nexit 9\n")
    assert machine._gpus() == []


def test_secrets_and_names_are_not_in_the_report(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TF_VAR_password", "secret")
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=x")
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    found = {each.name: each.value for each in machine.findings()}
    assert "secret" not in str(found) and "XLA_FLAGS=--xla_dump_to=x" in found["variables"]
    assert found["data directory"].startswith("~/tensorflow_datasets, ")


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "file" / "data"))
    (found,) = [each for each in machine.findings() if each.name == "data directory"]
    assert found.value.endswith("not writable") and "--data_dir or TFDS_DATA_DIR" in found.note


def test_the_version(capsys):
    assert entry.main(["--version"]) == 0
    assert capsys.readouterr().out == f"tfgan_losses {importlib.metadata.version('tfgan_losses')}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("broken", "code"), [(None, 0), ("keras", 1)])
def test_the_command(tmp_path, broken, code):
    """Also where Keras does not import."""
    paths = [str(commands.ROOT)]
    if broken:
        (tmp_path / f"{broken}.py").write_text("raise ImportError('of a test')\n")
        paths.insert(0, str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "-m", "tfgan_losses", "doctor"],
        cwd=tmp_path,
        env=commands.environment(PYTHONPATH=":".join(paths)),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    last = ended.stdout.splitlines()[-1]
    wrong = "wrong: import of Keras: ImportError: of a test"
    assert last == (wrong if broken else "A first step can be made.")
