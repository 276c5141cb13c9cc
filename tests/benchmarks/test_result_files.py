import dataclasses
import json

import pytest


@pytest.fixture
def result_files(script):
    return script("parts.result_files")


@pytest.fixture
def train_missing(script):
    return script("parts.trainings").train_missing


def key(name, **changes):
    return {"gan_type": name, "dataset": "points", "seed": 0, "recipe": {"steps": 5}, **changes}


def train(key):
    if key["gan_type"] == "wild":
        raise FloatingPointError("d_loss is nan")
    if key["gan_type"] == "broken":
        raise TypeError("no such argument")
    return {"modes": key["seed"] + 3}


def test_only_what_is_missing_is_trained(result_files, train_missing, tmp_path, capsys):
    path = tmp_path / "new" / "results.jsonl"
    keys = [key("good"), key("wild"), key("broken")]
    train_missing(result_files.ResultFile(path), keys, train, jobs=1)
    assert "[2/3] wild, points, seed 0: diverged" in capsys.readouterr().out
    file = result_files.ResultFile(path)
    assert [file.get(k)["outcome"] for k in keys] == ["trained", "diverged", "failed"]
    assert file.get(keys[0])["modes"] == 3 and file.get(keys[0])["seconds"] >= 0
    assert file.get(keys[2])["error"] == "TypeError: no such argument"
    # What failed is tried again; another setting and another seed are other trainings.
    more = [*keys, key("good", seed=1), key("good", recipe={"steps": 6})]
    trained = []
    train_missing(file, more, lambda k: trained.append(k) or {}, jobs=1)
    assert trained == more[2:]


def test_broken_lines_are_ignored(result_files, tmp_path, capsys):
    path = tmp_path / "results.jsonl"
    whole = json.dumps({"key": key("a"), "result": {"outcome": "trained"}})
    path.write_text(f'{whole}\n[]\n{{"key": 1}}\n{whole[:20]}')
    file = result_files.ResultFile(path)
    assert file.get(key("a")) == {"outcome": "trained"}
    assert capsys.readouterr().err.count(": no result") == 3
    # The half line at the end does not spoil the one that comes after it.
    file.append(key("b"), {"outcome": "diverged"})
    assert result_files.ResultFile(path).get(key("b")) == {"outcome": "diverged"}


def test_a_new_field_that_is_none_leaves_the_key_as_it_is(result_files):
    @dataclasses.dataclass
    class Recipe:
        name: str
        citation: str
        pair: tuple[int, int] = (1, 2)
        condition: str | None = None

    assert result_files.plain(Recipe("a", "A paper")) == {"name": "a", "pair": [1, 2]}
