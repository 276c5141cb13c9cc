import numpy as np
import pytest
from commands import data_dir


@pytest.fixture
def small_data(script):
    return script("small_data")


@pytest.fixture
def training(script):
    return script("parts.small_data_training")


def results_of(distances):
    return [
        {"outcome": "trained", "distance": x, "gap": 50.0, "memorised": 20.0, "seconds": 3.0}
        for x in distances
    ]


def test_bold_is_another_distance_than_that_of_none(small_data):
    usual = results_of([20.0, 21.0, 22.0])
    assert small_data.method_cells(usual, usual) == ["21.0 ± 0.6", "50 ± 0", "20 ± 0"]
    assert small_data.method_cells(results_of([10.0, 11.0, 12.0]), usual)[0] == "**11.0 ± 0.6**"
    assert small_data.method_cells(results_of([18.0, 20.0, 22.0]), usual)[0] == "20.0 ± 1.2"
    # Of one seed nobody knows.
    assert small_data.method_cells(results_of([10.0]), usual)[0] == "10.0"


def test_a_table_of_stored_results(small_data, script, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["benchmarks/small_data.py"])
    args = small_data.parse_arguments(
        ["--methods=none,lecam", "--sizes=100,all", f"--output_dir={tmp_path}"]
    )
    setting = small_data.Setting()
    keys = small_data.all_keys(args, setting)
    assert len(keys) == 2 * 2 * 3
    file = script("parts.result_files").ResultFile(tmp_path / "results.jsonl")
    for key in keys:
        if key["gan_type"] == "none":
            value = key["seed"] + (100.0 if key["size"] else 0.0)
            file.append(key, {**results_of([value])[0], "date": "2026-11-27"})
    real = {"copies": {"distance": 13.72, "memorised": 100.0}}
    references = {size: real for size in args.sizes}
    table = small_data.table(args, setting, keys, file, references)
    assert "steps 4000" in table and "2026-11-27, TensorFlow" in table
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert rows == [
        "| method | 100: FD | 100: D gap, % | 100: memorised, % | all: FD | all: D gap, % | "
        "all: memorised, % | s per run |",
        "| *copies* | 13.7 |  | 100 | 13.7 |  | 100 | |",
        "| none | 101.0 ± 0.6 | 50 ± 0 | 20 ± 0 | 1.0 ± 0.6 | 50 ± 0 | 20 ± 0 | 3 |",
        "| lecam | - (3 of 3 missing) | - | - | - (3 of 3 missing) | - | - | - |",
    ]


def test_what_decides_a_result_is_in_its_key(small_data):
    def keys(*arguments):
        args = small_data.parse_arguments(["--methods=none", "--sizes=100", *arguments])
        setting = small_data.tables.changed(small_data.Setting(), args)
        return [str(key) for key in small_data.all_keys(args, setting)]

    usual = keys("--seeds=0")
    assert keys("--seeds=0,1")[0] == usual[0]
    others = [keys("--seeds=1"), keys("--seeds=0", "--steps=7"), keys("--seeds=0", "--sizes=300")]
    assert all(other != usual for other in others)


def test_unknown_methods_are_refused(small_data, capsys):
    with pytest.raises(SystemExit):
        small_data.parse_arguments(["--methods=none,lecan"])
    assert "Received: methods=['lecan']" in capsys.readouterr().err


def test_every_method_is_one_of_the_library(script):
    from tfgan_losses import augmentations, penalties

    methods = script("parts.small_data_methods").METHODS
    for method in methods.values():
        for spec in (*method.recipe.augmentation, *method.recipe.penalties):
            assert augmentations.get_all([spec]) if method.augmentation else penalties.get(spec)
    assert methods["none"].flags == ""
    assert methods["lecam"].flags == "--penalties='lecam(weight=0.3)'"
    assert methods["mirror"].flags == "--mirror"


def test_held_out_digits_are_in_no_training_set(training):
    sets = [training.data(size, data_dir()) for size in (100, 300, None)]
    assert [len(x.training) for x in sets] == [100, 300, 1397]
    assert all(len(x.held_out) == 400 for x in sets)
    np.testing.assert_array_equal(sets[0].training, sets[2].training[:100])
    # All digits, each once.
    everything = np.concatenate([sets[2].training, sets[2].held_out])
    assert everything.shape == (1797, 8, 8, 1)
    from sklearn.datasets import load_digits

    np.testing.assert_allclose(
        np.sort(everything.sum(axis=(1, 2, 3))),
        np.sort((2 * np.round(load_digits().images * (255 / 16)) / 255 - 1).sum(axis=(1, 2))),
        atol=1e-3,
    )
    for size in (1, 1398):
        with pytest.raises(ValueError, match=f"size from 2 to 1397. Received: size={size}"):
            training.data(size, data_dir())


def test_the_gap_is_where_held_out_images_are(training):
    assert training.gap(2.0, 2.0, -2.0) == 0.0
    assert training.gap(2.0, -2.0, -2.0) == 1.0
    assert training.gap(3.0, 2.0, -1.0) == 0.25
    assert np.isnan(training.gap(-1.0, 0.0, 0.0))


def test_batches_go_through_all_images_before_any_comes_again(training):
    examples = np.arange(10, dtype=np.float32).reshape([10, 1, 1, 1])

    def first(seed):
        batches = training._batches(examples, 4, seed)
        return np.concatenate([x.numpy().ravel() for x in batches.take(5)])

    values = first(0)
    for part in np.split(values, 2):
        np.testing.assert_array_equal(np.sort(part), np.arange(10))
    np.testing.assert_array_equal(first(0), values)
    assert not np.array_equal(first(1), values)


@pytest.mark.slow
def test_trains_once_and_writes_a_table(small_data, script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script("parts.digit_judge"), "_EPOCHS", 2)
    arguments = ["--quick", "--methods=none,mirror", "--sizes=100", "--seeds=0", "--jobs=1"]
    arguments += [f"--data_dir={data_dir()}", f"--output_dir={tmp_path}"]
    small_data.main(arguments)
    assert capsys.readouterr().out.count(": trained") == 2
    table = (tmp_path / "table-batch.md").read_text()
    small_data.main(arguments)
    assert ": trained" not in capsys.readouterr().out and "missing" not in table
    assert (tmp_path / "table-batch.md").read_text() == table
