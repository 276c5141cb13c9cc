import subprocess

import numpy as np
import pytest
from commands import ROOT, environment, finish
from PIL import Image

from tfgan_losses import gan_types, schedules


def arguments(directory, *more):
    return [
        "--quick",
        "--gan_types=gan,hinge",
        "--datasets=ring8",
        "--seeds=0",
        "--jobs=1",
        f"--output_dir={directory}",
        *more,
    ]


@pytest.mark.slow
def test_trains_once_and_writes_a_table_and_a_picture(script, tmp_path, capsys):
    mixtures = script("mixtures")
    mixtures.main(arguments(tmp_path))
    assert capsys.readouterr().out.count(": trained") == 2
    table = (tmp_path / "table.md").read_text()
    rows = [line for line in table.splitlines() if line.startswith(("| gan |", "| hinge |"))]
    assert len(rows) == 2 and "missing" not in table and "steps 20" in table
    with Image.open(tmp_path / "ring8.png") as image:
        assert image.width > 200
    samples = [np.load(path)["samples"] for path in (tmp_path / "samples").iterdir()]
    assert [(x.shape, x.dtype) for x in samples] == [((2500, 2), np.float32)] * 2

    # A process that was killed while it wrote.
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"key": {"gan_type"')
    mixtures.main(arguments(tmp_path))
    again = capsys.readouterr()
    assert ": trained" not in again.out and "line 3: no result, ignored" in again.err
    assert (tmp_path / "table.md").read_text() == table

    # Another setting has no results yet.
    mixtures.main(arguments(tmp_path, "--steps=40", "--table_only"))
    assert (tmp_path / "table.md").read_text().count("(1 of 1 missing)") == 2


@pytest.mark.slow
def test_several_processes(tmp_path):
    process = subprocess.Popen(
        ["python", "benchmarks/mixtures.py", *arguments(tmp_path, "--jobs=2")],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    result = finish(process)
    assert result.code == 0, result.err
    assert result.out.count(": trained") == 2


def test_conditional_recipes_are_left_out(script):
    args = script("mixtures").parse_arguments([])
    conditional = set(gan_types.names()) - set(args.gan_types)
    assert {"cgan", "acgan", "infogan"} <= conditional
    assert {"gan", "wgan-gp", "r1gan"} <= set(args.gan_types)


def test_a_setting_changes_optimisers_and_penalties(script):
    training = script("parts.mixture_training")
    setting = training.Setting(
        steps=100,
        width=8,
        learning_rate=1e-3,
        adam=(0.0, 0.98),
        learning_rate_end=0.1,
        gamma=2.0,
        gamma_end=0.25,
    )

    def build(name):
        return training.build_gan(gan_types.get(name), setting, (2,), seed=0)

    gan = build("wgan-gp")
    assert (gan.d_optimizer.beta_1, gan.d_optimizer.beta_2) == (0.0, 0.98)
    # Schedules count updates: wgan-gp has 5 of the discriminator per step.
    for optimizer, updates in ((gan.g_optimizer, 100), (gan.d_optimizer, 500)):
        ends = [float(optimizer._learning_rate(step)) for step in (0, updates)]
        np.testing.assert_allclose(ends, [1e-3, 1e-4], rtol=1e-5)
        assert float(optimizer._learning_rate(updates - 10)) > 1.0001e-4
    # Its own target is a slope of 1, whatever the data; the zero-centred ones are given theirs.
    assert gan.objective.penalties[0].weight == 10
    (penalty,) = build("r1gan").objective.penalties
    weights = [float(schedules.at(penalty.weight, step)) for step in (0, 50, 100)]
    np.testing.assert_allclose(weights, [2.0, 1.0, 0.5], rtol=1e-5)
    assert penalty.every == 16
