"""`sample` and `evaluate` with truncated latents and standing statistics, as one types them."""

import json

import networks
import numpy as np
import pytest
import runs
from test_after_training import call, refused

from tfgan_losses import datasets
from tfgan_losses.measuring import drawing, opening
from tfgan_losses.measuring.description import quantised
from tfgan_losses.measuring.standing_statistics import with_standing_statistics
from tfgan_losses.truncation import Truncation

pytestmark = pytest.mark.slow
ASKED = ("--truncation=0.5", "--truncation_kind=scaled", "--standing_statistics=2", "--seed=3")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A run whose generator has conditional batch normalisation, one without, and data."""
    path = tmp_path_factory.mktemp("place")
    runs.write(path / "run", networks.recipe_gan("projection"))
    runs.write(path / "plain", networks.recipe_gan("hinge"))
    images = quantised(networks.examples(60))
    np.savez(path / "data.npz", images=images, labels=networks.labels(60))
    return path


def test_samples_are_those_of_python(place, tmp_path):
    run = opening.RunDirectory(place / "run")
    typed = ("--count=5", "--npz", *ASKED, f"--output={tmp_path}/o")
    assert call("sample", f"--run={run.path}", *typed) == 0
    found = datasets.load(f"npz:{tmp_path}/o/samples.npz")
    gan, cut = opening.open_run(run).generator, Truncation(0.5, "scaled")
    standing = with_standing_statistics(gan, 2, seed=3, truncation=cut)
    (expected, labels), *_ = drawing.drawn(standing, 5, seed=3, truncation=cut)
    np.testing.assert_array_equal(found.examples, quantised(expected))
    np.testing.assert_array_equal(found.labels, labels)
    # Each of the two changes something.
    assert not np.array_equal(found.examples, quantised(gan.generate(5, seed=3, truncation=cut)))
    assert not np.array_equal(found.examples, quantised(gan.generate(5, seed=3)))


def test_an_evaluation_says_what_was_asked(place, tmp_path, capsys):
    flags = (f"--dataset=npz:{place / 'data.npz'}", "--extractor=pixels", "--metrics=frechet")
    numbers = []
    for name, asked in (("a", ()), ("b", ASKED), ("c", ASKED)):
        typed = (*flags, *asked, "--samples=50", f"--output={tmp_path}/{name}.json")
        assert call("evaluate", f"--run={place / 'run'}", *typed) == 0
        numbers.append(json.loads((tmp_path / f"{name}.json").read_text()))
    plain, asked, again = numbers
    assert asked["numbers"] == again["numbers"] != plain["numbers"]
    assert "truncation" not in plain["generated"]
    assert asked["generated"]["truncation"] == "scaled(0.5)"
    assert asked["generated"]["standing_statistics"] == 2
    assert ", step 2, latents scaled(0.5), statistics of 2 batches: 50" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "flags", "message"),
    [
        ("sample", ("--run={at}/plain", "--standing_statistics=2"),
         "with batch normalisation for statistics of its batches"),
        ("sample", ("--run={at}/run", "--standing_statistics=0"), "not a positive integer"),
        ("sample", ("--run={at}/run", "--truncation_kind=scaled"),
         "Expected it with --truncation=<number>"),
        ("sample", ("--run={at}/run", "--truncation=1", "--truncation_kind=cut"),
         "Expected one of resampled, scaled"),
        ("evaluate", ("--generator={at}/data.npz", "--truncation=0.5"),
         "Expected --truncation for a generator. Received: --truncation with --generator="),
        ("evaluate", ("--generator={at}/data.npz", "--standing_statistics=2"),
         "Expected --standing_statistics for a generator"),
        ("evaluate", ("--generator={at}/run/generator", "--standing_statistics=2"),
         "Expected the networks of a run for statistics of their batches"),
    ],
)  # fmt: skip
def test_what_is_refused(name, flags, message, place, tmp_path):
    given = [flag.format(at=place) for flag in flags]
    if name == "evaluate":
        given.append(f"--dataset=npz:{place / 'data.npz'}")
    assert message in refused(name, *given, f"--output={tmp_path}/o")
