"""--callbacks=module:function, from what is typed to callbacks that hear of a run."""

import json
import sys

import commands
import pytest
from tfgan_losses.flags import callbacks, command_line

from tfgan_losses.run_files.directory import RunDirectory

MODULE = """
import json, keras

class Recorder(keras.callbacks.Callback):
    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_report(self, step, scalars, pictures):
        line = [step, sorted(scalars), sorted(pictures), self.run.id, self.run.resumed]
        with open("heard.jsonl", "a") as file:
            file.write(json.dumps(line) + "\\n")

def both(run):
    return [Recorder(run), keras.callbacks.Callback()]

def number(run):
    return 3

def nothing(run):
    pass

def broken(run):
    raise KeyError("API_KEY")

several = [Recorder]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, with a module in it that no other test has imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "my_trackers.py").write_text(MODULE)
    (tmp_path / "half.py").write_text("1 / 0")
    yield tmp_path
    sys.modules.pop("my_trackers", None)


def make(typed, directory):
    flags = command_line.parse(("objective", "run"), [f"--callbacks={typed}"])
    run = callbacks.StartedRun.of(flags, RunDirectory(directory), resumed=False)
    return callbacks.make(callbacks.find(flags.callbacks), run)


def test_a_factory_is_told_of_the_run(here):
    (recorder,) = make("my_trackers:Recorder", here)
    run = recorder.run
    assert (run.name, run.directory, run.resumed) == (here.name, here.resolve(), False)
    assert run.flags["gan_type"] == "wgan-gp" and run.flags["log_every"] == 50
    assert "resume" not in run.flags  # Of one call, not of the run.
    assert run.id == RunDirectory(here).tracking_id() and len(run.id) == 16


def test_several_and_lists(here):
    made = make(" my_trackers:Recorder ,my_trackers:both,my_trackers:Recorder", here)
    assert [type(each).__name__ for each in made] == ["Recorder", "Recorder", "Callback"]
    assert make("", here) == []


@pytest.mark.parametrize(
    "typed, said",
    [
        ("no_such:make", "imported from .* ModuleNotFoundError: No module named 'no_such'"),
        ("half:make", "--callbacks=half:make, which raised ZeroDivisionError: division by zero"),
        ("my_trackers:Recordr", "Did you mean 'Recorder'"),
        ("my_trackers:several", "takes the run and returns callbacks .* of type list"),
        ("my_trackers:number", "my_trackers:number, which returned one of type int"),
        ("my_trackers:nothing", "which returned one of type NoneType"),
        ("my_trackers:broken", "my_trackers:broken, which raised KeyError: 'API_KEY'"),
        ("my_trackers:json", "of type module"),
    ],
)
def test_what_cannot_be_had_is_refused_in_one_line(here, typed, said):
    with pytest.raises(ValueError, match=said) as error:
        make(typed, here)
    assert "\n" not in str(error.value) and "Expected" in str(error.value)


@pytest.mark.parametrize("typed", ["trackers", "trackers:", ":make", "a-b:make", "a:b:c", "a:b c"])
def test_what_is_no_name_is_refused_without_an_import(typed):
    with pytest.raises(ValueError, match=r"--callbacks: Expected <module>:<function>"):
        command_line.parse(("run",), [f"--callbacks={typed}"])


@pytest.mark.slow
def test_the_command_tells_them_all_and_a_resumed_run_goes_on(here, capfd):
    flags = ("--dataset=ring8", *commands.FEW_STEPS, "--callbacks=my_trackers:both")
    assert commands.call(*flags, "--output_dir=run") == 0
    assert commands.call("--resume=run", "--steps=4") == 0
    heard = [json.loads(line) for line in (here / "heard.jsonl").read_text().splitlines()]
    names = RunDirectory(here / "run").rows()[0].keys() - {"step"}
    with_scalars = [(step, resumed) for step, found, _, _, resumed in heard if found]
    assert with_scalars == [(1, False), (2, False), (3, False), (4, True)]
    for _, found, *_ in (each for each in heard if each[1]):
        assert {"g_learning_rate", "d_learning_rate"} < set(found)
        assert {name for name in names if "frechet" not in name} < set(found)
    assert [(each[0], each[2]) for each in heard if each[2]] == [
        (0, ["real"]), (0, ["samples"]), (2, ["samples"]), (3, ["samples"]), (4, ["samples"]),
    ]  # fmt: skip
    assert len({each[3] for each in heard}) == 1


def test_a_refused_run_leaves_no_directory(here, capfd):
    flags = ("--dataset=ring8", *commands.FEW_STEPS, "--output_dir=run")
    said = commands.call(*flags, "--callbacks=my_trackers:broken")
    assert "my_trackers:broken, which raised KeyError: 'API_KEY'" in said
    assert not (here / "run").exists()
    # A dry run imports, and asks no tracker.
    assert commands.call(*flags, "--callbacks=my_trackers:broken", "--dry_run") == 0
    said = commands.call(*flags, "--callbacks=no_such:make", "--dry_run")
    assert "No module named 'no_such'" in said


def test_a_pyramid_refuses_them_by_name(here, capfd):
    (here / "photo.png").write_bytes(b"")
    said = commands.call("--gan_type=singan", "--dataset=image:photo.png", "--callbacks=a:b")
    assert "each scale is a training of its own" in said and "Received: --callbacks=a:b" in said


def test_of_several_workers_only_the_chief_has_them(here, monkeypatch):
    from tfgan_losses.commands import train

    cluster = {"worker": ["localhost:1", "localhost:2"]}
    flags = command_line.parse(
        train.COMMAND.groups, ["--strategy=multi_worker", "--callbacks=my_trackers:both"]
    )
    for index, count in ((0, 1), (1, 0)):
        task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
        monkeypatch.setenv("TF_CONFIG", json.dumps(task))
        assert len(train._factories(flags)) == count
