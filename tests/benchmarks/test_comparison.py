"""What the tables beside PyTorch say, and what is left out when time is short."""

import importlib.util
import re
import subprocess
import sys

import commands
import pytest


@pytest.fixture
def comparison(script):
    return script("parts.comparison")


@pytest.fixture
def tables(script):
    return script("parts.comparison_tables")


@pytest.fixture
def found(comparison, script):
    """Eager PyTorch takes 4 and 3 ms, GAN.fit 2."""
    blocks = {
        "channels_last": [4e-3, 4e-3, 5e-3],
        "contiguous": [3e-3, 2e-3, 6e-3],
        "default": [2e-3, 1e-3, 2e-3],
        "bare": [1.6e-3] * 3,
        "products": [1e-3] * 3,
    }
    timed = {
        column: comparison.Timed(blocks=times, first=1.0, utilisation=0.25)
        for column, times in blocks.items()
    }
    reasons = {"compiled": "RuntimeError: no double backward"}
    setting = script("parts.both_sides").Setting()
    return comparison.Comparison("wgan-gp", setting, 320, 5 * 10**9, timed, reasons)


def test_speed_is_that_beside_the_faster_format(found):
    assert found.eager == "contiguous"
    assert found.speed("default") == pytest.approx(1.5)
    # In the last block channels last was the faster one.
    assert found.range_of_speed("default") == pytest.approx((1.5, 2.5))


def test_details_of_a_recipe(tables, found):
    text = tables.details(found)
    assert "wgan-gp 32 px, width 32, batch 64: 3 rounds, 5 GFLOP a step." in text
    assert "| GAN.fit | 2.00 | 1.50 | 1.50..2.50 | 160000 | 0.250 |  | 1.0 s |" in text
    assert "| PyTorch, torch.compile | - |" in text
    assert "PyTorch, torch.compile: RuntimeError: no double backward." in text
    assert "GAN.fit takes 1.250 of its own step in a bare loop." in text
    assert "Products alone take 0.50 of GAN.fit." in text


def test_the_summary_has_every_column_that_one_line_has(tables, comparison, found):
    columns = {name: found.columns[name] for name in ("channels_last", "contiguous", "default")}
    other = comparison.Comparison("hinge", found.setting, 64, None, columns, {})
    head, _, first, second = tables.summary([found, other]).splitlines()
    assert len({line.count("|") for line in (head, first, second)}) == 1
    assert first.startswith("| wgan-gp 32 px, width 32, batch 64 | 3.0 | 2.0 (1.50) | 1.6 (1.88) |")
    assert second.endswith("| 3.0 | 2.0 (1.50) | - | - | - |")


def test_a_budget_allows_what_was_learnt_to_fit(comparison):
    budget = comparison.Budget(seconds=30.0)
    budget.learn("xla", 10.0)
    assert budget.allows(["xla"], blocks=10.0)
    assert not budget.allows(["xla"], blocks=20.0)
    share = budget.share(2)
    assert not share.allows(["xla"], blocks=10.0)
    share.learn("xla", 1.0)
    assert budget.allows(["xla"], blocks=20.0)
    assert comparison.Budget().allows(["xla", "default"], blocks=1e9)


@pytest.mark.parametrize(
    "asked, steps", [(0.2, 3), (1.0, 3), (7.4, 7), (37.0, 40), (160.0, 200), (1e6, 500)]
)
def test_blocks_have_a_number_of_steps_that_executions_divide(comparison, asked, steps):
    assert comparison._even(asked) == steps


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra [bench]")
def test_the_whole_table_in_small_where_pytorch_is_installed():
    script = str(commands.ROOT / "benchmarks/gpu_table.py")
    flags = ["--tiny", "--rounds=3", "--seconds=0.05", "--columns=bare,products", "--minutes=4"]
    # One thread: on a busy machine those of PyTorch wait for each other for seconds.
    environment = commands.environment(OMP_NUM_THREADS="1")
    result = subprocess.run(
        [sys.executable, script, *flags], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    lines = [
        line for line in result.stdout.splitlines() if re.match(r"\| (wgan|r3gan|hinge)", line)
    ]
    assert len(lines) == 3
    assert all(float(share) > 0.0 for line in lines for share in re.findall(r"\((.+?)\)", line))
