import pytest


@pytest.fixture
def network_table(script):
    return script("network_table")


def test_a_table_of_stored_results(network_table, script, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["benchmarks/network_table.py"])
    args = network_table.parse_arguments(
        ["--methods=wgan-gp,r3gan", "--seeds=0,1", f"--output_dir={tmp_path}"]
    )
    setting = network_table.Setting()
    keys = network_table.all_keys(args, setting)
    assert len(keys) == 2 * 2
    file = script("parts.result_files").ResultFile(tmp_path / "results.jsonl")
    measured = {"right": float("nan"), "steps": 900, "minutes": 8.1}
    measured |= {"g_parameters": 12345, "d_parameters": 678, "outcome": "trained"}
    for key in keys:
        if key["gan_type"] == "r3gan":
            file.append(key, {**measured, "distance": key["seed"] + 3.0, "date": "2026-11-27"})
    table = network_table.table(args, setting, keys, file, accuracy=0.981)
    assert "minutes 8.0" in table and "right about 98.1 % of real ones" in table
    assert [line for line in table.splitlines() if line.startswith("| ")] == [
        "| network | width | FD | right, % | steps | minutes | parameters, G + D |",
        "| wgan-gp | 32 | - (2 of 2 missing) | - | - | - | - |",
        "| r3gan | 32 | 3.50 ± 0.50 | - | 900 ± 0 | 8.1 ± 0.0 | 12,345 + 678 |",
    ]


def test_unknown_methods(network_table, capsys):
    with pytest.raises(SystemExit):
        network_table.parse_arguments(["--methods=wgan"])
    assert "Expected methods among wgan-gp, r3gan" in capsys.readouterr().err


def test_a_method_changes_the_recipe(script):
    method = script("parts.network_methods").Method(
        gan_type="infogan", model="dcgan", width=8, learning_rate=1e-4, ema_decay=0.9, auxiliary=()
    )
    assert method.recipe.ema_decay == 0.9
    assert method.recipe.auxiliary == ()
    # Of both networks.
    assert method.recipe.optimizer[1]["learning_rate"] == 1e-4
    assert method.recipe.g_learning_rate is None
