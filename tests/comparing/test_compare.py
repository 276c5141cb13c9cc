"""A whole comparison: interrupted, gone on with, with a recipe that cannot train on such data."""

import json
import signal
import subprocess
import sys
import time

import commands
import pytest

FLAGS = (
    "--gan_types=gan,cgan,lsgan", "--seeds=2", "--dataset=ring8", "--steps=30", "--model=mlp",
    "--width=8", "--batch_size=8", "--samples=200", "--output=out",
)  # fmt: skip


def start(directory, *flags):
    return subprocess.Popen(
        [sys.executable, "-m", "tfgan_losses", "compare", *FLAGS, *flags],
        cwd=directory,
        env=commands.environment(PYTHONPATH=str(commands.ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process, condition):
    end = time.monotonic() + 200
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(process.communicate())
        time.sleep(0.02)


@pytest.mark.slow
def test_a_comparison_goes_on_where_it_was_ended(tmp_path):
    out = tmp_path / "out"
    # The second training can keep nothing: a file lies where its directory would be.
    (out / "runs").mkdir(parents=True)
    (out / "comparison.json").write_text("{}")
    (out / "runs" / "lsgan-seed0").write_text("in the way")
    process = start(tmp_path)
    third = out / "runs" / "gan-seed1"
    wait_for(process, lambda: (third / "flags.txt").exists())
    process.send_signal(signal.SIGTERM)
    ended = commands.finish(process)
    assert ended.code == 3, ended
    assert "SIGTERM: the running training saves and ends" in ended.err
    assert "cgan is left out: The recipe 'cgan' is conditioned on labels." in ended.out
    assert "[1/4] gan, seed 0: trained in " in ended.out
    assert "[2/4] lsgan, seed 0: failed: " in ended.out
    assert "[3/4] gan, seed 1: interrupted and saved at step " in ended.out
    assert "To go on: python -m tfgan_losses compare --gan_types=gan,cgan,lsgan" in ended.out
    assert not (out / "report.html").exists() and not (out / "lock").exists()

    refused = commands.finish(start(tmp_path, "--width=9"))
    assert refused.code == 1 and "There: --width=8. Received: --width=9." in refused.err

    (out / "runs" / "lsgan-seed0").unlink()
    first = (out / "runs" / "gan-seed0" / "gan.keras").stat().st_mtime_ns
    ended = commands.finish(start(tmp_path))
    assert ended.code == 0, ended
    assert "[1/4] gan, seed 0: finished before" in ended.out
    assert ended.out.count(": trained in ") == 3 and ended.out.count(": measured") == 4
    assert (out / "runs" / "gan-seed0" / "gan.keras").stat().st_mtime_ns == first
    found = json.loads((out / "report.json").read_text())
    assert [run["state"] for run in found["runs"]] == 4 * ["finished"]
    assert [run["cost"]["attempts"] for run in found["runs"]] == [1, 2, 2, 1]
    assert list(found["refused"]) == ["cgan"] and set(found["recipes"]) == {"gan", "lsgan"}
    for run in found["runs"]:
        assert {"modes", "high_quality", "reverse_kl", "frechet[points]"} <= set(run["numbers"])
        assert run["cost"]["milliseconds_per_step"] > 0
        assert run["cost"]["peak_bytes"] > 2**27 and run["cost"]["cpu_seconds"] > 0.5
    assert found["floor"]["modes"] == 8
    text = (out / "report.html").read_text()
    assert text.count('class="points generated"') == 4 and "conditioned on labels" in text
