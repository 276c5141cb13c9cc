"""What a command says of its flags before it imports TensorFlow."""

import subprocess
import sys

import commands
import pytest
from tfgan_losses.flags import checks, command_line, definitions
from tfgan_losses.models import normalization

from tfgan_losses import (
    auxiliary,
    conditioning,
    constraints,
    datasets,
    extractors,
    gan_types,
    losses,
    metrics,
    models,
    penalties,
    schedules,
)
from tfgan_losses.training.objective import Objective

ALL = tuple(definitions.GROUPS)


def test_what_is_written_here_is_what_there_is():
    assert ("auto", *dict.fromkeys(checks.MODELS[1:])) == checks.MODELS
    assert sorted(checks.MODELS[1:]) == models.names()
    assert ("auto", *normalization.NAMES) == checks.G_NORMALIZATIONS
    assert set(normalization.NAMES) - set(checks.D_NORMALIZATIONS) == {
        "conditional_batch",
        "spectral+conditional_batch",
    }
    assert checks._DATA_SETS == datasets.NAMES
    known = (*checks.EXTRACTORS[1:], *checks.EXTRACTORS_OF_FILES)
    assert set(known) == set(extractors.KINDS)


@pytest.mark.parametrize(
    ("place", "registry"),
    [("losses", losses.registry), ("penalties", penalties.registry),
     ("auxiliary", auxiliary.registry), ("conditioning", conditioning.registry),
     ("constraints.py", constraints.registry), ("schedules.py", schedules.registry),
     ("metrics", metrics.registry)],
)  # fmt: skip
def test_names_that_are_read_are_those_that_are_registered(place, registry):
    assert list(checks.registered(place)) == registry.names()


@pytest.mark.parametrize("name", gan_types.names())
def test_no_column_is_taken_for_a_slip(name):
    recipe = gan_types.get(name)
    objective = Objective(
        recipe.loss,
        penalties=penalties.get_all(recipe.penalties),
        auxiliary=auxiliary.get_all(recipe.auxiliary),
        condition=recipe.make_condition(3),
        updates={"generator": 9, "discriminator": 9},
    )
    for column in objective.report_keys:
        checks.monitor(column, None)


@pytest.mark.parametrize("metric", metrics.names())
def test_no_measured_number_is_taken_for_a_slip(metric):
    for number in metrics.registry.lookup(metric).best:
        checks.monitor(number, None)
        checks.monitor(f"{number}[pixels]", None)


def refusal(*typed):
    with pytest.raises(ValueError) as error:
        command_line.parse(ALL, typed)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--gan_type=wgan-pg", "Did you mean 'wgan-gp'?"),
        ("--gan_type=", "--gan_type: Unknown gan_type"),
        ("--loss=hinges", "Did you mean 'hinge'?"),
        ("--loss=hinge(1)", "--loss: Cannot read this loss specification"),
        ("--penalties=r1, gradient_penality(weight=1)", "Did you mean 'gradient_penalty'?"),
        ("--penalties=r1(weight=cosin(start=1, end=0))", "Did you mean 'cosine'?"),
        ("--auxiliary=clasification", "Did you mean 'classification'?"),
        ("--condition=label", "Did you mean 'labels'?"),
        ("--constraint=weight_cliping", "Did you mean 'weight_clipping'?"),
        ("--model=dcgn", "Did you mean 'dcgan'?"),
        ("--g_normalization=bach", "Did you mean 'batch'?"),
        ("--d_normalization=conditional_batch", "--d_normalization: Unknown normalisation"),
        ("--dataset=mnsit", "Did you mean 'mnist'?"),
        ("--dataset=digit", "Did you mean 'digits'?"),
        ("--dataset=floder:photos", "Did you mean 'folder:photos'?"),
        ("--dataset=nzp:a.npz", "Did you mean 'npz:a.npz'?"),
        ("--dataset=/nowhere/photos", "Did you mean 'folder:/nowhere/photos'?"),
        ("--dataset=./set.npz", "Did you mean 'npz:./set.npz'?"),
        ("--monitor=d_los", "Did you mean 'd_loss'?"),
        ("--monitor=frechte", "Did you mean 'frechet'?"),
        ("--metrics=frechte", "--metrics: Unknown metric"),
        ("--metrics=frechet(", "Cannot read this metric specification"),
        ("--eval_every=0", "--eval_every=0"),
        ("--eval_samples=1", "--eval_samples=1"),
        ("--extractor=pixel", "Did you mean 'pixels'?"),
        ("--extractor=model", "Did you mean 'model:'?"),
        ("--extractor=modle:a.keras", "Did you mean 'model:'?"),
        ("--extractor=pixels:4", "--extractor: Unknown extractor"),
        ("--inception=", "Expected --inception=<file>"),
        ("--monitor_mode=mni", "Did you mean 'min'?"),
        ("--strategy=mirored", "Did you mean 'mirrored'?"),
        ("--ema_decay=half_lif(start=0, end=1)", "Did you mean 'half_life'?"),
        ("--ema_decay=often", "Expected ema_decay to be a number or a schedule"),
        ("--ema_decay=nan", "Expected ema_decay in (0, 1), or 0 for no average"),
        ("--ema_decay=2", "Received: ema_decay=2.0"),
        ("--g_learning_rate=nan", "--g_learning_rate: Expected a finite number. Received: nan"),
        ("--d_learning_rate=inf", "--d_learning_rate: Expected a finite number. Received: inf"),
        ("--g_learning_rate=1e-4x", "--g_learning_rate=1e-4x: Expected a number"),
        ("--dry_run=maybe", "flag --dry_run=maybe: Expected true or false"),
        ("--steps=1e5", "--steps=1e5: Expected a whole number"),
        ("--gan_typ=wgan", "Unknown command line flag 'gan_typ'. Did you mean: gan_type?"),
        ("steps=5", "Did you mean --steps=5?"),
        ("stesp=5", "Did you mean --steps=5?"),
        ("train", "Received: train"),
        ("--loss=wgan-gp", "Received: 'wgan-gp', a recipe. Write --gan_type=wgan-gp"),
        ("--learning_rate_decay=cubic", "Received: 'cubic'"),
    ],
)
def test_one_line_says_what_is_wrong(typed, said):
    assert said in refusal(typed)


@pytest.mark.parametrize(
    "typed",
    ["--monitor=frechet", "--monitor=frechet[digits-cnn-1f2e]", "--monitor=precision",
     "--metrics=", "--metrics=frechet, mixture(width=0.1)", "--extractor=classifier",
     "--extractor=application:VGG16:a.h5", "--extractor=model:a.keras#pool"],
)  # fmt: skip
def test_what_may_be_meant_passes(typed):
    command_line.parse(ALL, [typed])


def test_two_extractors_are_refused_by_name():
    said = refusal("--inception=a.pb", "--extractor=pixels")
    assert "Received: --inception=a.pb --extractor=pixels" in said
    command_line.parse(ALL, ["--inception=a.pb"])


def test_what_only_all_flags_together_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inception.pb").touch()

    def check(*typed):
        checks.check_measuring(command_line.parse(ALL, typed))

    check("--eval_every=150", "--inception=inception.pb")
    check("--eval_every=7", "--log_every=7")
    with pytest.raises(ValueError, match=r"multiple of --log_every.*Did you mean --eval_every=50"):
        check("--eval_every=40")
    with pytest.raises(ValueError, match=r"Did you mean '--inception=inception.pb'\?$"):
        check("--inception=incepton.pb")


def test_a_folder_that_is_there_is_no_data_set_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    assert "Did you mean 'folder:photos'?" in refusal("--dataset=photos")
    checks.check_path("folder:photos")
    with pytest.raises(ValueError, match=r"No such folder.*\. Did you mean 'folder:photos'\?$"):
        checks.check_path("folder:phots/")
    with pytest.raises(ValueError, match=r"No such file\..* that ends in \.npz\. Received: npz:a$"):
        checks.check_path("npz:a")


def test_a_data_set_of_ones_own_is_not_refused(tmp_path):
    (tmp_path / "mnist2").mkdir()
    typed = ["--dataset=mnist2/small:1.0.0", f"--data_dir={tmp_path}"]
    assert command_line.parse(ALL, typed).dataset == "mnist2/small:1.0.0"
    assert "Did you mean 'mnist'?" in refusal("--dataset=mnist2")


@pytest.mark.parametrize("value", ["fashion_mnist", "cifar10:3.0.2", "emnist/letters", "ring8"])
def test_published_data_sets_pass(value):
    assert command_line.parse(ALL, [f"--dataset={value}"]).dataset == value


def test_flagfiles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist.flags").write_text("--steps=3\n")
    said = refusal("--flagfile=minst.flags")
    assert said.endswith("Received: --flagfile=minst.flags. Did you mean '--flagfile=mnist.flags'?")
    assert refusal("--flagfile=a/b").endswith("Received: --flagfile=a/b")
    (tmp_path / "binary.txt").write_bytes(b"\x89PNG\xff\xfe\x00")
    assert "Expected a flagfile of text" in refusal("--flagfile=binary.txt")


@pytest.mark.parametrize("typed", ["--gan_type=wgan-pg", "--loss=hnge", "--dataset=mnsit",
                                   "--dataset=folder:phots", "--model=dcgn",
                                   "--list_gan_types"])  # fmt: skip
def test_no_tensorflow_before_the_names_are_right(tmp_path, typed):
    (tmp_path / "photos").mkdir()
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "train.py", typed],
        cwd=commands.workplace(tmp_path),
        env=commands.environment(),
        capture_output=True,
        text=True,
    )
    imported = {line.split("|")[-1].strip() for line in result.stderr.splitlines()}
    assert not imported & {"tensorflow", "keras"}
    errors = [line for line in result.stderr.splitlines() if not line.startswith("import time:")]
    if typed == "--list_gan_types":
        assert result.returncode == 0 and "wgan-gp" in result.stdout and not errors
    else:
        assert result.returncode == 1 and "Did you mean" in errors[-2]
        assert errors[-1].startswith("(python train.py --help shows all flags")
