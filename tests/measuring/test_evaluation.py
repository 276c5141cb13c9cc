"""What stands in the table and in the file, so that a number can be compared."""

import json

import numpy as np
import pytest

from tfgan_losses.extractors import Pixels
from tfgan_losses.measuring import Measurement
from tfgan_losses.measuring.evaluation import Evaluation
from tfgan_losses.metrics import Estimate, FeatureSet, Frechet


def evaluation(estimates=None, generated=50, real=100):
    features = np.random.default_rng(0).normal(size=(real, 2)).astype(np.float32)
    measurement = Measurement([Frechet()], Pixels((2,)), FeatureSet(features), generated, 7)
    return Evaluation(
        measurement,
        estimates or {"frechet[points]": Estimate(1.25, 0.5)},
        example_shape=(2,),
        generated={"kind": "run", "path": "runs/a", "step": 3, "sha256": "ab"},
        real={"name": "ring8", "split": "train"},
        command="python -m tfgan_losses evaluate --run=runs/a",
    )


def test_the_table():
    assert evaluation().table().splitlines() == [
        "                 value  standard error  95 % interval  better",
        "frechet[points]  1.25   0.5             0.27 to 2.23   lower",
    ]
    assert "not known" in evaluation({"frechet[points]": Estimate(1.25)}).table()


def test_few_examples_are_noted():
    assert evaluation(generated=3).notes() == []
    (note,) = evaluation(generated=2).notes()
    assert note.startswith("frechet: 2 examples are too few for 2 features")
    assert f"note: {note}" in evaluation(generated=2).table()


def test_the_file_says_what_another_number_needs(tmp_path):
    path = tmp_path / "a.json"
    evaluation().write(path)
    found = json.loads(path.read_text())
    assert found["numbers"] == {"frechet[points]": 1.25, "frechet[points]_error": 0.5}
    assert found["intervals"]["frechet[points]"] == pytest.approx([0.270018, 2.229982])
    assert found["better"] == {"frechet[points]": "lower"} and found["seed"] == 7
    assert found["extractor"] == {"name": "points", **Pixels((2,)).facts()}
    assert found["quantisation"] == "none: float32"
    assert (found["generated"]["count"], found["real"]["count"]) == (50, 100)
    assert found["metrics"] == [repr(Frechet())]
    assert set(found["versions"]) >= {"python", "tensorflow", "keras", "numpy"}
    assert "cores" in found["machine"] and found["date"].endswith("+00:00")
    assert found["command"].endswith("evaluate --run=runs/a")


def test_a_number_that_is_none_is_null_in_the_file(tmp_path):
    of_nan = evaluation({"frechet[points]": Estimate(float("nan"), float("inf"))})
    of_nan.write(tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text(), parse_constant=pytest.fail)
    assert found["numbers"] == {"frechet[points]": None, "frechet[points]_error": None}
    assert found["notes"] == ["frechet[points]: the value is nan."]
