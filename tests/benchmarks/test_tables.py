import pytest


@pytest.fixture
def tables(script):
    return script("parts.tables")


def test_means_with_standard_errors(tables):
    # Standard deviation 1 of 3 values, divided by sqrt(3).
    assert tables.with_error([1.0, 2.0, 3.0], 2) == "2.00 ± 0.58"
    assert tables.with_error([1.0, float("nan")], 1) == "1.0"
    assert tables.with_error([], 1) == "-"


def test_trainings_without_samples_are_named_and_do_not_count(tables):
    results = [
        {"outcome": "trained", "modes": 7, "high_quality": 50.0},
        {"outcome": "diverged", "error": "d_loss is nan"},
        {"outcome": "trained", "modes": 8, "high_quality": 50.0},
        None,
        None,
    ]
    columns = {"modes": 1, "high_quality": 0}
    assert tables.cells(results, columns) == [
        "7.5 ± 0.5 (1 of 5 diverged) (2 of 5 missing)",
        "50 ± 0",
    ]
    assert tables.cells([None], columns) == ["- (1 of 1 missing)", "-"]


def test_header_names_command_days_machine_and_settings(script, tables, tmp_path, monkeypatch):
    file = script("parts.result_files").ResultFile(tmp_path / "results.jsonl")
    monkeypatch.setattr("sys.argv", ["/home/me/benchmarks/mixtures.py", "--seeds=0, 1"])
    keys = [{"seed": seed} for seed in range(3)]
    settings = {"steps": 5, "width": None, "adam": [0.0, 0.99]}
    assert "`, nothing trained, TensorFlow " in tables.header(settings, keys, file)
    file.append(keys[1], {"outcome": "trained", "date": "2026-11-23"})
    assert "`, 2026-11-23, TensorFlow " in tables.header(settings, keys, file)
    file.append(keys[0], {"outcome": "diverged", "date": "2026-11-21"})
    first, empty, last, end = tables.header(settings, keys, file).split("\n")
    assert first.startswith("`python benchmarks/mixtures.py '--seeds=0, 1'`, 2026-11-21 to 2026")
    assert all(name in first for name in ("Keras ", "NumPy ", "TF_ENABLE_ONEDNN_OPTS=", " cores"))
    assert (empty, last, end) == ("", "Settings: steps 5, adam [0.0, 0.99].", "")
