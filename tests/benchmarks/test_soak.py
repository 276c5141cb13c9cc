import csv
import itertools

import pytest
from commands import data_dir


@pytest.fixture
def soak(script):
    return script("soak")


@pytest.fixture
def memory(script):
    return script("parts.memory")


def samples(memory, resident, *, seconds=30):
    """One sample every `seconds`, 2 steps a second at first and 1 in the second half."""
    steps = [0]
    for number in range(1, len(resident)):
        steps.append(steps[-1] + seconds * (2 if number <= len(resident) // 2 else 1))
    return [
        memory.Sample(seconds * i, steps[i], mebibytes, mebibytes / 2, 9, 4)
        for i, mebibytes in enumerate(resident)
    ]


def test_flat_memory(memory):
    verdict = memory.judge(samples(memory, [100, 300, 500, 900] + [1000] * 9), settle=120)
    assert verdict.flat and verdict.growth == 0 and verdict.slope == pytest.approx(0, abs=1e-6)
    assert verdict.settled == verdict.last == verdict.highest == 1000
    # 12 intervals of 30 s, 6 with 60 steps and 6 with 30.
    assert verdict.steps == 540
    assert (verdict.first_rate, verdict.last_rate) == pytest.approx((2, 1))


def test_a_leak_has_a_slope(memory):
    # 1 MiB in 30 s are 120 in an hour; after 120 s it grows from 1004 to 1064.
    verdict = memory.judge(samples(memory, [1000 + i for i in range(65)]), settle=120)
    assert verdict.slope == pytest.approx(120) and not verdict.flat
    assert verdict.growth == pytest.approx(60 / 1004) and verdict.last == 1064


def test_a_peak_counts_and_less_memory_is_flat(memory):
    assert not memory.judge(samples(memory, [1, 1000, 1051, 1000]), settle=30).flat
    assert memory.judge(samples(memory, [1, 1000, 1050, 1000]), settle=30).flat
    falling = memory.judge(samples(memory, [1, 1000, 900, 800]), settle=30)
    assert falling.flat and falling.growth == 0 and falling.slope < 0


def test_too_short(soak, memory):
    with pytest.raises(ValueError, match="two samples after 120 s"):
        memory.judge(samples(memory, [1000] * 5), settle=120)
    with pytest.raises(SystemExit):
        soak.main(["--minutes=2"])


@pytest.mark.slow
def test_trains_until_the_time_is_over(soak, memory, tmp_path, capsys, monkeypatch):
    # One second per step, however fast the machine.
    monkeypatch.setattr(memory, "_clock", itertools.count().__next__)
    code = soak.main(
        [
            "--minutes=0.15",
            "--settle_minutes=0.05",
            "--measure_every=2",
            "--sample_every=3",
            "--checkpoint_every=3",
            "--log_every=2",
            "--gan_type=hinge",
            "--stream",
            f"--data_dir={data_dir()}",
            f"--output_dir={tmp_path}",
        ]
    )
    out = capsys.readouterr().out
    assert "9 steps, 1.00 a second" in out and "4 pictures, 3 checkpoints." in out
    assert code == ("NOT FLAT" in out)
    with (tmp_path / "memory.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["steps"]) for row in rows] == [1, 3, 5, 7, 9]
    assert float(rows[-1]["resident"]) > 100 and int(rows[-1]["threads"]) > 1
    assert (tmp_path / "memory.png").exists()
