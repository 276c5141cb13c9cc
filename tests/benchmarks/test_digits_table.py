import numpy as np
import pytest
from commands import data_dir
from PIL import Image


@pytest.mark.slow
def test_trains_once_and_writes_a_table_and_a_picture(script, tmp_path, monkeypatch, capsys):
    digits, judge = script("digits"), script("parts.digit_judge")
    monkeypatch.setattr(judge, "_EPOCHS", 2)
    arguments = [
        "--quick",
        "--gan_types=gan",
        "--jobs=1",
        f"--data_dir={data_dir()}",
        f"--output_dir={tmp_path}",
    ]
    digits.main(arguments)
    assert capsys.readouterr().out.count(": trained") == 1
    table = (tmp_path / "table.md").read_text()
    (row,) = [line for line in table.splitlines() if line.startswith("| gan |")]
    assert "missing" not in table
    # Far from the real digits after 20 steps of a tiny network, unlike half of them.
    floor = float(table.split("to the other: ")[1].split(".\n")[0])
    assert float(row.split("|")[2]) > 10 * floor
    with Image.open(tmp_path / "digits.png") as image:
        assert image.width > 500
    digits.main(arguments)
    assert ": trained" not in capsys.readouterr().out
    assert (tmp_path / "table.md").read_text() == table


@pytest.mark.slow
def test_the_judge_is_kept_and_knows_digits(script, tmp_path):
    digit_judge = script("parts.digit_judge")
    path = tmp_path / "judge.keras"
    first = digit_judge.load(path, data_dir())
    digit_judge.load.cache_clear()
    second = digit_judge.load(path, data_dir())
    assert first.accuracies["SVM"] > 0.98 and first.accuracies["network"] > 0.95
    np.testing.assert_allclose(first.class_shares(first.examples), 0.1, atol=0.005)
    assert first.distance(first.examples) < 1e-3 < first.floor() < 5
    assert second.floor() == first.floor()
    noise = np.random.default_rng(0).uniform(-1, 1, [200, 8, 8, 1])
    assert first.distance(noise) > 100 * first.floor()
