"""How the program of the steps may end, and what is said of it."""

import json
import textwrap

import pytest

from tfgan_losses.diagnosis import probe, probing

BEGIN = """
import json, os, signal, sys
def say(**line): print(json.dumps(line), flush=True)
say(begins="import of TensorFlow")
"""


def findings(tmp_path, code):
    program = tmp_path / "program.py"
    program.write_text(BEGIN + textwrap.dedent(code))
    return probing.findings(program)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("os.kill(os.getpid(), signal.SIGILL)", "was ended by SIGILL: this processor lacks"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL: there was not enough mem"),
        ("sys.exit('no libcuda')", "the process ended with code 1; it said: no libcuda"),
        ("say(name='import of TensorFlow', error='ImportError: x')", "TensorFlow: ImportError: x"),
    ],
)
def test_tensorflow_that_does_not_start(tmp_path, code, problem):
    (found,) = findings(tmp_path, code)
    assert found.name == "import of TensorFlow" and problem in found.problem


def test_a_step_that_training_does_without_is_a_note(tmp_path):
    code = """
    say(name="import of TensorFlow", value="2.0")
    print("what a library prints to stdout")
    print("oneDNN custom operations are on.", file=sys.stderr)
    say(begins="XLA")
    say(name="XLA", error="no compiler " * 100)
    """
    tensorflow, xla, onednn = findings(tmp_path, code)
    assert (tensorflow.value, tensorflow.problem, onednn.value) == ("2.0", "", "on")
    assert xla.problem == "" and xla.note.startswith("XLA: no compiler") and len(xla.note) < 400


def test_a_program_that_does_not_start(tmp_path):
    (found,) = probing.findings(tmp_path / "missing.py")
    assert "TensorFlow: the process ended with code 2; it said:" in found.problem


def test_the_program_tells_of_each_step_and_ends_at_one_it_needs(monkeypatch, capsys):
    def broken():
        raise ValueError("two\nlines")

    monkeypatch.setattr(probe, "NEEDED", ("second",))
    monkeypatch.setattr(probe, "STEPS", {"first": broken, "second": broken, "third": lambda: ""})
    assert probe.main() == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failed = "ValueError: two lines"
    assert lines == [
        {"begins": "first"},
        {"name": "first", "error": failed},
        {"begins": "second"},
        {"name": "second", "error": failed},
    ]


def test_its_steps_work_here(monkeypatch, capsys):
    """Without those that only import, and the one that trains, which a slow test has."""
    steps = {name: probe.STEPS[name] for name in ("devices", "CUDA", "XLA", "mixed precision")}
    monkeypatch.setattr(probe, "STEPS", steps)
    assert probe.main() == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    values = {each["name"]: each["value"] for each in said if "name" in each}
    assert set(values) == set(steps) and "CPU" in values["devices"]
    assert values["XLA"].startswith("compiles")
