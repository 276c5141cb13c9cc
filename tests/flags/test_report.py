"""What a person reads before a training, of sources and recipes of all kinds."""

import types
from pathlib import Path

import pytest
from tfgan_losses.flags import (
    command_line,
    definitions,
    report,
    report_layout,
    report_objective,
    setting,
)

from tfgan_losses import models
from tfgan_losses.run_files import disk_space

ALL = tuple(definitions.GROUPS)


def source(**attributes):
    """Any object that training takes; what reports may ask for need not be there."""
    given = {"name": "mine", "example_shape": (2,), "size": None, "num_classes": None}
    return types.SimpleNamespace(**{**given, **attributes})


def lines(data, *typed, space=None):
    """The report as {key: text}; what a line is folded into is one text again."""
    flags = command_line.parse(ALL, typed)
    recipe = setting.resolve_recipe(flags)
    gan = setting.build_gan(flags, recipe, data)
    directory = types.SimpleNamespace(path=Path("runs/my run"))
    evaluation = setting.keeping(flags, data).evaluation(gan, data, steps=flags.steps)
    text = report.resolved_setting(flags, recipe, gan, data, directory, evaluation, space)
    assert max(map(len, text.splitlines())) <= 100
    found, last = {}, ""
    for line in text.splitlines():
        key, value = line[:12].strip(": "), line[12:]
        last = key or last
        found[last] = f"{found[last]} {value}" if last in found else value
    return found


def test_a_source_of_ones_own_needs_nothing():
    found = lines(source(), "--gan_type=hinge", "--width=4")
    assert found["data"] == "mine, unlimited examples of shape (2,)"
    assert not {"images", "left out", "classes", "condition", "schedules"} & set(found)
    assert found["output"] == "runs/my run"
    assert list(found) == ["gan_type", "objective", "data", "networks", "optimisers", "training",
                           "machine", "measuring", "results", "time", "output"]  # fmt: skip


def test_generator_updates_are_told_where_a_step_has_several():
    typed = ("--gan_type=hinge", "--width=4", "--seed=1")
    assert lines(source(), *typed)["training"].endswith("examples, ema_decay 0.999, seed 1")
    told = lines(source(), *typed, "--g_steps=2")["training"]
    assert "examples, 2 generator updates each, ema_decay" in told
    table = report_objective.table_of_gan_types()
    assert "3 discriminator updates and 3 generator updates per step" in table
    assert "5 discriminator updates per step" in table


def test_weights_that_are_made_of_the_size_of_images_and_batches():
    typed = ("--gan_type=hinge", "--width=4", "--model=mlp", "--d_normalization=none")
    typed += ("--batch_size=32", "--d_steps=2")
    data = source(example_shape=(8, 8, 1))
    found = lines(data, *typed, "--penalties=r1(weight=auto, every=16), r2(weight=auto)")
    rule = "(auto: 0.0002 * 64 pixels / 32 examples)"
    assert found["weights"] == f"0.0004 of r1 {rule}, 0.0004 of r2 {rule}"
    assert "weights" not in lines(data, *typed, "--penalties=r1(weight=0.1)")


def test_what_is_measured():
    shape = {"example_shape": (8, 8, 1)}
    typed = ("--gan_type=hinge", "--width=4", "--model=mlp")
    for data, more, said in (
        (
            source(),
            (),
            "frechet[points] of 500 samples against 2,000 real examples, every 250 steps",
        ),
        (source(size=9), ("--eval_every=100",), "against 9 real examples, every 100 steps"),
        (
            source(),
            ("--steps=1000", "--eval_samples=9"),
            "of 9 samples against 2,000 real examples,",
        ),
        (source(), ("--steps=1000",), "every 100 steps and at the end"),
        (source(), ("--steps=7", "--log_every=10"), "every 10 steps and at the end"),
    ):
        assert said in lines(data, *typed, *more)["measuring"]
    found = lines(source(), *typed, "--metrics=")
    assert "measuring" not in found and "best_generator" not in found["results"]
    found = lines(source(**shape), "--gan_type=hinge", "--width=4", "--monitor=frechet")
    assert found["measuring"].startswith("frechet[pixels] of")
    assert "best_generator/ and generator/ at the end" in found["results"]


def test_what_a_source_knows_of_itself():
    data = source(
        num_classes=3,
        class_names=("cat", "1", "dog"),
        counts=(50, 0, 1234),
        size=1284,
        left_out={".tif": 90, "unreadable": 2},
        preparation="centre squares of several sizes to 64x64; RGB",
    )
    found = lines(data, "--gan_type=cgan", "--width=4")
    assert found["data"] == "mine, 1,284 examples of shape (2,)"
    assert found["images"] == "centre squares of several sizes to 64x64; RGB"
    assert found["left out"] == "90 .tif, 2 unreadable"
    assert found["classes"] == "3: 0 cat (50), 1 (0), 2 dog (1,234); without examples: 1"


@pytest.mark.parametrize("named", [True, False])
def test_a_long_list_of_classes_is_shortened(named):
    names = tuple(f"kind {number} of a very long name" for number in range(1000))
    data = source(num_classes=1000, class_names=names if named else None)
    text = lines(data, "--gan_type=hinge", "--width=4")["classes"]
    assert text.startswith("1000: 0 kind 0 of a very long..., 1 " if named else "1000: 0, 1, 2, ")
    assert text.endswith("..., 999 kind 999 of a very lo..." if named else ", 10, ..., 999")
    assert text.count(",") == 12


def test_networks_with_width_and_normalisation():
    image = source(example_shape=(32, 32, 3))
    typed = ("--gan_type=wgan-gp", "--model=resnet")
    found = lines(image, *typed)["networks"]
    assert found.startswith("resnet, G ") and found.endswith(", latent_dim 128")
    assert "(width 256, batch normalisation)" in found
    assert "(width 128, layer normalisation)" in found
    assert lines(image, *typed, "--width=8")["networks"].count("(width 8, ") == 2
    found = lines(source(), "--gan_type=sngan")["networks"]
    assert found.startswith("mlp, G ") and "(width 256, no normalisation)" in found
    assert "(width 256, spectral normalisation)" in found


def test_schedules_with_start_and_end():
    image = source(example_shape=(8, 8, 1))
    found = lines(image, "--gan_type=r3gan", "--width=8", "--steps=100")["schedules"]
    for course in ("G learning_rate 0.0002 to 5e-05", "D beta_2 0.9 to 0.99",
                   "weight of r1 0.05 to 0.005", "ema_decay 0.000977 to 0.973"):  # fmt: skip
        assert course in found
    found = lines(source(), "--gan_type=hinge", "--learning_rate_decay=linear")["schedules"]
    assert found == "G learning_rate 0.0002 to 0, D learning_rate 0.0002 to 0"


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (20, 40), (300, 100)])
def test_lines_are_folded_to_the_terminal(monkeypatch, columns, widest):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = report_layout._in_lines("classes", "one two three " * 50).splitlines()
    assert widest - 8 < max(map(len, lines)) <= widest
    # A path can be copied as it is.
    path = f"runs/{'a' * 80}/b c"
    assert report_layout._in_lines("output", path) == f"output:     {path}"


def test_what_will_be_taken_of_the_disk(monkeypatch):
    monkeypatch.setattr(disk_space, "free", lambda path: 34.5e9)
    space = disk_space.DiskSpace(checkpoints=8e6, models=2.5e6, pictures=400)
    assert lines(source(), "--gan_type=hinge", "--width=4", space=space)["disk"] == (
        "about 11 MB (checkpoints 8.0 MB, models 2.5 MB, pictures and tables 0.0 MB), "
        "of 34 GB that are free"
    )


def test_what_is_known_of_the_time():
    found = lines(source(), "--gan_type=hinge", "--width=4", "--steps=12000")["time"]
    assert found == (
        "after 50 steps, or 20 s of them, a line says how many hours all 12,000 take, and until "
        "when"
    )


def test_when_results_come():
    typed = ("--log_every=7", "--sample_every=11", "--checkpoint_every=13")
    found = lines(source(), "--gan_type=hinge", "--width=4", *typed)["results"]
    assert found.startswith("metrics.csv and logs/ every 7 steps, samples/ every 11, checkpoints/")
    assert "every 13" in found


@pytest.mark.parametrize(
    ("family", "shape", "widths"),
    [("mlp", (2,), (256, 256)), ("deep_mlp", (2,), (64, 64)), ("dcgan", (8, 8, 1), (32, 32)),
     ("dcgan", (16, 16, 1), (64, 64)), ("r3gan", (8, 8, 1), (32, 32)),
     ("r3gan", (32, 32, 1), (64, 64)), ("resnet", (48, 48, 3), (64, 64))],
)  # fmt: skip
def test_default_widths_are_those_of_the_networks(family, shape, widths):
    assert models.default_widths(family, shape) == widths
    g_width, d_width = widths
    options = {"example_shape": shape, "normalization": "none"}
    for build, width, more in (
        (models.build_generator, g_width, {"latent_dim": 3}),
        (models.build_discriminator, d_width, {}),
    ):
        left_open = build(family, **options, **more).count_params()
        assert left_open == build(family, **options, **more, width=width).count_params()
