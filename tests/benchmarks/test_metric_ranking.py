"""What is done to digits, and the table of what metrics say of it. The networks are not trained."""

import numpy as np
import pytest

from tfgan_losses.metrics import Estimate, FeatureSet

FLOOR = "fresh data"


@pytest.fixture
def degradations(script):
    return script("parts.degradations")


@pytest.fixture
def ranking(script):
    return script("metric_ranking")


def digits(degradations, seed, count=40):
    rng = np.random.default_rng(seed)
    images = rng.uniform(-1, 1, size=[count, 8, 8, 1]).astype(np.float32)
    return degradations.Digits(images, np.arange(count) % 10)


def test_degradations(degradations):
    training, fresh = digits(degradations, 0), digits(degradations, 1)
    found = degradations.degraded(training, fresh, seed=0)
    assert found[FLOOR] is fresh and found["copies of the training set"] is training
    for thing, (images, labels) in found.items():
        assert images.shape[1:] == (8, 8, 1) and len(images) == len(labels), thing
        assert np.abs(images).max() <= 1, thing
    moved = [
        np.abs(found[name].images - fresh.images).mean()
        for name in ("noise of 0.1", "noise of 0.3", "blur of 0.5 pixels", "blur of 1 pixel")
    ]
    assert 0 < moved[0] < moved[1] and 0 < moved[2] < moved[3]
    blocks = found["pixels of 2 x 2"].images
    np.testing.assert_array_equal(blocks[:, ::2, ::2], blocks[:, 1::2, 1::2])
    np.testing.assert_allclose(blocks.mean(), fresh.images.mean(), atol=1e-6)
    assert set(found["5 of 10 classes"].labels) == set(range(5))
    assert len(np.unique(found["1 picture per class"].images, axis=0)) == 10


def test_what_a_metric_sees(ranking):
    estimates = {FLOOR: Estimate(1.0, 0.3), "near": Estimate(1.9, 0.4), "far": Estimate(2.1, 0.4)}
    row = ranking.Row("number", "min", estimates)
    assert [row.sees(thing) for thing in estimates] == [False, False, True]
    assert not any(ranking.Row("number", "max", estimates).sees(thing) for thing in estimates)
    without_error = ranking.Row("number", "max", {FLOOR: Estimate(5.0), "spoilt": Estimate(4.9)})
    assert without_error.sees("spoilt") and not without_error.sees(FLOOR)


def test_table(ranking, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    rng = np.random.default_rng(0)
    real = FeatureSet(rng.normal(size=[50, 3]), labels=np.zeros(50, int))
    sets = {
        FLOOR: FeatureSet(rng.normal(size=[50, 3]), labels=np.zeros(50, int)),
        "spoilt": FeatureSet(rng.normal(size=[50, 3]) + 9, labels=np.ones(50, int)),
    }
    names = ["frechet", "mixture", "class_frechet"]
    rows, skipped = ranking.measure(names, real, sets)
    assert [row.name for row in rows] == ["frechet", "class_frechet"]
    assert list(skipped) == ["mixture", "class_frechet, spoilt"]
    lines = ranking.table({"seed": 0}, list(sets), rows, skipped).splitlines()
    row = next(line for line in lines if line.startswith("| frechet | min |"))
    assert "| **2" in row and row.count("**") == 2
    row = next(line for line in lines if line.startswith("| class_frechet"))
    assert row.endswith("|  |")
    assert sum(line.startswith("Not measured: ") for line in lines) == 2


def test_a_page_keeps_what_stands_around_its_table(ranking, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- ranking -->\nold\n<!-- /ranking -->\nbelow\n")
    monkeypatch.setattr(ranking, "_PAGE", page)
    for text in ("new\n", "newer\n"):
        ranking.write(text)
        assert page.read_text() == f"above\n<!-- ranking -->\n{text}<!-- /ranking -->\nbelow\n"


def test_passes_over_the_training_set(ranking, degradations):
    few = ranking.repeated(digits(degradations, 0, 10), 25, seed=0)
    assert len(few.labels) == 25
    for start in (0, 10):
        assert sorted(few.labels[start : start + 10]) == list(range(10))
    assert not np.array_equal(few.labels[:10], few.labels[10:20])


@pytest.mark.parametrize("names", ["frechet", "frechet,mixture"])
def test_options(ranking, names):
    args = ranking.parse_arguments([f"--metrics={names}", "--early=3"])
    assert args.metrics == names.split(",") and args.early == 3 and not args.write
